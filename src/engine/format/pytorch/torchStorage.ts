/** Persistent ids: how a pickle of PyTorch refers to the storages that lie outside of it. */
import type { PickleBudget } from "./pickleBudget";
import { Storage, StorageType, Tuple } from "./pickleValues";
import type { PickleValue } from "./pickleValues";
import { torchDtypeBytes } from "./torchDtypes";

/** Collects the storages that a pickle names. */
export class StorageTable {
  /** By key, as it is named first. */
  readonly first = new Map<string, Storage>();

  constructor(private readonly budget: PickleBudget) {}

  /**
   * `("storage", type, key, location, elements)`; the legacy format adds the part of the storage that is meant,
   * `(view key, offset, elements)` or None.
   */
  load(id: PickleValue): Storage {
    const [kind, type, key, location, elements, part] = id instanceof Tuple ? id.items : [];
    const isText = typeof key === "string" && typeof location === "string";
    if (kind !== "storage" || !(type instanceof StorageType) || !isText || !isCount(elements)) {
      return this.budget.damaged("the pickle refers to what is no storage");
    }
    const whole = new Storage(key, type.dtype, elements, 0, location);
    const first = this.first.get(key);
    if (!first) this.first.set(key, whole);
    return part instanceof Tuple ? this.partOf(whole, part) : whole;
  }

  private partOf({ key, dtype, elements, location }: Storage, { items: [, offset, count] }: Tuple): Storage {
    if (!isCount(offset) || !isCount(count) || offset + count > elements) {
      return this.budget.damaged("a part of a storage does not lie in it");
    }
    return new Storage(key, dtype, count, offset, location);
  }
}

/** Elements of a storage: so few that their bytes can be counted. */
const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === "number" && value >= 0 && Number.isSafeInteger(16 * value);

/** Bytes of a storage. */
export const storageBytes = ({ dtype, elements }: Storage): number => torchDtypeBytes(dtype) * elements;
