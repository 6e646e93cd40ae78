/**
 * Which weights are stored as [in, out] (transformers' `Conv1D`), not [out, in]. PEFT asks the module's class; its
 * config says only what held for the last module. Here the shapes tell, and for square weights those of their like.
 */
import { MergeError } from "../../../protocol/errors";
import type { Checkpoint } from "../checkpoint";
import type { Adapter, LoraModule } from "./adapter";

/** Shape of ΔW = B·A. */
export const plainShape = ({ a, b }: LoraModule): number[] => [b.shape[0], ...a.shape.slice(1)];

export class Orientations {
  /** By the last part of the module's name: what the shapes of such modules say. */
  private readonly seen = new Map<string, Set<boolean>>();
  private readonly fanInFanOut: boolean;

  constructor({ config, modules }: Adapter, nameOf: (module: string) => string | undefined, base: Checkpoint) {
    this.fanInFanOut = config.fanInFanOut;
    for (const module of modules) {
      if (module.kind !== "lora" || module.embedding) continue;
      const weight = base.tensors.get(nameOf(module.module) ?? "");
      const told = weight && toldByShape(module, weight.shape);
      if (told === undefined) continue;
      const leaf = leafOf(module);
      const found = this.seen.get(leaf) ?? new Set();
      this.seen.set(leaf, found.add(told));
    }
  }

  /** Throws `adapter-orientation` where a square weight may be either. */
  isTransposed(where: string, module: LoraModule, { shape }: { shape: number[] }): boolean {
    if (module.embedding) return true;
    const told = toldByShape(module, shape);
    if (told !== undefined || !isSquare(module)) return told ?? false;
    const alike = [...(this.seen.get(leafOf(module)) ?? [])];
    if (alike.length === 1) return alike[0];
    const contradicted = [...this.seen.values()].some((found) => found.has(!this.fanInFanOut));
    if (contradicted) throw new MergeError("adapter-orientation", { where });
    return this.fanInFanOut;
  }
}

/** Undefined where the weight is square, or fits neither way. */
function toldByShape(module: LoraModule, shape: readonly number[]): boolean | undefined {
  if (isSquare(module)) return undefined;
  const plain = plainShape(module);
  if (plain.join() === shape.join()) return false;
  return plain.length === 2 && [...plain].reverse().join() === shape.join() ? true : undefined;
}

function isSquare(module: LoraModule): boolean {
  const [rows, ...columns] = plainShape(module);
  return columns.length === 1 && rows === columns[0];
}

const leafOf = ({ module }: LoraModule): string => module.slice(module.lastIndexOf(".") + 1);
