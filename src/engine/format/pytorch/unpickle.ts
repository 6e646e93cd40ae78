/**
 * An interpreter of pickles, protocols 2 to 5, that imports nothing and runs nothing: globals are looked up in an
 * allow-list, and calls are made to functions of this program that describe tensors and plain containers.
 * (The format: Python's `pickletools`.) Memory and time are bounded by PickleBudget, and nothing is recursive.
 */
import { COST } from "./pickleBudget";
import type { PickleBudget } from "./pickleBudget";
import type { PickleCursor } from "./pickleCursor";
import { OPERATIONS } from "./pickleOperations";
import { Callable, Dict, Opaque, Tuple } from "./pickleValues";
import type { PickleValue } from "./pickleValues";

/** What a pickle may refer to outside of itself. Both throw where it may not. */
export interface PickleWorld {
  global(module: string, name: string): PickleValue;
  persistent(id: PickleValue): PickleValue;
}

const STOP = 0x2e;

/** Reads one pickle and leaves the cursor behind it. Throws `pytorch-*`. */
export function unpickle(cursor: PickleCursor, world: PickleWorld): PickleValue {
  const machine = new PickleMachine(cursor, world);
  for (let code = cursor.byte(); code !== STOP; code = cursor.byte()) {
    const operation = OPERATIONS[code];
    if (!operation) cursor.budget.damaged(`the pickle has an operation ${code} that PyTorch does not write`);
    operation(machine);
  }
  return machine.pop();
}

/** Values by index. Pickles count up from 0, but need not: a list would then be mostly holes. */
class Memo {
  private readonly counted: PickleValue[] = [];
  private readonly others = new Map<number, PickleValue>();

  get size(): number {
    return this.counted.length + this.others.size;
  }

  get(index: number): PickleValue | undefined {
    return index < this.counted.length ? this.counted[index] : this.others.get(index);
  }

  set(index: number, value: PickleValue): void {
    if (index > this.counted.length) {
      this.others.set(index, value);
      return;
    }
    this.counted[index] = value;
    this.others.delete(index);
  }
}

/** The stack, its marks and the memo; each operation is a few calls of these. */
export class PickleMachine {
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack: what lies below the last one is out of reach. */
  private readonly marks: number[] = [];
  private readonly memo = new Memo();
  readonly budget: PickleBudget;

  constructor(
    readonly cursor: PickleCursor,
    private readonly world: PickleWorld,
  ) {
    this.budget = cursor.budget;
  }

  push(value: PickleValue, cost: number = COST.slot): void {
    this.budget.spend(cost);
    this.stack.push(value);
  }

  pop(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.budget.damaged("the pickle's stack runs empty");
    return this.stack.pop() as PickleValue;
  }

  top(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) this.budget.damaged("the pickle's stack runs empty");
    return this.stack[this.stack.length - 1];
  }

  mark(): void {
    this.budget.spend(COST.number);
    this.marks.push(this.stack.length);
  }

  /** Takes everything above the last mark, and the mark. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) this.budget.damaged("the pickle's marks run out");
    return this.stack.splice(height);
  }

  /** As Python does: above a mark a POP takes a value, right at it the mark. */
  drop(): void {
    if (this.marks.at(-1) === this.stack.length) this.marks.pop();
    else this.pop();
  }

  remember(index: number): void {
    this.budget.spend(COST.memoEntry);
    this.memo.set(index, this.top());
  }

  /** Under the next free index. */
  memoize(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) this.budget.damaged("the pickle refers to a value that it has not made");
    this.push(value);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (Array.isArray(list)) {
      this.budget.spend(COST.slot * items.length);
      for (const item of items) list.push(item);
    } else if (!(list instanceof Opaque)) this.budget.damaged("the pickle appends to what is no list");
  }

  /** Keys and values in turn. */
  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (items.length % 2 !== 0) this.budget.damaged("the pickle has a key without a value");
    if (dict instanceof Dict) {
      this.budget.spend((COST.mapEntry * items.length) / 2);
      for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
    } else if (!(dict instanceof Opaque)) this.budget.damaged("the pickle sets an item of what is no dict");
  }

  global(module: PickleValue, name: PickleValue): void {
    if (typeof module !== "string" || typeof name !== "string") this.budget.damaged("a global has no name");
    this.push(this.world.global(module, name));
  }

  persistent(): void {
    this.push(this.world.persistent(this.pop()), COST.container);
  }

  /** Calls what is on the stack below its arguments. */
  call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(args instanceof Tuple)) this.budget.damaged("the pickle calls a function without arguments");
    if (callee instanceof Callable) this.push(callee.call(args.items), COST.container);
    else if (callee instanceof Opaque) this.push(callee);
    else this.budget.damaged("the pickle calls what is no function");
  }
}
