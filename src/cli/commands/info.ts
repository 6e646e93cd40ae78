/** `ties-merge info`: what a checkpoint holds, from its headers alone. */
import type { CheckpointInfo, TensorInfo } from "../../protocol/engineApi";
import type { Arguments } from "../arguments";
import { checkpointPath } from "../checkpointPath";
import { printable } from "../printable";
import type { Terminal } from "../terminal";
import { labelled, textTable } from "../textTable";
import { formatBytes, formatCount, formatShare } from "../../engine/units";
import { openCheckpoint } from "../../io/openCheckpoint";
import { checkpointInfo } from "../../worker/checkpointInfo";

/** Longer metadata, such as an embedded configuration, is cut. */
const MAX_METADATA_LENGTH = 100;

export function runInfo(args: Arguments, terminal: Terminal): number {
  const [written = ""] = args.positionals;
  const path = checkpointPath(written);
  // Headers need neither workers nor the rest of the engine, which takes longer to load than they to read.
  const info = checkpointInfo(openCheckpoint(path));
  terminal.print(args.has("json") ? `${JSON.stringify(publicInfo(info), null, 2)}\n` : infoText(written, info));
  return 0;
}

/** The fields that are promised, whatever else the engine adds. */
const publicInfo = ({ format, tensors, parameters, bytes, metadata }: CheckpointInfo): CheckpointInfo => ({
  format,
  tensors: tensors.map(({ name, dtype, shape, bytes: size }) => ({ name, dtype, shape, bytes: size })),
  parameters,
  bytes,
  metadata,
});

function infoText(written: string, info: CheckpointInfo): string {
  const summary = labelled([
    ["checkpoint", printable(written)],
    ["format", info.format],
    ["tensors", formatCount(info.tensors.length)],
    ["parameters", formatCount(info.parameters)],
    ["size", formatBytes(info.bytes)],
    ["dtypes", dtypeShares(info)],
    ...Object.entries(info.metadata).map(([key, value]): [string, string] => [
      `metadata ${printable(key)}`,
      printable(value.length > MAX_METADATA_LENGTH ? `${value.slice(0, MAX_METADATA_LENGTH)}…` : value),
    ]),
  ]);
  const rows = [...alikeTensors(info.tensors)].map(({ name, first, count, bytes }) => {
    return [
      printable(name),
      first.dtype,
      first.shape.join("×") || "scalar",
      count > 1 ? `×${count}` : "",
      formatBytes(bytes),
    ];
  });
  return `${summary}\n${textTable(["tensor", "dtype", "shape", "", "size"], rows, [0, 1, 2])}`;
}

function dtypeShares({ tensors, bytes }: CheckpointInfo): string {
  const sums = new Map<string, number>();
  for (const tensor of tensors) sums.set(tensor.dtype, (sums.get(tensor.dtype) ?? 0) + tensor.bytes);
  const largestFirst = [...sums].sort(([, a], [, b]) => b - a);
  return largestFirst.map(([dtype, sum]) => `${dtype} (${formatShare(sum, bytes)} of the bytes)`).join(", ") || "none";
}

interface AlikeTensors {
  /** Common name, a `*` in place of what counts the layers. */
  name: string;
  first: TensorInfo;
  count: number;
  bytes: number;
}

/** Tensors that differ only in the numbers of their name, in the order in which they first come. */
function alikeTensors(tensors: readonly TensorInfo[]): Iterable<AlikeTensors> {
  const groups = new Map<string, AlikeTensors>();
  for (const tensor of tensors) {
    const name = tensor.name.replace(/(?<=^|\.)\d+(?=\.|$)/g, "*");
    const key = `${tensor.dtype}|${tensor.shape.join()}|${name}`;
    const group = groups.get(key);
    if (group) {
      group.name = name;
      group.count++;
      group.bytes += tensor.bytes;
    } else groups.set(key, { name: tensor.name, first: tensor, count: 1, bytes: tensor.bytes });
  }
  return groups.values();
}
