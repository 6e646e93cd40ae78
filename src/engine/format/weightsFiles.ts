/** Which files hold weights, and which of a folder's files are its checkpoint: by their names alone. */

export type WeightsFormat = "safetensors" | "pytorch";

const SAFETENSORS = /\.safetensors$/i;
const PYTORCH = /\.(?:bin|pt|pth|ckpt)$/i;
/** A PEFT adapter: a change to a model, not a model. */
const ADAPTER = /^adapter_model\.(?:safetensors|bin)$/i;
export const ADAPTER_CONFIG = "adapter_config.json";
/** What trainers write beside the weights. */
const TRAINING_STATE =
  /^(?:training_args|optimizer|scheduler|scaler|rng_state|random_states)(?:[-_](?:\d+|of))*\.(?:bin|pt|pth|ckpt)$|optim_states\.pt$/i;
/** `model-00001-of-00003.safetensors`: part of a checkpoint, not one by itself. */
const SHARD = /-\d{5}-of-\d{5}\.(?:safetensors|bin)$/i;
const INDEX = /\.(safetensors|bin)\.index\.json$/;

/** The names that stand for the whole model, as transformers looks for them. */
const WHOLE_MODEL: Readonly<Record<WeightsFormat, string>> = {
  safetensors: "model.safetensors",
  pytorch: "pytorch_model.bin",
};

/** What the names of a folder's files say of it. */
export type FolderWeights =
  | { kind: "file" | "index"; name: string; format: WeightsFormat }
  | { kind: "several"; names: string[] }
  | { kind: "adapter" }
  | { kind: "none" };

/** The format that the extension of a file with weights stands for; undefined for any other file. */
export function weightsFormat(name: string): WeightsFormat | undefined {
  if (SAFETENSORS.test(name)) return "safetensors";
  return PYTORCH.test(name) ? "pytorch" : undefined;
}

/** The format of the shards that an index of this name lists; undefined for any other file. */
export function indexFormat(name: string): WeightsFormat | undefined {
  const extension = INDEX.exec(name)?.[1];
  if (extension === undefined) return undefined;
  return extension === "bin" ? "pytorch" : "safetensors";
}

/** Whether a file of this name, found in a folder, holds the weights of a model or of a part of one. */
export const isModelWeights = (name: string): boolean =>
  weightsFormat(name) !== undefined && !name.startsWith(".") && !ADAPTER.test(name) && !TRAINING_STATE.test(name);

export const isAdapterWeights = (name: string): boolean => ADAPTER.test(name);

/** The adapter's weights among the names of a folder's files; safetensors goes first, as in PEFT. */
export function adapterWeights(names: readonly string[]): { name: string; format: WeightsFormat } | undefined {
  const [name] = names.filter(isAdapterWeights).sort().reverse();
  const format = name === undefined ? undefined : weightsFormat(name);
  return format && { name, format };
}

export const isShard = (name: string): boolean => SHARD.test(name);

/** Whether the file is the checkpoint of its folder, whatever else lies there. */
export const isWholeModel = (name: string): boolean => Object.values(WHOLE_MODEL).includes(name);

/**
 * The checkpoint in a folder, from the names of its files: a whole model, shards with an index, or the only file with
 * weights. safetensors goes first, as it does in transformers.
 */
export function weightsOfFolder(names: readonly string[]): FolderWeights {
  const weights = names.filter(isModelWeights);
  const onlyOne = (format: WeightsFormat): FolderWeights | undefined =>
    single(
      "file",
      format,
      weights.filter((name) => weightsFormat(name) === format),
    );
  return (
    wholeModel("safetensors", names) ??
    (names.some((name) => name === ADAPTER_CONFIG || ADAPTER.test(name)) ? { kind: "adapter" } : undefined) ??
    wholeModel("pytorch", names) ??
    onlyOne("safetensors") ??
    onlyOne("pytorch") ?? { kind: "none" }
  );
}

/** The file or the index that stands for the whole model, or the only index. */
function wholeModel(format: WeightsFormat, names: readonly string[]): FolderWeights | undefined {
  const file = WHOLE_MODEL[format];
  if (names.includes(file)) return { kind: "file", name: file, format };
  const indexes = names.filter((name) => indexFormat(name) === format && !name.startsWith("."));
  const whole = `${file}.index.json`;
  return single("index", format, indexes.includes(whole) ? [whole] : indexes);
}

function single(kind: "file" | "index", format: WeightsFormat, names: string[]): FolderWeights | undefined {
  if (names.length > 1) return { kind: "several", names };
  return names.length === 1 ? { kind, name: names[0], format } : undefined;
}
