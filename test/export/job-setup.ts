import { openDatabase, type WatchedDatabase } from '../../src/database/database.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import type { ExportFilter } from '../../src/export/export-filter.ts';
import type { FailedTry } from '../../src/export/failure-words.ts';
import { ExportJobs, type Job, type JobLimits, type WholeJob } from '../../src/export/jobs.ts';
import { anyQuery } from './numbered-ledger.ts';

export const startOfTest = Date.UTC(2026, 6, 13, 9, 30);

export const testLimits: JobLimits = { openJobsPerOrganisation: 5, resultDays: 7, maxAttempts: 3, leaseMs: 30_000 };

/** The filter of everything. */
export const wholeLog: ExportFilter = {
  from: null,
  to: null,
  actions: null,
  modules: null,
  doneBy: null,
  words: null,
  record: null,
};

/** A try that ends for a reason that nobody looks at, or at this one. */
export function failedTry(reason = 'the disk is full'): FailedTry {
  return { kind: 'store', reason };
}

export interface JobSetup extends AsyncDisposable {
  readonly db: WatchedDatabase;
  readonly jobs: ExportJobs;
  readonly clock: { now: number };
  /** Creates a job of that user; each user may have one that is open. */
  create(user: string, org?: string): Promise<WholeJob>;
}

/** Jobs on a database of their own, with a clock that stands still until it is moved. */
export async function jobSetup(limits: Partial<JobLimits> = {}, location = ':memory:'): Promise<JobSetup> {
  const db = await openDatabase(location);
  const clock = { now: startOfTest };
  const read = (): number => clock.now;
  const jobs = new ExportJobs({
    db,
    ids: new IdAllocator(db, read),
    clock: read,
    limits: { ...testLimits, ...limits },
  });
  return {
    db,
    jobs,
    clock,
    create: (user, org = '10001') =>
      jobs.create({
        org,
        createdBy: { id: user, name: `User ${user}` },
        criteria: '{"field":{"api_name":"action"},"comparator":"equal","value":"added"}',
        filter: { ...wholeLog, actions: ['added'] },
        query: { ...anyQuery, org, actions: ['added'] },
      }),
    async [Symbol.asyncDispose]() {
      await db.destroy();
    },
  };
}

/** The job, which must be there. */
export async function jobOf(setup: JobSetup, job: Pick<Job, 'org' | 'id'>): Promise<WholeJob> {
  const found = await setup.jobs.get(job.org, job.id);
  if (found === null) throw new Error(`job ${job.id} is gone`);
  return found;
}
