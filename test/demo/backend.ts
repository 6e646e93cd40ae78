/** TensorFlow.js with the fastest backend that this machine has. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname } from "node:path";

/**
 * Chooses a backend and says which: `tensorflow` where the optional `@tensorflow/tfjs-node` is installed, else `wasm`,
 * else `cpu`. Each gives the same weights on every run; two backends differ by rounding.
 */
export async function startTensorFlow(): Promise<string> {
  // Without its advice to install another backend.
  tf.enableProdMode();
  const require = createRequire(import.meta.url);
  try {
    require("@tensorflow/tfjs-node");
    if (await tf.setBackend("tensorflow")) return tf.getBackend();
  } catch {
    // Not installed, or its native library does not load here: the portable backends do the same.
  }
  setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  if (!(await tf.setBackend("wasm"))) await tf.setBackend("cpu");
  await tf.ready();
  return tf.getBackend();
}
