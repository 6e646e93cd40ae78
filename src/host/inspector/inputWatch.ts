/**
 * Whether the files of an opened set are still what they were. They are looked at, not watched: a watcher of the editor
 * misses files on network disks, and a look costs a hundred shards a few milliseconds.
 */
import { fileStampLater, isUnchanged } from "../../io/fileStamp";
import type { InputFile } from "../../protocol/engineApi";
import { MergeError } from "../../protocol/errors";
import type { ChangedFile } from "../../protocol/inspector";

/** Requests within so many milliseconds share one look. */
export const LOOK_EVERY_MS = 1000;

export class InputWatch {
  private last: { at: number; changed: Promise<ChangedFile[]> } | null = null;

  constructor(
    private readonly files: readonly InputFile[],
    private readonly now: () => number = Date.now,
  ) {}

  /** Those that are other than they were. A look that is at most `age` milliseconds old will do. */
  changed(age = LOOK_EVERY_MS): Promise<ChangedFile[]> {
    const now = this.now();
    if (!this.last || now - this.last.at > age) this.last = { at: now, changed: this.look() };
    return this.last.changed;
  }

  /** Throws `input-changed` where any is. */
  async check(age = LOOK_EVERY_MS): Promise<void> {
    const [first] = await this.changed(age);
    if (first) throw new MergeError("input-changed", { where: first.path });
  }

  private async look(): Promise<ChangedFile[]> {
    const looked = await Promise.all(
      this.files.map(async ({ model, path, stamp }) => ({ model, path, stamp, now: await fileStampLater(path) })),
    );
    return looked
      .filter(({ stamp, now }) => !isUnchanged(stamp, now))
      .map(({ model, path, now }) => ({ model, path, gone: now === null }));
  }
}
