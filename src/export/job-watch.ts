/** Tells which jobs have changed, whoever changed them: the workers of this process, its routes, or a command beside it. */
import type { Changes } from '../database/changes.ts';
import type { ExportJobs, JobStateRow, Progress } from './jobs.ts';
import type { ExportLog } from './worker.ts';

/** A job that is another than it was. Each change is an object of its own, the same for all who listen. */
export interface ChangedJob {
  readonly id: string;
  /** Its user's id. */
  readonly createdBy: string;
}

/** Called with what has changed since it was called last; never with nothing. Must not throw. */
export type JobListener = (changed: readonly ChangedJob[]) => void;

export interface JobWatchOptions {
  readonly jobs: Pick<ExportJobs, 'states' | 'statesOf'>;
  readonly changes: Changes;
  /** How far a run is that goes on in this process: more often told than it is written to the job's row. */
  readonly progressOf: (jobId: string) => Progress | null;
  readonly log: Pick<ExportLog, 'warn'>;
  /** How often it is looked, while anybody listens. */
  readonly everyMs?: number;
}

/** Of each organisation so many of the newest are looked at, and every one that is open. */
export const watchedJobs = 100;

/** One organisation that somebody listens to. */
interface Watched {
  readonly listeners: Set<JobListener>;
  /** When the jobs were read; null: not yet, or the database cannot tell. */
  mark: number | null;
  jobs: readonly JobStateRow[];
  /** What each job looked like when it was told last; null: nothing was told yet. */
  told: ReadonlyMap<string, string> | null;
  /** The reading that goes on. */
  reading: Promise<boolean> | null;
}

/**
 * One look for all who listen: as long as nothing is written to the database it costs microseconds, and nothing at all
 * when nobody listens.
 */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: JobWatchOptions) {
    this.#options = options;
  }

  /** Resolves once whatever changes from now on will be told; until it is disposed of. Throws what the database throws. */
  async listen(org: string, listener: JobListener): Promise<Disposable> {
    const watched = this.#watchedOf(org);
    watched.listeners.add(listener);
    this.#timer ??= setInterval(() => void this.look(), this.#options.everyMs ?? 250).unref();
    const listening = { [Symbol.dispose]: () => this.#leave(org, watched, listener) };
    try {
      // What was told before counts for all: so with others there already, what has changed meanwhile is told now.
      await this.#look(org, watched);
      return listening;
    } catch (error) {
      listening[Symbol.dispose]();
      throw error;
    }
  }

  /** Looks at once. What goes wrong is logged, and the next look tells what this one did not. */
  async look(): Promise<void> {
    for (const [org, watched] of this.#watched) {
      try {
        await this.#look(org, watched);
      } catch (error) {
        this.#options.log.warn({ err: error, org }, 'changes of exports cannot be read; trying again later');
      }
    }
  }

  #watchedOf(org: string): Watched {
    let watched = this.#watched.get(org);
    if (watched === undefined) {
      watched = { listeners: new Set(), mark: null, jobs: [], told: null, reading: null };
      this.#watched.set(org, watched);
    }
    return watched;
  }

  #leave(org: string, watched: Watched, listener: JobListener): void {
    watched.listeners.delete(listener);
    if (watched.listeners.size === 0 && this.#watched.get(org) === watched) this.#watched.delete(org);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One at a time: two that overlap could tell the older state last. */
  async #look(org: string, watched: Watched): Promise<void> {
    while (watched.reading !== null) await watched.reading.catch(() => false); // is told to whoever started it
    const reading = this.#read(org, watched);
    watched.reading = reading;
    try {
      // What is not written changes by the progress of a run alone.
      if ((await reading) || watched.jobs.some(({ status }) => status === 'progress')) this.#tell(watched);
    } finally {
      watched.reading = null;
    }
  }

  /** False: there was nothing new to read. */
  async #read(org: string, watched: Watched): Promise<boolean> {
    const { jobs, changes } = this.#options;
    const mark = changes.mark();
    if (mark !== null && mark === watched.mark) return false;
    const found = await jobs.states(org, watchedJobs);
    const ids = new Set(found.map((job) => job.id));
    // One that was open and has left both lists has ended, behind many that came later.
    const gone = watched.jobs.filter((job) => isOpen(job) && !ids.has(job.id));
    const ended =
      gone.length === 0
        ? []
        : await jobs.statesOf(
            org,
            gone.map((job) => job.id),
          );
    watched.jobs = [...new Map([...found, ...ended].map((job) => [job.id, job])).values()];
    watched.mark = mark;
    return true;
  }

  #tell(watched: Watched): void {
    const before = watched.told;
    const now = new Map(watched.jobs.map((job) => [job.id, this.#lookOf(job)]));
    watched.told = now;
    if (before === null) return;
    const changed = watched.jobs
      .filter((job) => before.get(job.id) !== now.get(job.id))
      .map(({ id, createdBy }): ChangedJob => ({ id, createdBy }));
    if (changed.length > 0) for (const listener of watched.listeners) listener(changed);
  }

  #lookOf(job: JobStateRow): string {
    const { entries, total } = progressIn(job, this.#options.progressOf);
    return `${job.status} ${entries} ${total} ${job.startedAt} ${job.hasResult}`;
  }
}

/** How far a job is, as it is known in this process; null as long as nothing has been counted. */
export function progressIn(
  job: Pick<JobStateRow, 'id' | 'status' | 'entries' | 'totalEntries'>,
  progressOf: JobWatchOptions['progressOf'],
): { readonly entries: number | null; readonly total: number | null } {
  const here = job.status === 'progress' ? progressOf(job.id) : null;
  return { entries: here?.entries ?? job.entries, total: here?.total ?? job.totalEntries };
}

function isOpen({ status }: JobStateRow): boolean {
  return status === 'scheduled' || status === 'progress';
}
