/** The operations of pickles, protocols 2 to 5, by their code. What is not here is not written by PyTorch. */
import { COST } from "./pickleBudget";
import { Dict, Opaque, Tuple } from "./pickleValues";
import type { PickleValue } from "./pickleValues";
import type { PickleMachine } from "./unpickle";

export type Operation = (machine: PickleMachine) => void;

/** Content that nothing here asks for. */
const BYTES = new Opaque("bytes");
const SET = new Opaque("set");

const LARGE_INTEGER = new Opaque("int");

/** Longest whole number that is looked at, in bytes; PyTorch's magic number has ten. */
const MAX_INTEGER_BYTES = 32;

export const OPERATIONS: readonly (Operation | undefined)[] = tableOf({
  // PROTO, FRAME
  0x80: ({ cursor }) => void cursor.byte(),
  0x95: ({ cursor }) => void cursor.unsigned(8),
  // MARK, POP, POP_MARK, DUP
  0x28: (machine) => machine.mark(),
  0x30: (machine) => machine.drop(),
  0x31: (machine) => void machine.popToMark(),
  0x32: (machine) => machine.push(machine.top()),
  // NONE, NEWTRUE, NEWFALSE
  0x4e: (machine) => machine.push(null),
  0x88: (machine) => machine.push(true),
  0x89: (machine) => machine.push(false),
  // BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT
  0x4a: (machine) => machine.push(machine.cursor.unsigned(4) | 0),
  0x4b: (machine) => machine.push(machine.cursor.byte()),
  0x4d: (machine) => machine.push(machine.cursor.unsigned(2)),
  0x8a: (machine) => pushInteger(machine, machine.cursor.byte()),
  0x8b: (machine) => pushInteger(machine, machine.cursor.unsigned(4)),
  0x47: (machine) => machine.push(bigEndianFloat(machine.cursor.take(8)), COST.number),
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8; BINSTRING and SHORT_BINSTRING of Python 2
  0x58: (machine) => machine.push(machine.cursor.text(machine.cursor.unsigned(4))),
  0x8c: (machine) => machine.push(machine.cursor.text(machine.cursor.byte())),
  0x8d: (machine) => machine.push(machine.cursor.text(machine.cursor.unsigned(8))),
  0x54: (machine) => machine.push(machine.cursor.text(machine.cursor.unsigned(4))),
  0x55: (machine) => machine.push(machine.cursor.text(machine.cursor.byte())),
  // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
  0x42: (machine) => skipBytes(machine, machine.cursor.unsigned(4)),
  0x43: (machine) => skipBytes(machine, machine.cursor.byte()),
  0x8e: (machine) => skipBytes(machine, machine.cursor.unsigned(8)),
  0x96: (machine) => skipBytes(machine, machine.cursor.unsigned(8)),
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  0x29: (machine) => pushTuple(machine, []),
  0x74: (machine) => pushTuple(machine, machine.popToMark()),
  0x85: (machine) => pushTuple(machine, popSome(machine, 1)),
  0x86: (machine) => pushTuple(machine, popSome(machine, 2)),
  0x87: (machine) => pushTuple(machine, popSome(machine, 3)),
  // EMPTY_LIST, LIST, APPEND, APPENDS
  0x5d: (machine) => machine.push([], COST.container),
  0x6c: (machine) => machine.push(machine.popToMark(), COST.container),
  0x61: (machine) => machine.append(popSome(machine, 1)),
  0x65: (machine) => machine.append(machine.popToMark()),
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  0x7d: (machine) => pushDict(machine, []),
  0x64: (machine) => pushDict(machine, machine.popToMark()),
  0x73: (machine) => machine.setItems(popSome(machine, 2)),
  0x75: (machine) => machine.setItems(machine.popToMark()),
  // EMPTY_SET, FROZENSET, ADDITEMS
  0x8f: (machine) => machine.push(SET),
  0x91: (machine) => {
    machine.popToMark();
    machine.push(SET);
  },
  0x90: (machine) => machine.append(machine.popToMark()),
  // GLOBAL, STACK_GLOBAL
  0x63: (machine) => machine.global(machine.cursor.line(), machine.cursor.line()),
  0x93: (machine) => {
    const name = machine.pop();
    machine.global(machine.pop(), name);
  },
  // REDUCE, NEWOBJ, NEWOBJ_EX
  0x52: (machine) => machine.call(),
  0x81: (machine) => machine.call(),
  0x92: (machine) => {
    machine.pop(); // keyword arguments
    machine.call();
  },
  // BUILD: attributes, which nothing here has
  0x62: (machine) => void machine.pop(),
  // BINPERSID
  0x51: (machine) => machine.persistent(),
  // BINGET, LONG_BINGET, BINPUT, LONG_BINPUT, MEMOIZE
  0x68: (machine) => machine.recall(machine.cursor.byte()),
  0x6a: (machine) => machine.recall(machine.cursor.unsigned(4)),
  0x71: (machine) => machine.remember(machine.cursor.byte()),
  0x72: (machine) => machine.remember(machine.cursor.unsigned(4)),
  0x94: (machine) => machine.memoize(),
});

function tableOf(operations: Readonly<Record<number, Operation>>): (Operation | undefined)[] {
  return Array.from({ length: 256 }, (_, code) => operations[code]);
}

/** The topmost values, the last one pushed at the end. */
function popSome(machine: PickleMachine, count: number): PickleValue[] {
  const values: PickleValue[] = [];
  for (let i = 0; i < count; i++) values.unshift(machine.pop());
  return values;
}

function pushTuple(machine: PickleMachine, items: PickleValue[]): void {
  machine.push(new Tuple(items), COST.container + COST.slot * items.length);
}

function pushDict(machine: PickleMachine, items: PickleValue[]): void {
  machine.push(new Dict(), COST.dict);
  machine.setItems(items);
}

function skipBytes(machine: PickleMachine, length: number): void {
  machine.cursor.skip(length);
  machine.push(BYTES);
}

/** Two's complement, little-endian. */
function pushInteger(machine: PickleMachine, length: number): void {
  if (length > MAX_INTEGER_BYTES) {
    machine.cursor.skip(length);
    return machine.push(LARGE_INTEGER);
  }
  const bytes = machine.cursor.take(length);
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  if (length > 0) value = BigInt.asIntN(8 * length, value);
  const number = Number(value);
  machine.push(Number.isSafeInteger(number) ? number : value, COST.number + length);
}

function bigEndianFloat(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
}
