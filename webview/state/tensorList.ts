/** The tensors of the opened set, unpacked once: what the base said of them first is, as a rule, how it stays. */
import { sameTensors, unpackTensors, type TensorTable } from "../../src/protocol/tensorTable";
import type { TensorEntry } from "./inspectorState";

export class TensorList {
  private last: { table: TensorTable; tensors: TensorEntry[] } | null = null;

  /** The same list for the same tensors, so that nothing that was made of it is made again. */
  of(table: TensorTable): TensorEntry[] {
    if (!this.last || !sameTensors(this.last.table, table)) this.last = { table, tensors: unpackTensors(table) };
    return this.last.tensors;
  }
}
