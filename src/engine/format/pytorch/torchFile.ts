/** A file of `torch.save` whose pickle has been interpreted. */
import type { PickleValue } from "./pickleValues";

export interface TorchFile {
  root: PickleValue;
  /** The range of the file that holds a storage; undefined where it is missing. */
  locate(key: string): { begin: number; end: number } | undefined;
}
