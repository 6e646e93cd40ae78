/** The config of an adapter alone, without its tensors. */
import { join } from "node:path";
import { parseAdapterConfig, type AdapterConfig } from "../engine/format/peft/adapterConfig";
import { ADAPTER_CONFIG } from "../engine/format/weightsFiles";
import { openFileSource } from "./fileSource";

/** Throws `adapter-*` for one that cannot be used, and what the file system refuses. */
export function readAdapterConfig(folder: string): AdapterConfig {
  const source = openFileSource(join(folder, ADAPTER_CONFIG));
  try {
    return parseAdapterConfig(source);
  } finally {
    source.close();
  }
}
