/**
 * Exact reports on disk, so that a set that is opened again shows its figures at once. An entry is found by what the
 * files and the recipe are: a file that has changed since leads to another name. What is damaged is deleted; the
 * entries used longest ago make room for new ones.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import { version } from "../../package.json";
import type { TrimRule } from "../engine/merge/trim";
import { writeWhole } from "../io/writeWhole";
import { REPORT_FORMAT, type InterferenceReport } from "../protocol/report";
import { inputFiles } from "./inputFiles";
import { inputIdentity, type PreparedSet } from "./preparedSet";
import { restoredRule, storedRule, type StoredRule } from "./storedRule";

/** Raised with every change of what is counted or how an entry is written. */
const CACHE_VERSION = 2;
/** Hundreds of usual models. */
const CACHE_BYTES = 200e6;
/** Larger than the entry of any model that there is; more is not read into memory. */
const MAX_ENTRY_BYTES = 64e6;
const MAX_UNPACKED_BYTES = 512e6;
const ABANDONED_AFTER_MS = 3_600_000;
const SUFFIX = ".ties-report.gz";

/** What is needed to go on as if the statistics had just been counted. */
export interface ExactState {
  report: InterferenceReport;
  /** Trim rules of each merged tensor, by its place in the set. */
  rules: ReadonlyMap<number, TrimRule[]>;
}

interface StoredState {
  version: number;
  key: string;
  report: InterferenceReport;
  rules: [tensor: number, rules: StoredRule[]][];
}

const pack = promisify(gzip);

export class ReportCache {
  constructor(
    private readonly folder: string,
    private readonly limitBytes = CACHE_BYTES,
  ) {}

  /** The place of a set's report, named by what its files are now; null where they are there no more. */
  entryFor(prepared: PreparedSet): ReportCacheEntry | null {
    try {
      return new ReportCacheEntry(this.folder, prepared, () => this.makeRoom());
    } catch {
      return null;
    }
  }

  private makeRoom(): void {
    const files = readdirSync(this.folder).flatMap((name) => {
      const path = join(this.folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats ? [{ path, size: stats.size, used: stats.mtimeMs }] : [];
    });
    const entries = files.filter(({ path }) => path.endsWith(SUFFIX)).sort((a, b) => b.used - a.used);
    // What an editor that was closed had begun to write.
    for (const { path, used } of files) {
      if (path.endsWith(".tmp") && used < Date.now() - ABANDONED_AFTER_MS) rmSync(path, { force: true });
    }
    let size = 0;
    for (const entry of entries) {
      size += entry.size;
      if (size > this.limitBytes) rmSync(entry.path, { force: true });
    }
  }
}

/** A cache helps where it can: nothing that goes wrong in it is an error of whoever uses it. */
export class ReportCacheEntry {
  /** Of the files as they were opened. */
  private readonly identity: string;
  private knownKey: string | null = null;

  constructor(
    private readonly folder: string,
    private readonly prepared: PreparedSet,
    private readonly onKept: () => void,
  ) {
    this.identity = identityOf(prepared);
  }

  /** Found when it is needed: the headers of ten thousand tensors take longer than the panel has to open. */
  private get key(): string {
    this.knownKey ??= keyOf(this.prepared, this.identity);
    return this.knownKey;
  }

  private get path(): string {
    return join(this.folder, `${this.key}${SUFFIX}`);
  }

  /** Null where there is none, or the files have changed since they were opened. */
  find(): ExactState | null {
    try {
      if (!this.isCurrent()) return null;
      const stats = statSync(this.path, { throwIfNoEntry: false });
      if (!stats) return null;
      const state = stats.size <= MAX_ENTRY_BYTES ? this.read() : null;
      if (!state) rmSync(this.path, { force: true });
      else utimesSync(this.path, new Date(), new Date());
      return state;
    } catch {
      return null;
    }
  }

  /** Kept only if the files are still what they were when they were opened. */
  async keep({ report, rules }: ExactState): Promise<void> {
    try {
      if (!this.isCurrent()) return;
      const state: StoredState = {
        version: CACHE_VERSION,
        key: this.key,
        report,
        rules: [...rules].map(([tensor, own]) => [tensor, own.map(storedRule)]),
      };
      mkdirSync(this.folder, { recursive: true });
      const packed = await pack(JSON.stringify(state), { level: 3 });
      if (packed.length > MAX_ENTRY_BYTES) return;
      await writeWhole(this.path, packed);
      this.onKept();
    } catch {
      // The next opening counts again.
    }
  }

  private isCurrent(): boolean {
    return identityOf(this.prepared) === this.identity;
  }

  /** Null where the entry is not what it should be; gzip's checksum tells whether it is whole. */
  private read(): ExactState | null {
    try {
      const text = gunzipSync(readFileSync(this.path), { maxOutputLength: MAX_UNPACKED_BYTES }).toString("utf8");
      const { version: written, key, report, rules } = JSON.parse(text) as StoredState;
      if (written !== CACHE_VERSION || key !== this.key || !this.fits(report, rules)) return null;
      const trimRules = rules.map(([tensor, own]): [number, TrimRule[]] => [tensor, own.map(restoredRule)]);
      return { report, rules: new Map(trimRules) };
    } catch {
      return null;
    }
  }

  private fits(report: InterferenceReport, rules: StoredState["rules"]): boolean {
    const { tensors, models } = this.prepared;
    const merged = tensors.flatMap(({ name, kind }, index) => (kind === "merge" ? [{ name, index }] : []));
    return (
      report.format === REPORT_FORMAT &&
      report.totals.models.length === models.length &&
      report.tensors.length === merged.length &&
      report.tensors.every(({ name, models: own }, at) => name === merged[at].name && own.length === models.length) &&
      rules.length === merged.length &&
      rules.every(([tensor, own]) => tensors[tensor]?.kind === "merge" && own.length === models.length)
    );
  }
}

/** Files by path, size and time; the recipe; what computed it. */
const identityOf = (prepared: PreparedSet): string =>
  JSON.stringify([CACHE_VERSION, version, prepared.set, inputIdentity(prepared), inputFiles(prepared)]);

/** The same with the headers that were read. */
function keyOf(prepared: PreparedSet, identity: string): string {
  const hash = createHash("sha256");
  hash.update(identity);
  for (const checkpoint of [prepared.base, ...prepared.models]) {
    for (const { name, dtype, shape, begin, end } of checkpoint?.tensors.values() ?? []) {
      hash.update(JSON.stringify([name, dtype, shape, begin, end]));
    }
    hash.update("\n");
  }
  return hash.digest("hex");
}
