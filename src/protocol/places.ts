/** Places of a network: a layer's kind of module, which may be several tensors, such as experts; each tensor outside. */
import { modulePlace } from "./modulePlace";

export interface Places {
  /** By tensor; places are numbered in the order of their first tensors. */
  of: Uint32Array;
  /** Tensors of each place. */
  tensors: number[][];
}

/** @param tensors in the order of the opened set. A place never spans two layer groups. */
export function placesOf(tensors: readonly { name: string; group: string }[]): Places {
  const known = new Map<string, number>();
  const places: Places = { of: new Uint32Array(tensors.length), tensors: [] };
  tensors.forEach(({ name, group }, at) => {
    const { layer, kind } = modulePlace(name);
    const key = layer === "" ? `\n${at}` : `${group}\n${layer}\n${kind}`;
    let place = known.get(key);
    if (place === undefined) {
      place = places.tensors.push([]) - 1;
      known.set(key, place);
    }
    places.of[at] = place;
    places.tensors[place]?.push(at);
  });
  return places;
}
