/** All tensors that are shown by name, those of which nothing is counted among them, in the order for people. */
import { compareNaturally } from "../../src/protocol/naturalOrder";
import type { OpenedSet, TensorEntry } from "../state/inspectorState";

const known = new WeakMap<OpenedSet, readonly TensorEntry[]>();

export function listedTensors(opened: OpenedSet): readonly TensorEntry[] {
  const { tensors, brokenTensors = [] } = opened;
  if (brokenTensors.length === 0) return tensors;
  const listed = known.get(opened) ?? [...tensors, ...brokenTensors].sort((a, b) => compareNaturally(a.name, b.name));
  known.set(opened, listed);
  return listed;
}
