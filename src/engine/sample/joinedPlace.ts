/** Tensors of one place held behind one another, so that the kernels go through all of them at once. */
import type { RawInput } from "../kernels/rawChunk";
import type { HeldTensor } from "./heldSample";
import { REPLICATES } from "./samplePlan";

/** Null where they differ in size, sample or dtype: each is then gone through by itself. */
export function joinTensors(tensors: readonly HeldTensor[]): HeldTensor | null {
  const [first] = tensors;
  if (tensors.length < 2 || !tensors.every((tensor) => !tensor.whole && !tensor.wide && isLike(tensor, first)))
    return null;
  const { entries, elements } = first;
  return {
    ...first,
    elements: elements * tensors.length,
    entries: entries * tensors.length,
    base: joined(tensors.map(({ base }) => base)),
    models: first.models.map((_, t) => joined(tensors.map(({ models }) => models[t]))),
    blocks: [],
  };
}

const isLike = (a: HeldTensor, b: HeldTensor): boolean =>
  a.elements === b.elements &&
  a.entries === b.entries &&
  a.entries % REPLICATES === 0 &&
  a.base.dtype === b.base.dtype &&
  a.models.every(({ dtype }, t) => dtype === b.models[t].dtype);

/** The first replicate of each, then the second of each. */
function joined(inputs: readonly RawInput[]): RawInput {
  const [{ dtype, bytes }] = inputs;
  const all = new Uint8Array(bytes.length * inputs.length);
  const isWords = inputs.every((input) => input.bytes.byteOffset % 4 === 0) && bytes.length % (4 * REPLICATES) === 0;
  const units = (of: Uint8Array): Uint8Array | Uint32Array =>
    isWords ? new Uint32Array(of.buffer, of.byteOffset, of.length / 4) : of;
  const to = units(all);
  const part = units(bytes).length / REPLICATES;
  inputs.forEach((input, place) => {
    const from = units(input.bytes);
    for (let replicate = 0, at = 0; replicate < REPLICATES; replicate++) {
      // Thousands of calls to copy some words each would take longer than the words.
      let next = (replicate * inputs.length + place) * part;
      for (let i = 0; i < part; i++) to[next++] = from[at++];
    }
  });
  return { dtype, bytes: all };
}
