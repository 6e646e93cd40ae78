/**
 * The tensors of a checkpoint whose files have the very headers of another one's: alike in all but their files, and
 * made as they are asked for. Fine-tunes of one base are like that, more often than not.
 */
import type { Checkpoint, TensorRef } from "./checkpoint";

export class LikeTensors implements ReadonlyMap<string, TensorRef> {
  /** @param fileOf the file that stands here for each file there. */
  constructor(
    readonly like: ReadonlyMap<string, TensorRef>,
    private readonly fileOf: ReadonlyMap<string, string>,
  ) {}

  get size(): number {
    return this.like.size;
  }

  has(name: string): boolean {
    return this.like.has(name);
  }

  get(name: string): TensorRef | undefined {
    const ref = this.like.get(name);
    return ref && this.here(ref);
  }

  keys(): MapIterator<string> {
    return this.like.keys();
  }

  *values(): Generator<TensorRef, undefined> {
    for (const ref of this.like.values()) yield this.here(ref);
  }

  *entries(): Generator<[string, TensorRef], undefined> {
    for (const [name, ref] of this.like) yield [name, this.here(ref)];
  }

  [Symbol.iterator](): Generator<[string, TensorRef], undefined> {
    return this.entries();
  }

  forEach(use: (ref: TensorRef, name: string, all: ReadonlyMap<string, TensorRef>) => void): void {
    for (const [name, ref] of this) use(ref, name, this);
  }

  private here(ref: TensorRef): TensorRef {
    return { ...ref, file: this.fileOf.get(ref.file) ?? ref.file };
  }
}

/** Whether two checkpoints are known to have the same tensors, of the same dtypes and shapes, at the same places. */
export const areAlike = (one: Pick<Checkpoint, "tensors">, other: Pick<Checkpoint, "tensors">): boolean =>
  originOf(one.tensors) === originOf(other.tensors);

const originOf = (tensors: Checkpoint["tensors"]): Checkpoint["tensors"] =>
  tensors instanceof LikeTensors ? tensors.like : tensors;
