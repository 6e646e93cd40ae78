/** Names of tensors in two parts: networks repeat their layers, so that ten thousand names have few of either. */
import { layerGroup } from "./layerGroup";

export interface NameParts {
  /** Layer groups in the order of their first names, and by name which it is in. */
  groups: string[];
  groupOf: Uint32Array;
  /** What follows the group, such as `.mlp.up_proj.weight`; and by name which it is. */
  rests: string[];
  restOf: Uint32Array;
}

export function partNames(names: readonly string[]): NameParts {
  const groups = new Numbered();
  const rests = new Numbered();
  const groupOf = new Uint32Array(names.length);
  const restOf = new Uint32Array(names.length);
  names.forEach((name, at) => {
    const group = layerGroup(name);
    groupOf[at] = groups.numberOf(group);
    restOf[at] = rests.numberOf(name.slice(group.length));
  });
  return { groups: groups.texts, groupOf, rests: rests.texts, restOf };
}

class Numbered {
  readonly texts: string[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.texts.push(text) - 1;
    this.numbers.set(text, number);
    return number;
  }
}
