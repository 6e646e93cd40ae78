/** An adapter of PEFT: its tensors by the modules that they change. */
import { MergeError } from "../../../protocol/errors";
import type { Checkpoint, TensorRef } from "../checkpoint";
import { isFloat } from "../dtypes";
import { printableName } from "../tensorEntry";
import { rankOf, scalingOf } from "./adapterConfig";
import type { AdapterConfig, LoraConfig } from "./adapterConfig";

/** ΔW = scaling · B·A of a module's weight; of an embedding, its transpose. */
export interface LoraModule {
  kind: "lora";
  module: string;
  /** [r, in] or, of a convolution, [r, in, …kernel]. */
  a: TensorRef;
  /** [out, r] or, of a convolution, [out, r, 1, …]. */
  b: TensorRef;
  embedding: boolean;
  rank: number;
  scaling: number;
}

/** Factors for a module's output or, where it is feed-forward, its input. */
export interface Ia3Module {
  kind: "ia3";
  module: string;
  factors: TensorRef;
  feedforward: boolean;
}

export type AdaptedModule = LoraModule | Ia3Module;

export interface Adapter {
  config: AdapterConfig;
  modules: AdaptedModule[];
  /** Whole tensors, by the name of the model's tensor that they take the place of. */
  saved: Map<string, TensorRef>;
}

/** What stands before the module's name in an adapter. */
const PREFIX = /^base_model\.model\./;
const LORA_TENSOR = /^(.+)\.(?:lora_([AB])\.weight|lora_embedding_([AB]))$/;
const IA3_TENSOR = /^(.+)\.ia3_l$/;
/** Tensors of methods that are no plain LoRA or (IA)³: never taken for a part of the model. */
const ADAPTER_TENSOR = /\.(?:lora_\w+|ia3_\w+)(?:\.|$)/;

/** The model's name of a tensor that an adapter holds whole: `modules_to_save`, biases, embeddings. */
const savedName = (name: string): string => name.replace(PREFIX, "").replace(/\.base_layer\.(?=[^.]+$)/, ".");
/** Biases of whole modules that PEFT saves once more under the names that they have within it. */
const INNER_BIAS = /\.(?:modules_to_save|original_module)\.bias$/;

/** Throws `adapter-*` for tensors that are not what the config says. */
export function makeAdapter(config: AdapterConfig, { path, tensors }: Checkpoint): Adapter {
  const adapter: Adapter = { config, modules: [], saved: new Map() };
  const factors = new Map<string, { A?: TensorRef; B?: TensorRef; embedding: boolean }>();
  for (const [name, tensor] of tensors) {
    const where = `${path}: ${printableName(name)}`;
    const [, module = "", plain, embedding] = (config.type === "LORA" && LORA_TENSOR.exec(name)) || [];
    const scaled = config.type === "IA3" ? IA3_TENSOR.exec(name)?.[1] : undefined;
    if (module !== "" || scaled !== undefined) requireFloat(where, tensor);
    if (module !== "") {
      const pair = factors.get(module) ?? { embedding: embedding !== undefined };
      pair[(plain ?? embedding) as "A" | "B"] = tensor;
      factors.set(module, pair);
    } else if (scaled !== undefined) {
      adapter.modules.push(ia3Module(config, where, scaled.replace(PREFIX, ""), tensor));
    } else if (ADAPTER_TENSOR.test(name)) {
      throw new MergeError("adapter-tensor-unknown", { where, type: config.type });
    } else if (!INNER_BIAS.test(name)) adapter.saved.set(savedName(name), tensor);
  }
  for (const [module, { A, B, embedding }] of factors) {
    const where = `${path}: ${printableName(module)}`;
    if (!A || !B) {
      throw new MergeError("adapter-factor-missing", {
        where,
        present: A ? "lora_A" : "lora_B",
        missing: A ? "lora_B" : "lora_A",
      });
    }
    adapter.modules.push(loraModule(config as LoraConfig, where, module.replace(PREFIX, ""), A, B, embedding));
  }
  if (adapter.modules.length + adapter.saved.size === 0) throw new MergeError("adapter-empty", { where: path });
  return adapter;
}

function requireFloat(where: string, { dtype }: TensorRef): void {
  if (!isFloat(dtype)) throw new MergeError("adapter-dtype", { where, dtype });
}

/** A and B fit together and have the rank that the config gives the module. */
function loraModule(
  config: LoraConfig,
  where: string,
  module: string,
  a: TensorRef,
  b: TensorRef,
  embedding: boolean,
): LoraModule {
  const isMatrix = (shape: readonly number[]): boolean => (embedding ? shape.length === 2 : shape.length >= 2);
  const onlyOnes = b.shape.slice(2).every((size) => size === 1);
  if (!isMatrix(a.shape) || b.shape.length !== a.shape.length || !onlyOnes || a.shape[0] !== b.shape[1]) {
    throw new MergeError("adapter-factors-differ", { where, a: shapeText(a.shape), b: shapeText(b.shape) });
  }
  const [rank] = a.shape;
  const expected = rankOf(config, module);
  if (rank !== expected) throw new MergeError("adapter-rank", { where, rank, expected });
  return { kind: "lora", module, a, b, embedding, rank, scaling: scalingOf(config, module, rank) };
}

function ia3Module(config: AdapterConfig, where: string, module: string, factors: TensorRef): Ia3Module {
  const { shape } = factors;
  const feedforward = config.type === "IA3" && config.isFeedforward(module);
  const long = shape.length === 2 && !feedforward ? 0 : 1;
  if (shape.length < 2 || shape.some((size, at) => at !== long && size !== 1)) {
    throw new MergeError("adapter-factors-shape", { where, shape: shapeText(shape) });
  }
  return { kind: "ia3", module, factors, feedforward };
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
