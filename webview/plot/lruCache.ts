/** A cache that forgets what was used longest ago once its values exceed a number of bytes. */
export class LruCache<Value> {
  // A Map iterates in insertion order; re-inserting on use keeps the oldest first.
  private readonly entries = new Map<string, { value: Value; bytes: number }>();
  private used = 0;

  constructor(private readonly limitBytes: number) {}

  get bytes(): number {
    return this.used;
  }

  get count(): number {
    return this.entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** The oldest first. */
  *items(): Generator<[key: string, value: Value]> {
    for (const [key, { value }] of this.entries) yield [key, value];
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.used += bytes;
    for (const oldest of this.entries.keys()) {
      // The newest value stays even when it alone is over the limit: it is about to be drawn.
      if (this.used <= this.limitBytes || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.used -= entry.bytes;
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.used = 0;
  }
}
