/** Progress on stderr: one line that is redrawn on a terminal, a plain line now and then elsewhere. */
import { printable } from "./printable";
import { formatSeconds, formatSpeed } from "../engine/units";

export interface Progress {
  phase: string;
  tensor: string;
  /** Bytes. */
  done: number;
  total: number;
  secondsLeft?: number | null;
}

export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const REDRAW_MILLISECONDS = 100;
const PLAIN_MILLISECONDS = 2000;
/** Speed and time left are those of this span, so that they follow a disk that slows down. */
const SPEED_SPAN_MILLISECONDS = 5000;
const BAR_WIDTH = 24;
/** That of the longest phase, so that the bar stays where it is. */
const PHASE_WIDTH = "statistics".length;
const SMALLEST_NAME_WIDTH = 8;
const CLEAR_LINE = "\r\u001b[K";

export class ProgressDisplay {
  private readonly isTerminal: boolean;
  private lastShown = -Infinity;
  private isDrawn = false;
  private samples: { time: number; done: number }[] = [];

  constructor(
    private readonly stream: ProgressStream,
    private readonly quiet: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.isTerminal = stream.isTTY === true && process.env.TERM !== "dumb";
  }

  update({ tensor, ...amounts }: Progress): void {
    if (this.quiet) return;
    const progress = { ...amounts, tensor: printable(tensor) };
    const time = this.now();
    this.sample(time, progress.done);
    if (time - this.lastShown < (this.isTerminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS)) return;
    this.lastShown = time;
    this.stream.write(this.isTerminal ? CLEAR_LINE + this.bar(progress) : `${this.plainLine(progress)}\n`);
    this.isDrawn = this.isTerminal;
  }

  /** Takes the drawn line away; call it before anything else is written and at the end. */
  clear(): void {
    if (this.isDrawn) this.stream.write(CLEAR_LINE);
    this.isDrawn = false;
  }

  private sample(time: number, done: number): void {
    if (done < (this.samples.at(-1)?.done ?? 0)) this.samples = [];
    this.samples.push({ time, done });
    const start = this.samples.findIndex((sample) => time - sample.time <= SPEED_SPAN_MILLISECONDS);
    this.samples.splice(0, Math.max(0, start - 1));
  }

  private plainLine(progress: Progress): string {
    return [`${progress.phase} ${percent(progress)}`, ...this.pace(progress), progress.tensor]
      .filter(Boolean)
      .join(", ");
  }

  private bar(progress: Progress): string {
    const filled = Math.round(BAR_WIDTH * share(progress));
    const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}]`;
    const pace = this.pace(progress).map((text) => `  ${text}`);
    // One column stays free: a terminal wraps when the last one is written.
    const width = Math.max(1, (this.stream.columns ?? 80) - 1);
    const head = `${progress.phase.padEnd(PHASE_WIDTH)} ${bar} ${percent(progress).padStart(5)}${pace.join("")}`;
    const room = width - head.length - 2;
    if (room >= SMALLEST_NAME_WIDTH) return `${head}  ${shortened(progress.tensor, room)}`;
    return head.slice(0, width);
  }

  private pace(progress: Progress): string[] {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    const seconds = first && last ? (last.time - first.time) / 1000 : 0;
    const bytes = first && last ? last.done - first.done : 0;
    if (seconds < 0.2 || bytes <= 0) return [];
    const left = progress.secondsLeft ?? ((progress.total - progress.done) * seconds) / bytes;
    return [formatSpeed(bytes, seconds), `${formatSeconds(Math.ceil(left))} left`];
  }
}

const share = ({ done, total }: Progress): number => (total > 0 ? Math.min(1, Math.max(0, done / total)) : 0);
const percent = (progress: Progress): string => `${Math.floor(100 * share(progress))} %`;

/** The end of a tensor's name says more than its start. */
const shortened = (name: string, width: number): string => (name.length <= width ? name : `…${name.slice(1 - width)}`);
