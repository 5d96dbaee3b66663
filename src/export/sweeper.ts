import type { ResultsStore } from '../results/results.ts';
import type { ExportJobs } from './jobs.ts';
import type { ExportLog } from './worker.ts';

export interface SweepOptions {
  readonly jobs: Pick<ExportJobs, 'expired' | 'forgetResult' | 'needsResult'>;
  readonly results: Pick<ResultsStore, 'keys' | 'remove'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Files that no job knows are left alone for so long after their last change. */
  readonly orphanAgeMs?: number;
  readonly signal?: AbortSignal;
}

export interface Swept {
  readonly expired: number;
  readonly orphans: number;
}

const hourMs = 3_600_000;

/**
 * Removes the files of jobs whose time is over (the job's row stays; its download then answers 404), and files that no job
 * knows: of runs that died, or that were published in the moment in which their process was killed.
 */
export async function sweepResults(options: SweepOptions): Promise<Swept> {
  const expired = await sweepExpired(options);
  const orphans = await sweepOrphans(options);
  return { expired, orphans };
}

async function sweepExpired({ jobs, results, signal }: SweepOptions): Promise<number> {
  let count = 0;
  for (;;) {
    const batch = await jobs.expired();
    if (batch.length === 0) return count;
    for (const { id, resultKey } of batch) {
      signal?.throwIfAborted();
      // The row first: when the process dies in between, files are left that no job knows, never a link without a file.
      await jobs.forgetResult(id);
      await results.remove(resultKey);
      count += 1;
    }
  }
}

async function sweepOrphans({ jobs, results, clock, orphanAgeMs = hourMs, signal }: SweepOptions): Promise<number> {
  const before = clock() - orphanAgeMs;
  let count = 0;
  for await (const { key, changedAt } of results.keys()) {
    signal?.throwIfAborted();
    if (changedAt > before || (await jobs.needsResult(key))) continue;
    await results.remove(key);
    count += 1;
  }
  return count;
}

/**
 * Sweeps at the start and then at an interval, one sweep at a time. For the server that has the folder alone and has freed
 * all leases: so the first sweep leaves files of no age alone, for what no job knows then is of a process that is gone. The
 * runs that start beside it are safe, since a run has its lease before it has a file.
 */
export class Sweeper {
  readonly #options: SweepOptions & { readonly log: ExportLog; readonly everyMs: number };
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #current: Promise<void> | null = null;
  #isFirstDone = false;

  constructor(options: Omit<SweepOptions, 'signal'> & { readonly log: ExportLog; readonly everyMs?: number }) {
    this.#options = { everyMs: hourMs / 4, ...options, signal: this.#stop.signal };
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(), this.#options.everyMs).unref();
    this.#sweep();
  }

  /** Resolves when no sweep runs any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stop.abort();
    await this.#current;
  }

  #sweep(): void {
    this.#current ??= this.#sweepOnce().finally(() => {
      this.#current = null;
    });
  }

  async #sweepOnce(): Promise<void> {
    const { log } = this.#options;
    try {
      const swept = await sweepResults(this.#isFirstDone ? this.#options : { ...this.#options, orphanAgeMs: 0 });
      this.#isFirstDone = true;
      if (swept.expired > 0 || swept.orphans > 0) log.info(swept, 'old results removed');
    } catch (error) {
      if (!this.#stop.signal.aborted) log.warn({ err: error }, 'old results could not be removed; trying again later');
    }
  }
}
