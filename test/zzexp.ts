import { readFileSync } from "node:fs"; import { SimdKernels } from "/work/main/src/engine/kernels/simd"; import { KernelMemory } from "/work/main/src/engine/kernels/kernelMemory";
import { encode } from "/work/main/src/engine/format/encode";
import { chooseKernels } from "/work/main/src/engine/kernels/chooseKernels";
import { BYTES_OF } from "/work/main/src/engine/kernels/chunkReader";
import { CHUNK_ELEMENTS } from "/work/main/src/engine/kernels/rawChunk";
import { TallyLayout } from "/work/main/src/engine/stats/tally";
import { PRESETS } from "/work/main/src/protocol/mergeSet";
import { seeded } from "/work/main/test/fixtures/mergeCase";
const memory = new KernelMemory(); const inst = new WebAssembly.Instance(new WebAssembly.Module(readFileSync("/tmp/k/exp/k.wasm")), {env:{memory: memory.memory}}); const simd: any = {room: memory, output: memory.output, kernelsFor: (n: number) => new SimdKernels(n, {memory, exports: inst.exports as any})};
function chunkOf(room: any, dtype: any, models: number): any {
  const random = seeded(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const base = Float32Array.from({ length: CHUNK_ELEMENTS }, () => 0.03 * normal());
  const [first, ...others] = room.take(Array.from({ length: models + 1 }, () => BYTES_OF[dtype as "F32"] * CHUNK_ELEMENTS));
  encode(dtype, base, first, CHUNK_ELEMENTS);
  for (const bytes of others) encode(dtype, base.map((v) => v + (0.001 * normal()) / (0.3 + random())), bytes, CHUNK_ELEMENTS);
  return { count: CHUNK_ELEMENTS, start: 0, base: { dtype, bytes: first }, models: others.map((bytes: any) => ({ dtype, bytes })), wide: false };
}
const out: string[] = [];
for (const dtype of (process.env.D ?? "BF16,F32").split(",") as any[]) for (const n of [2, 4]) {
  const chunk = chunkOf(simd.room, dtype, n); const k = simd.kernelsFor(n);
  const thr = dtype === "BF16" ? 0.00195 : 0.0022;
  const ties = { rules: Array.from({ length: n }, () => ({ threshold: thr, tieEnd: Infinity })), zeroSign: 1 as const };
  const p: any = { method: "ties", lambda: 1, rules: PRESETS.reference, normalize: true, nonFinite: "error", weights: Array(n).fill(1) };
  const tally = new TallyLayout(n).allocate();
  const into = { dtype, bytes: simd.output.subarray(0, BYTES_OF[dtype as "F32"] * CHUNK_ELEMENTS) };
  const h = k.emptyHistogram(0);
  const tests: [string, () => void][] = [
    ["count1", () => k.countMagnitudes(chunk, 0, { level: 0, prefix: [], wide: false }, "error", h)],
    ["count2", () => k.countMagnitudes(chunk, 0, { level: 1, prefix: [0x7600], wide: false }, "error", h)],
    ["merge", () => k.merge(chunk, p, ties, into, null)],
    ["merge+stats", () => k.merge(chunk, p, ties, into, tally)],
  ];
  for (const [name, f] of tests) {
    const end = performance.now() + 700; let best = 1e9; let runs = 0;
    while (performance.now() < end || runs < 100) { const t = performance.now(); f(); f(); const d = (performance.now() - t) / 2; if (d < best) best = d; runs++; }
    out.push(`${dtype} N=${n} ${name} ${(best * 1e6 / CHUNK_ELEMENTS).toFixed(2)}`);
  }
  const keptShare = tally[new TallyLayout(n).model(0, "positive")] / tally[0] * 2;
  out.push(`kept ${keptShare.toFixed(3)}`);
}
console.log(out.join("\n"));
