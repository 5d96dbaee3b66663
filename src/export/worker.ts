import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResultsStore } from '../results/results.ts';
import { ExportThread } from './export-thread.ts';
import { failedTry, isStoreDown } from './failure-words.ts';
import { type ExportJobs, type Lease, type Progress, resultKeyOf, type WholeJob } from './jobs.ts';
import type { ExportOutcome } from './run.ts';
import type { ThreadData } from './thread-messages.ts';

/** The part of a pino logger that the pool uses. */
export interface ExportLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WorkerTimes {
  /** How often jobs are looked for that another process made, and that were waiting for their next try. */
  readonly pollMs: number;
  /** How often leases are renewed and progress is written. */
  readonly heartbeatMs: number;
  /** The pause before the next try. */
  readonly retryPauseMs: number;
  /** The same when the store was full or down. */
  readonly fullStorePauseMs: number;
  /** How long an aborted export, or a thread that is told to close, may take before it is ended by force. */
  readonly abortMs: number;
  /** How long a thread that has nothing to do is kept, except for the last, which stays. */
  readonly idleMs: number;
}

const defaultTimes: WorkerTimes = {
  pollMs: 2_000,
  heartbeatMs: 1_000,
  retryPauseMs: 1_000,
  fullStorePauseMs: 30_000,
  abortMs: 5_000,
  idleMs: 60_000,
};

export interface ExportWorkersOptions {
  readonly jobs: ExportJobs;
  readonly results: Pick<ResultsStore, 'remove'>;
  /** Exports that run at once; 0 leaves jobs scheduled. */
  readonly threads: number;
  readonly threadData: ThreadData;
  readonly log: ExportLog;
  readonly times?: Partial<WorkerTimes>;
  /** Another entry for the threads, for tests. */
  readonly threadFile?: URL;
}

interface Run {
  readonly job: WholeJob;
  readonly lease: Lease;
  readonly key: string;
  readonly thread: ExportThread;
  progress: Progress;
  /** Why it was told to stop, if it was. */
  stopped: 'lease lost' | 'server stops' | null;
}

/**
 * Claims jobs and runs each in a worker thread, several at once. Lives in the main thread and holds all leases there, so a
 * thread that hangs in a long computation loses none. Threads are reused; one that died is replaced. One is started before
 * there is a job, for its start takes longer than most exports.
 */
export class ExportWorkers {
  readonly #options: ExportWorkersOptions;
  readonly #times: WorkerTimes;
  /** Owners of leases: this pool's name and a count, so no name comes twice. */
  readonly #name = randomBytes(6).toString('hex');
  #claims = 0;
  readonly #runs = new Map<Run, Promise<void>>();
  readonly #idle: ExportThread[] = [];
  #timers: NodeJS.Timeout[] = [];
  #filling: Promise<void> | null = null;
  #beating: Promise<void> | null = null;
  #isWoken = false;
  #isStopping = false;

  constructor(options: ExportWorkersOptions) {
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
  }

  start(): void {
    if (this.#options.threads === 0 || this.#timers.length > 0) return;
    this.#timers = [
      setInterval(() => this.wake(), this.#times.pollMs).unref(),
      setInterval(() => this.#heartbeat(), this.#times.heartbeatMs).unref(),
    ];
    this.#idle.push(this.#startThread());
    this.wake();
  }

  /** How far the run of a job is, as it is known here: ahead of what the job's row says; null when it does not run here. */
  progressOf(jobId: string): Progress | null {
    for (const { job, progress } of this.#runs.keys()) if (job.id === jobId) return progress;
    return null;
  }

  /** There may be a job to claim. */
  wake(): void {
    if (this.#timers.length === 0 || this.#isStopping) return;
    this.#isWoken = true;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = null;
    });
  }

  /**
   * Claims nothing more, lets exports finish for the grace time, then aborts them and gives their jobs back. Afterwards no
   * thread and no lease is left.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#filling;
    if (!(await this.#allEnd(graceMs))) {
      for (const run of this.#runs.keys()) this.#stopRun(run, 'server stops');
      await Promise.all(this.#runs.values());
    }
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#beating;
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end(this.#times.abortMs)));
  }

  async #fill(): Promise<void> {
    while (this.#isWoken && !this.#isStopping) {
      this.#isWoken = false;
      try {
        while (this.#runs.size < this.#options.threads && !this.#isStopping) {
          if (!(await this.#claimOne())) break;
        }
      } catch (error) {
        this.#options.log.error({ err: error }, 'exports cannot be claimed; trying again later');
      }
    }
  }

  async #claimOne(): Promise<boolean> {
    this.#claims += 1;
    const owner = `${this.#name}-${this.#claims}`;
    const job = await this.#options.jobs.claim(owner);
    if (job === null) return false;
    const thread = this.#freeThread();
    const lease = { jobId: job.id, owner };
    const run: Run = {
      job,
      lease,
      key: resultKeyOf(job, owner),
      thread,
      progress: { entries: 0, total: null },
      stopped: null,
    };
    this.#runs.set(
      run,
      this.#work(run).finally(() => this.#ended(run)),
    );
    return true;
  }

  #freeThread(): ExportThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.isAlive) return thread;
    }
    return this.#startThread();
  }

  #startThread(): ExportThread {
    return ExportThread.start(this.#options.threadData, this.#options.threadFile);
  }

  #rest(thread: ExportThread): void {
    if (!thread.isAlive) return;
    this.#idle.push(thread);
    if (this.#idle.length > 1) setTimeout(() => this.#dismiss(thread), this.#times.idleMs).unref();
  }

  /** If it has had nothing to do since, or again, and is not the only one. */
  #dismiss(thread: ExportThread): void {
    const place = this.#idle.indexOf(thread);
    if (place === -1 || this.#idle.length === 1) return;
    this.#idle.splice(place, 1);
    void thread.end(this.#times.abortMs);
  }

  #ended(run: Run): void {
    this.#runs.delete(run);
    this.#rest(run.thread);
    this.wake();
  }

  /** Never rejects: what goes wrong ends in the job's row and in the log. */
  async #work(run: Run): Promise<void> {
    const { job, key, thread } = run;
    try {
      const task = { key, query: job.query, modifiedAt: Math.floor(job.createdAt / 1000) };
      const outcome = await thread.run(task, (progress) => {
        run.progress = progress;
      });
      await this.#finish(run, outcome);
    } catch (error) {
      try {
        await this.#putDown(run, error);
      } catch (second) {
        // The lease runs out by itself, and the sweeper finds the files.
        this.#options.log.error({ err: second, jobId: job.id }, 'an export that failed could not be put down properly');
      }
    }
  }

  async #finish(run: Run, outcome: ExportOutcome): Promise<void> {
    const { jobs, results, log } = this.#options;
    if (await jobs.finish(run.lease, { ...outcome, resultKey: run.key })) {
      log.info({ jobId: run.job.id, org: run.job.org, entries: outcome.entries }, 'export finished');
      return;
    }
    log.warn({ jobId: run.job.id }, 'export finished after its lease was lost: its files are dropped');
    await results.remove(run.key);
  }

  /**
   * After a run that did not finish: the job's row, then the files, and those only if the lease was still ours. If it was
   * not, the row may even say `finished` (when just the answer to that was lost), so the sweeper decides, by the row.
   */
  async #putDown(run: Run, error: unknown): Promise<void> {
    const { jobs, results, log } = this.#options;
    const { job, lease } = run;
    const fields = { err: error, jobId: job.id, org: job.org, attempt: job.attempts };
    if (run.stopped === 'lease lost') {
      log.warn(fields, 'export stopped: its lease was lost');
      return;
    }
    if (run.stopped === 'server stops') {
      if (await jobs.release(lease, job)) await results.remove(run.key);
      log.info({ jobId: job.id }, 'export given back: the server stops');
      return;
    }
    const pauseMs = isStoreDown(error) ? this.#times.fullStorePauseMs : this.#times.retryPauseMs;
    const next = await jobs.endTry(lease, job, failedTry(error, job.attempts), pauseMs);
    if (next === 'scheduled') log.warn(fields, 'export failed; it will be tried again');
    else if (next === 'failed') log.error(fields, 'export failed for good');
    else log.warn(fields, 'export failed after its lease was lost');
    if (next !== 'lost') await results.remove(run.key);
  }

  #heartbeat(): void {
    this.#beating ??= this.#renewAll().finally(() => {
      this.#beating = null;
    });
  }

  async #renewAll(): Promise<void> {
    for (const run of this.#runs.keys()) {
      try {
        if (await this.#options.jobs.renew(run.lease, run.progress)) continue;
        if (this.#runs.has(run)) this.#stopRun(run, 'lease lost');
      } catch (error) {
        // The next beat tries again; there are many before the lease runs out.
        this.#options.log.warn({ err: error, jobId: run.job.id }, 'a lease could not be renewed');
      }
    }
  }

  #stopRun(run: Run, reason: 'lease lost' | 'server stops'): void {
    run.stopped ??= reason;
    run.thread.abort();
    setTimeout(() => {
      if (this.#runs.has(run)) void run.thread.end(0);
    }, this.#times.abortMs).unref();
  }

  async #allEnd(withinMs: number): Promise<boolean> {
    const tooLate = new AbortController();
    const ended = Promise.all(this.#runs.values()).then(() => true);
    const late = delay(withinMs, false, { signal: tooLate.signal }).catch(() => false);
    const isEnded = await Promise.race([ended, late]);
    tooLate.abort();
    return isEnded;
  }
}
