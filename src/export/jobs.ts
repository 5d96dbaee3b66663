/**
 * Export jobs, as rows: the row is the truth, memory a copy.
 *
 *     scheduled --claim--> progress --finish--> finished --(expiry: its files go, the row stays)
 *         ^                   |------- a try failed, and it was the last ------------> failed
 *         |------ a try failed (after a pause), or the run was given back ------|
 *
 * A claim takes a lease: an owner's name, and a time until which nobody else may take the job. The owner renews it; when
 * it dies the lease runs out and the job can be claimed again, from the start. Only the holder of the lease may renew,
 * finish or give back: each is one conditional UPDATE, so whoever lost the lease changes nothing. Owners' names are never
 * used twice, so a name is good for one claim.
 *
 * A claim counts as a try, and the third that does not end in `finished` fails the job. Not counted: a run that the server
 * gave back when it stopped, and one that ended because the whole process was killed, up to `maxInterruptions`.
 */
import type { Kysely, Selectable } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { Database } from '../database/schema.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import type { ExportFilter } from './export-filter.ts';
import type { FailedTry, FailureKind } from './failure-words.ts';
import { jobQueries } from './job-queries.ts';
import { jobColumns, jobOf, newRow, stateOf, wholeJobOf } from './job-row.ts';
import { Leases } from './leases.ts';

export const jobStates = ['scheduled', 'progress', 'finished', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

export interface JobFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  readonly entries: number;
  /** The same bytes as a gzip file, kept beside the file under `gzipName`; absent when there is none. */
  readonly gzip?: { readonly bytes: number; readonly sha256: string };
}

/** What the gzip form of a file is called in the results store. No link leads to it: it is sent in the file's place. */
export function gzipName(name: string): string {
  return `${name}.gz`;
}

/** Times are epoch milliseconds, null until they are known. */
export interface Job {
  readonly id: string;
  readonly org: string;
  readonly createdBy: { readonly id: string; readonly name: string };
  readonly status: JobState;
  /** As the client sent it, JSON text; null when it sent none. */
  readonly criteria: string | null;
  readonly attempts: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly expiresAt: number | null;
  /** Rows done so far; the number exported once finished. */
  readonly entries: number | null;
  /** Rows in all, once they have been counted. */
  readonly totalEntries: number | null;
  readonly files: readonly JobFile[] | null;
  /** Where the files are; null until finished and after expiry. */
  readonly resultKey: string | null;
  /** Why it failed, in words for its owner. */
  readonly failure: string | null;
  /** The same as a kind, by which advice is given; null when it has not failed, and for jobs from before there were kinds. */
  readonly failureKind: FailureKind | null;
  /** What it is to hold; null for jobs from before this was kept. */
  readonly filter: ExportFilter | null;
}

/** With its query, which names all the people whose entries may be seen: left out of lists, where it would add up. */
export interface WholeJob extends Job {
  readonly query: LedgerQuery;
}

/** The place of a job in the list of its organisation. */
export interface JobKey {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly id: string;
}

/** Where a job stands: what of it changes, small enough to be looked at again and again. */
export interface JobStateRow {
  readonly id: string;
  readonly createdBy: string;
  readonly status: JobState;
  readonly entries: number | null;
  readonly totalEntries: number | null;
  readonly startedAt: number | null;
  readonly hasResult: boolean;
}

/** The right to work on a job. */
export interface Lease {
  readonly jobId: string;
  readonly owner: string;
}

export interface JobLimits {
  readonly openJobsPerOrganisation: number;
  /** How long results are kept by organisations that have not said it themselves. */
  readonly resultDays: number;
  readonly maxAttempts: number;
  readonly leaseMs: number;
}

export interface NewJob {
  readonly org: string;
  readonly createdBy: { readonly id: string; readonly name: string };
  readonly criteria: string | null;
  readonly filter: ExportFilter;
  readonly query: LedgerQuery;
}

/** How far a run is. */
export interface Progress {
  readonly entries: number;
  /** Null until they are counted. */
  readonly total: number | null;
}

export interface ExportJobsOptions {
  readonly db: Kysely<Database>;
  readonly ids: Pick<IdAllocator, 'next'>;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly limits: JobLimits;
}

/** What a list shows, unless it is asked for more or fewer. */
export const listedJobs = 200;

export class ExportJobs {
  readonly #db: Kysely<Database>;
  readonly #ids: Pick<IdAllocator, 'next'>;
  readonly #clock: () => number;
  readonly #limits: JobLimits;
  readonly #leases: Leases;
  readonly #queries: ReturnType<typeof jobQueries>;

  constructor(options: ExportJobsOptions) {
    this.#db = options.db;
    this.#ids = options.ids;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#leases = new Leases(options.db);
    this.#queries = jobQueries(options.db);
  }

  /** Throws ALREADY_SCHEDULED (its user has an open job) or TOO_MANY_REQUESTS (its organisation has too many). */
  async create(job: NewJob): Promise<WholeJob> {
    const id = await this.#ids.next(); // before the transaction, whose connection it would wait for
    return await this.#db.transaction().execute(async (trx) => {
      const { openOfUser, openOfOrganisation } = this.#queries;
      const open = await openOfUser.first(trx, { org: job.org, createdBy: job.createdBy.id });
      if (open !== undefined) throw alreadyScheduled(open.id);
      const organisation = await openOfOrganisation.first(trx, { org: job.org });
      if (Number(organisation?.count) >= this.#limits.openJobsPerOrganisation) throw this.#tooManyOpen();
      const row = newRow(id, job, this.#clock());
      await trx.insertInto('export_jobs').values(row).execute();
      return wholeJobOf(row);
    });
  }

  /**
   * One job; of one user's, or of anybody's (null). Another user's is not read at all, so it takes no longer than one that
   * is not there.
   */
  async get(org: string, id: string, createdBy: string | null = null): Promise<WholeJob | null> {
    if (!/^[0-9]{1,19}$/.test(id)) return null;
    const { byId, byIdAndUser } = this.#queries;
    const row = await (createdBy === null
      ? byId.first(this.#db, { org, id })
      : byIdAndUser.first(this.#db, { org, id, createdBy }));
    return row === undefined ? null : wholeJobOf(row);
  }

  /** As `list`, one after the other: criteria may be large, and a list of them is never held. */
  async *each(org: string, by: { readonly createdBy: string | null }, limit = listedJobs): AsyncGenerator<Job, void> {
    let ids = this.#db.selectFrom('export_jobs').select('id').where('org', '=', org);
    if (by.createdBy !== null) ids = ids.where('created_by', '=', by.createdBy);
    for (const { id } of await ids.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()) {
      const job = await this.listed(org, id);
      if (job !== null) yield job;
    }
  }

  /**
   * Newest first, those that come before `before` (null: from the newest): up to `limit` ids, and whether there are more.
   * By key, so a page stays the same however many are created meanwhile.
   */
  async page(
    org: string,
    { createdBy, before, limit }: { createdBy: string | null; before: JobKey | null; limit: number },
  ): Promise<{ readonly keys: readonly JobKey[]; readonly hasMore: boolean }> {
    let query = this.#db.selectFrom('export_jobs').select(['id', 'created_at as createdAt']).where('org', '=', org);
    if (createdBy !== null) query = query.where('created_by', '=', createdBy);
    if (before !== null) {
      const { createdAt, id } = before;
      query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(createdAt, id)));
    }
    const keys = await query
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return { keys: keys.slice(0, limit), hasMore: keys.length > limit };
  }

  /** Without its query; null when it is not there. */
  async listed(org: string, id: string): Promise<Job | null> {
    const row = await this.#queries.listed.first(this.#db, { org, id });
    return row === undefined ? null : jobOf(row);
  }

  /** Where the organisation's newest jobs stand, and all open ones, however old: as many as `newest`, and the open ones. */
  async states(org: string, newest: number): Promise<readonly JobStateRow[]> {
    const [latest, open] = [this.#queries.latestStates, this.#queries.openStates];
    const rows = [...(await latest.all(this.#db, { org, limit: newest })), ...(await open.all(this.#db, { org }))];
    return rows.map(stateOf);
  }

  /** The same of these jobs, as far as they are there. */
  async statesOf(org: string, ids: readonly string[]): Promise<readonly JobStateRow[]> {
    const rows = await Promise.all(ids.map((id) => this.#queries.stateById.first(this.#db, { org, id })));
    return rows.flatMap((row) => (row === undefined ? [] : [stateOf(row)]));
  }

  /** Newest first; of one user, or of all (null). */
  async list(org: string, by: { readonly createdBy: string | null }, limit = listedJobs): Promise<readonly Job[]> {
    return await Array.fromAsync(this.each(org, by, limit));
  }

  /**
   * Takes the oldest job that is free, of the organisation that has the fewest running; null when there is none. Jobs whose
   * last try was abandoned fail on the way.
   */
  async claim(owner: string): Promise<WholeJob | null> {
    const terms = { now: this.#clock(), ...this.#limits };
    await this.#leases.failAbandoned(terms);
    const row = await this.#leases.claimNext({ ...terms, owner });
    return row === undefined ? null : wholeJobOf(row);
  }

  /** Says that the work goes on, and how far it is. False: the lease is lost, and the work must stop. */
  async renew(lease: Lease, { entries, total }: Progress): Promise<boolean> {
    const { jobId: id, owner } = lease;
    const leaseUntil = this.#clock() + this.#limits.leaseMs;
    const { numAffectedRows } = await this.#queries.renew.run(this.#db, { id, owner, leaseUntil, entries, total });
    return numAffectedRows === 1n;
  }

  /** The files are published under `resultKey`. False: the lease was lost, the result does not count. */
  async finish(
    lease: Lease,
    result: { readonly entries: number; readonly files: readonly JobFile[]; readonly resultKey: string },
  ): Promise<boolean> {
    const now = this.#clock();
    const { numAffectedRows } = await this.#queries.finish.run(this.#db, {
      id: lease.jobId,
      owner: lease.owner,
      now,
      resultDays: this.#limits.resultDays,
      entries: result.entries,
      files: JSON.stringify(result.files),
      resultKey: result.resultKey,
    });
    return numAffectedRows === 1n;
  }

  /** Ends a try that did not work: the job is free again after the pause, or `failed` if that was its last. */
  async endTry(
    lease: Lease,
    job: Job,
    { kind, reason }: FailedTry,
    pauseMs: number,
  ): Promise<'scheduled' | 'failed' | 'lost'> {
    const now = this.#clock();
    const isLast = job.attempts >= this.#limits.maxAttempts;
    const isHeld = await this.#change(
      lease,
      isLast
        ? { status: 'failed', lease_owner: null, lease_until: null, ended_at: now, failure: reason, failure_kind: kind }
        : { status: 'scheduled', lease_owner: null, lease_until: now + pauseMs },
    );
    if (!isHeld) return 'lost';
    return isLast ? 'failed' : 'scheduled';
  }

  /** Gives an unfinished job back, free at once; the run does not count as a try. */
  async release(lease: Lease, job: Job): Promise<boolean> {
    return await this.#change(lease, {
      status: 'scheduled',
      lease_owner: null,
      lease_until: null,
      attempts: Math.max(0, job.attempts - 1),
    });
  }

  /**
   * Frees every job that is marked as running. Only for the start of the one process that works on this database: whoever
   * held those leases is dead. Returns how many.
   */
  async releaseAll(): Promise<number> {
    return await this.#leases.releaseInterrupted();
  }

  /** Finished jobs whose time is over and whose files have not been removed yet. */
  async expired(limit = 100): Promise<readonly { readonly id: string; readonly resultKey: string }[]> {
    const rows = await this.#db
      .selectFrom('export_jobs')
      .select(['id', 'result_key'])
      .where('result_key', 'is not', null)
      .where('expires_at', '<=', this.#clock())
      .orderBy('expires_at')
      .limit(limit)
      .execute();
    return rows.flatMap(({ id, result_key }) => (result_key === null ? [] : [{ id, resultKey: result_key }]));
  }

  /** From now on the job has no files; they can be removed. */
  async forgetResult(id: string): Promise<void> {
    await this.#db.updateTable('export_jobs').set({ result_key: null }).where('id', '=', id).execute();
  }

  /** Whether files under this key belong to a finished job, or to a run that may still be writing them. */
  async needsResult(key: string): Promise<boolean> {
    const [org = '', id = ''] = key.split('/');
    const row = await this.#db
      .selectFrom('export_jobs')
      .select([...jobColumns, 'lease_owner'])
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return false;
    if (row.result_key === key) return true;
    return row.lease_owner !== null && resultKeyOf(jobOf(row), row.lease_owner) === key;
  }

  async #change(lease: Lease, change: Partial<Selectable<Database['export_jobs']>>): Promise<boolean> {
    const result = await this.#db
      .updateTable('export_jobs')
      .set(change)
      .where('id', '=', lease.jobId)
      .where('status', '=', 'progress')
      .where('lease_owner', '=', lease.owner)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  #tooManyOpen(): Failure {
    const limit = this.#limits.openJobsPerOrganisation;
    return new Failure(
      'TOO_MANY_REQUESTS',
      `The organisation has ${limit} open exports already, the most it may have`,
      {
        retryAfterSeconds: 30,
      },
    );
  }
}

/** The results key of one claim. No two claims share one, so a run that is late can never write into another's files. */
export function resultKeyOf(job: Job, owner: string): string {
  return `${job.org}/${job.id}/${job.attempts}-${owner}`;
}

function alreadyScheduled(id: string): Failure {
  return new Failure('ALREADY_SCHEDULED', 'Export is already scheduled', { details: { id }, wrapped: true });
}
