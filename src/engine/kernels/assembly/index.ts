/** What the adapter (../simd.ts) calls. */
export { setInput, setTrim } from "./chunk";
export { negative, positive, voted } from "./electMerge";
export { countEqual, countMagnitudes, setWindow } from "./histogram";
export { viewOctets } from "./octets";
export { magnitudeBits, one, signBits, underHalf } from "./invariants";
export { equal, larger, largest } from "./largest";
export { merge } from "./merge";
export { setElection, setMethod, setWeight } from "./rules";
