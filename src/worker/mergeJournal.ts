/** What a merge has finished, in the journal of its partial output: `--resume` skips what is there and still whole. */
import { crc32 } from "node:zlib";
import type { TrimRule } from "../engine/merge/trim";
import type { Tally } from "../engine/stats/tally";
import { openFileSource } from "../io/fileSource";
import type { OutputTransaction } from "../io/outputTransaction";
import type { StretchResult } from "./computeApi";
import { restoredRule, storedRule, type StoredRule } from "./storedRule";

/** Bytes read back at a time to see whether a stretch is whole. */
const CHECK_BYTES = 1 << 22;

interface StretchRecord {
  kind: "stretch";
  tensor: string;
  start: number;
  crc: number;
  elected: StretchResult["elected"];
  replaced: number;
  baseNonFinite: number;
  zeroSign: 1 | -1;
  squares?: StretchResult["squares"];
  /** The tally's bytes in base64, where the run made statistics. */
  tally?: string;
}

interface RulesRecord {
  kind: "rules";
  /** First tensor of the unit. */
  unit: string;
  rules: StoredRule[];
}

export class MergeJournal {
  private readonly stretches = new Map<string, StretchRecord>();
  private readonly rules = new Map<string, TrimRule[]>();

  constructor(private readonly transaction: OutputTransaction) {
    for (const record of transaction.readJournal() as (StretchRecord | RulesRecord)[]) {
      if (record.kind === "stretch") this.stretches.set(keyOf(record.tensor, record.start), record);
      else this.rules.set(record.unit, record.rules.map(restoredRule));
    }
  }

  noteStretch(tensor: string, start: number, result: StretchResult, zeroSign: 1 | -1): void {
    const { crc, elected, replaced, baseNonFinite, squares } = result;
    const tally = result.tally ? tallyText(result.tally) : undefined;
    this.transaction.appendJournal({
      kind: "stretch",
      tensor,
      start,
      crc,
      elected,
      replaced,
      baseNonFinite,
      zeroSign,
      squares,
      tally,
    });
  }

  noteRules(unit: string, rules: readonly TrimRule[]): void {
    this.transaction.appendJournal({ kind: "rules", unit, rules: rules.map(storedRule) });
  }

  rulesOf(unit: string): TrimRule[] | undefined {
    return this.rules.get(unit);
  }

  /** The result of a stretch whose bytes in `file` are still those that were written, else undefined. */
  finished(
    tensor: string,
    start: number,
    file: string,
    offset: number,
    bytes: number,
  ): { result: StretchResult; zeroSign: 1 | -1 } | undefined {
    const record = this.stretches.get(keyOf(tensor, start));
    if (!record || checksum(file, offset, bytes) !== record.crc) return undefined;
    const { crc, elected, replaced, baseNonFinite, zeroSign, squares } = record;
    const tally = record.tally === undefined ? null : tallyFrom(record.tally);
    return { result: { crc, elected, replaced, baseNonFinite, tally, ...(squares && { squares }) }, zeroSign };
  }
}

const tallyText = ({ buffer, byteOffset, byteLength }: Tally): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");

/** By way of bytes of its own: those of a Buffer may begin anywhere. */
const tallyFrom = (text: string): Tally => new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

const keyOf = (tensor: string, start: number): string => `${start} ${tensor}`;

function checksum(file: string, offset: number, bytes: number): number {
  const source = openFileSource(file);
  try {
    let crc = 0;
    const buffer = new Uint8Array(Math.min(bytes, CHECK_BYTES));
    for (let at = 0; at < bytes; at += CHECK_BYTES) {
      const part = buffer.subarray(0, Math.min(CHECK_BYTES, bytes - at));
      source.read(offset + at, part);
      crc = crc32(part, crc);
    }
    return crc;
  } finally {
    source.close();
  }
}
