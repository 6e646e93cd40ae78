/** Where every tensor of the output stands: shards, their headers and sizes. */
import { layoutSafetensors, type SafetensorsLayout } from "../format/safetensorsLayout";
import { splitIntoShards } from "../format/safetensorsIndex";
import type { TensorSpec } from "../format/tensorEntry";
import type { MatchedTensor } from "./matchTensors";

export interface OutputShard {
  file: string;
  tensors: TensorSpec[];
  /** Bytes of the tensors. */
  bytes: number;
  layout: SafetensorsLayout;
}

export interface OutputPlan {
  shards: OutputShard[];
  /** Shard and offset in its file, by tensor name. */
  places: Map<string, { shard: number; offset: number }>;
  /** Bytes of all files with weights. */
  bytes: number;
}

/**
 * The output's layout. `bareFile` puts everything into one file of that name, otherwise shards hold at most
 * `shardSize` bytes. The base's metadata go along; loaders want to find `format` there.
 */
export function planOutput(
  tensors: readonly Pick<MatchedTensor, "name" | "outDtype" | "outShape">[],
  metadata: Readonly<Record<string, string>>,
  shardSize: number,
  bareFile: string | null,
): OutputPlan {
  const specs = tensors.map(({ name, outDtype, outShape }): TensorSpec => ({ name, dtype: outDtype, shape: outShape }));
  const shards = splitIntoShards(specs, bareFile === null ? shardSize : Infinity).map((shard) => ({
    ...shard,
    file: bareFile ?? shard.file,
    layout: layoutSafetensors(shard.tensors, { format: "pt", ...metadata }),
  }));
  const places = new Map<string, { shard: number; offset: number }>();
  shards.forEach(({ layout }, shard) => {
    for (const { name, begin } of layout.entries) places.set(name, { shard, offset: begin });
  });
  return { shards, places, bytes: shards.reduce((sum, { layout }) => sum + layout.size, 0) };
}
