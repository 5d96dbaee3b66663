import cliProgress from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface ProgressOptions {
  /** What is being done, such as "Importing". */
  readonly task: string;
  /** What `total` and `done` count; null total: unknown. */
  readonly total: number | null;
}

const linesEveryMs = 5000;

/**
 * How far a command has got: a bar with rate and rest where someone is looking, a plain line now and then where the
 * output goes to a file. Always on stderr. Silent until something takes long enough to be told.
 */
export class ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #options: ProgressOptions;
  #bar: cliProgress.SingleBar | null = null;
  readonly #startedAt = performance.now();
  #lastLineAt = this.#startedAt;

  constructor(terminal: Terminal, options: ProgressOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  /** `done` is in the unit of the total; `entries` is how many entries that makes. */
  update(done: number, entries: number, total: number | null = this.#options.total): void {
    const now = performance.now();
    const isWatched = this.#terminal.stderr.isTTY === true;
    if (!isWatched && now - this.#lastLineAt < linesEveryMs) return;
    const seconds = (now - this.#startedAt) / 1000;
    const { task } = this.#options;
    const payload = {
      entries: entries.toLocaleString('en'),
      rate: Math.round(entries / Math.max(seconds, 0.001)).toLocaleString('en'),
      rest: total === null || done === 0 ? '…' : timeText((seconds * Math.max(total - done, 0)) / done),
    };
    if (isWatched) {
      this.#bar ??= startedBar(this.#terminal, task, total, payload);
      this.#bar.update(total === null ? 0 : Math.min(done, total), payload);
      return;
    }
    this.#lastLineAt = now;
    const part = total === null ? '' : ` (${Math.floor((100 * done) / Math.max(total, 1))} %, ${payload.rest} left)`;
    this.#terminal.stderr.write(`${task}: ${payload.entries} entries, ${payload.rate} a second${part}\n`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}

/** Shows progress while the work lasts. */
export async function withProgress<Result>(
  terminal: Terminal,
  options: ProgressOptions,
  work: (progress: ProgressDisplay) => Promise<Result>,
): Promise<Result> {
  const progress = new ProgressDisplay(terminal, options);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

function startedBar(terminal: Terminal, task: string, total: number | null, payload: object): cliProgress.SingleBar {
  const counts = '{entries} entries | {rate}/s';
  const bar = new cliProgress.SingleBar({
    stream: terminal.stderr as NodeJS.WritableStream, // a Writable is one; its type wants more overloads
    format: total === null ? `${task} ${counts}` : `${task} {bar} {percentage} % | ${counts} | {rest} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    fps: 10,
  });
  bar.start(total ?? 1, 0, payload);
  return bar;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
