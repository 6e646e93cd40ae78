/** One background engine for all who need it: started with the first, ended a little after the last. */
import type { EngineApi } from "../protocol/engineApi";
import type { Remote } from "../protocol/rpc";

/** Long enough that closing one inspector and opening the next costs no new start; short enough to free memory soon. */
export const KEEP_ENGINE_MS = 10_000;

export interface EngineWorker {
  readonly api: Remote<EngineApi>;
  /** Whether its thread still runs. */
  readonly alive: boolean;
  dispose(): unknown;
}

/** Somebody's use of the engine, until `release`. */
export interface EngineLease {
  readonly api: Remote<EngineApi>;
  release(): void;
}

interface RunningEngine {
  worker: EngineWorker;
  leases: number;
  timer: NodeJS.Timeout | null;
}

export class EngineKeeper {
  private current: RunningEngine | null = null;
  private readonly all = new Set<RunningEngine>();

  constructor(
    private readonly start: () => EngineWorker,
    private readonly keepMs = KEEP_ENGINE_MS,
  ) {}

  acquire(): EngineLease {
    const running = this.living() ?? this.startOne();
    this.current = running;
    running.leases++;
    if (running.timer) clearTimeout(running.timer);
    let held = true;
    return {
      api: running.worker.api,
      release: () => {
        if (held) this.release(running);
        held = false;
      },
    };
  }

  /** Runs `work` with the engine and gives it back however that ends. */
  async use<T>(work: (api: Remote<EngineApi>) => Promise<T>): Promise<T> {
    const lease = this.acquire();
    try {
      return await work(lease.api);
    } finally {
      lease.release();
    }
  }

  /** The next to ask gets a new engine (settings have changed); those at work keep theirs. */
  renew(): void {
    const old = this.current;
    this.current = null;
    if (old && old.leases === 0) this.end(old);
  }

  dispose(): void {
    this.current = null;
    for (const running of this.all) this.end(running);
  }

  /** The engine that is there, unless it has died. */
  private living(): RunningEngine | null {
    if (this.current && !this.current.worker.alive) this.renew();
    return this.current;
  }

  private startOne(): RunningEngine {
    const running: RunningEngine = { worker: this.start(), leases: 0, timer: null };
    this.all.add(running);
    return running;
  }

  private release(running: RunningEngine): void {
    running.leases--;
    if (running.leases > 0 || !this.all.has(running)) return;
    if (running !== this.current) this.end(running);
    else running.timer = setTimeout(() => this.end(running), this.keepMs);
  }

  private end(running: RunningEngine): void {
    if (running.timer) clearTimeout(running.timer);
    if (this.current === running) this.current = null;
    if (this.all.delete(running)) running.worker.dispose();
  }
}
