/**
 * Loads what is wanted now, a few at a time, and cancels what is wanted no more. Values are kept in an LRU
 * cache; a request that failed is not repeated until `retry`. What a request under way tells about its value is kept
 * as long as it runs.
 */
import { LruCache } from "./lruCache";

export interface KeyedLoaderOptions<Request, Value, Progress> {
  keyOf(request: Request): string;
  load(request: Request, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Value>;
  bytesOf(value: Value): number;
  limitBytes: number;
  /** Requests under way at once; one more where some of them only wait to be told that they are cancelled. */
  concurrency: number;
  /** A value arrived, or a request failed. */
  onChange(): void;
}

export class KeyedLoader<Request, Value, Progress = never> {
  private readonly cache: LruCache<Value>;
  private readonly running = new Map<string, AbortController>();
  /** Those that are cancelled and have not come to their end: until then they take the other side's time. */
  private leaving = 0;
  private readonly failed = new Map<string, unknown>();
  private readonly told = new Map<string, Progress>();
  /** Keys of values that are shown until a newer one has arrived. */
  private readonly stale = new Set<string>();
  private wanted: Request[] = [];
  private paused = false;

  constructor(private readonly options: KeyedLoaderOptions<Request, Value, Progress>) {
    this.cache = new LruCache(options.limitBytes);
  }

  get(request: Request): Value | undefined {
    return this.cache.get(this.options.keyOf(request));
  }

  /** What a request under way has told last. */
  progressOf(request: Request): Progress | undefined {
    return this.told.get(this.options.keyOf(request));
  }

  /** The same of the most urgent request that has told something. */
  get progress(): Progress | null {
    for (const request of this.wanted) {
      const progress = this.progressOf(request);
      if (progress !== undefined) return progress;
    }
    return null;
  }

  /** Whether some wanted value at hand is so. */
  some(is: (value: Value) => boolean): boolean {
    return this.wanted.some((request) => {
      const value = this.get(request);
      return value !== undefined && is(value);
    });
  }

  /** Wanted values that have not arrived and have not failed. */
  get missing(): number {
    return this.wanted.filter((request) => !this.settled(this.options.keyOf(request))).length;
  }

  /** Why a wanted value could not be loaded, or null. */
  get failure(): unknown {
    for (const request of this.wanted) {
      const key = this.options.keyOf(request);
      if (this.failed.has(key)) return this.failed.get(key);
    }
    return null;
  }

  /** Replaces what is wanted, the most urgent first. */
  want(requests: readonly Request[]): void {
    this.wanted = [...requests];
    const keys = new Set(requests.map((request) => this.options.keyOf(request)));
    for (const [key, controller] of this.running) {
      if (keys.has(key)) continue;
      this.running.delete(key);
      this.told.delete(key);
      this.leaving++;
      controller.abort();
    }
    this.start();
  }

  /** While paused nothing new is requested; what is under way goes on. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    this.start();
  }

  retry(): void {
    this.failed.clear();
    this.start();
  }

  /** Loads values again that are wanted; until then the old ones are shown. */
  refresh(isStale: (value: Value) => boolean): void {
    for (const [key, value] of this.cache.items()) if (isStale(value)) this.stale.add(key);
    this.start();
    this.options.onChange();
  }

  /** Cancels everything and forgets every value. */
  clear(): void {
    this.want([]);
    this.stale.clear();
    this.failed.clear();
    this.cache.clear();
  }

  private settled(key: string): boolean {
    return (this.cache.has(key) && !this.stale.has(key)) || this.failed.has(key);
  }

  private start(): void {
    if (this.paused) return;
    for (const request of this.wanted) {
      if (this.running.size >= this.options.concurrency) return;
      if (this.running.size + this.leaving > this.options.concurrency) return;
      const key = this.options.keyOf(request);
      if (!this.settled(key) && !this.running.has(key)) void this.load(key, request);
    }
  }

  private async load(key: string, request: Request): Promise<void> {
    const controller = new AbortController();
    this.running.set(key, controller);
    const isCurrent = (): boolean => this.running.get(key) === controller;
    try {
      const value = await this.options.load(request, controller.signal, (progress) => {
        if (!isCurrent()) return;
        this.told.set(key, progress);
        this.options.onChange();
      });
      if (!isCurrent()) return this.left();
      this.stale.delete(key);
      this.cache.set(key, value, this.options.bytesOf(value));
    } catch (error) {
      if (!isCurrent()) return this.left();
      this.failed.set(key, error);
    }
    this.running.delete(key);
    this.told.delete(key);
    this.start();
    this.options.onChange();
  }

  private left(): void {
    this.leaving--;
    this.start();
  }
}
