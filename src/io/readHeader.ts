/** The header of one file of weights, of whatever format; of a file that is cut off what is left of it. */
import { parseTorchCheckpoint } from "../engine/format/pytorch/torchCheckpoint";
import { parseCutOffHeader, parseSafetensorsHeader } from "../engine/format/safetensorsHeader";
import type { TensorEntry } from "../engine/format/tensorEntry";
import type { WeightsFormat } from "../engine/format/weightsFiles";
import type { ByteSource } from "../engine/io";
import { formatBytes, formatCount } from "../engine/units";
import { MergeError } from "../protocol/errors";
import { openFileSource } from "./fileSource";

/** Takes what is wrong with one file, and the names of tensors lost with it: the checkpoint is opened without them. */
export type OnBrokenShard = (error: MergeError, tensors: readonly string[]) => void;

/** What a file says of its tensors. */
export interface Header {
  tensors: TensorEntry[];
  metadata: Record<string, string>;
}

export const READ_HEADER: Readonly<Record<WeightsFormat, (source: ByteSource, isShard: boolean) => Header>> = {
  safetensors: parseSafetensorsHeader,
  // A shard's names are those of its index.
  pytorch: (source, isShard) => ({
    tensors: parseTorchCheckpoint(source, isShard ? "as-they-are" : "unwrap"),
    metadata: {},
  }),
};

/** With `onBroken`, of a file of safetensors that is cut off what is left, if any tensor is. */
export function readHeader(
  format: WeightsFormat,
  source: ByteSource,
  isShard: boolean,
  onBroken?: OnBrokenShard,
): Header {
  try {
    return READ_HEADER[format](source, isShard);
  } catch (error) {
    const isCut = error instanceof MergeError && error.code === "header-offsets-range";
    const header = onBroken && isCut ? parseCutOffHeader(source) : null;
    if (!header) throw error;
    const { tensors, lost, missingBytes, metadata } = header;
    const missing = `${formatCount(missingBytes)} (${formatBytes(missingBytes)})`;
    const counts = { missing, lost: formatCount(lost.length), tensors: formatCount(tensors.length + lost.length) };
    const cutOff = new MergeError("file-cut-off", { where: source.name, ...counts }, { cause: error });
    if (tensors.length === 0) throw cutOff;
    onBroken?.(cutOff, lost);
    return { tensors, metadata };
  }
}

export function withSource<T>(path: string, use: (source: ByteSource) => T): T {
  const source = openFileSource(path);
  try {
    return use(source);
  } finally {
    source.close();
  }
}
