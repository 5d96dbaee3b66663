/** The statements by which jobs change hands; each is one UPDATE, so two workers never get the same job. */
import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import { abandoned, type FailureKind } from './failure-words.ts';

type JobRow = Selectable<Database['export_jobs']>;

/**
 * The indexes of the open jobs, which are few among many that have ended, serve only a query that says exactly this, in
 * literals; so a query for running jobs says it, too.
 */
const progress = sql.lit('progress' as const);
export const openStates = [sql.lit('scheduled' as const), progress];

interface LeaseTerms {
  readonly now: number;
  readonly leaseMs: number;
  readonly maxAttempts: number;
}

/** How often the process may be killed in the middle of a job before that counts: the job might be what kills it. */
export const maxInterruptions = 10;

/** Each claim runs both of its statements, which are made once. */
export class Leases {
  readonly #db: Kysely<Database>;
  readonly #claimNext: ReturnType<typeof claimNext>;
  readonly #failAbandoned: ReturnType<typeof failAbandoned>;

  constructor(db: Kysely<Database>) {
    this.#db = db;
    this.#claimNext = claimNext(db);
    this.#failAbandoned = failAbandoned(db);
  }

  /** The oldest free job, of an organisation with fewer running jobs first, so that a hundred jobs of one starve nobody. */
  claimNext({
    now,
    leaseMs,
    maxAttempts,
    owner,
  }: LeaseTerms & { readonly owner: string }): Promise<JobRow | undefined> {
    return this.#claimNext.first(this.#db, { now, leaseUntil: now + leaseMs, maxAttempts, owner });
  }

  /** Fails jobs whose holder vanished during their last try. */
  async failAbandoned({ now, maxAttempts }: LeaseTerms): Promise<void> {
    const { kind, reason } = abandoned(maxAttempts);
    await this.#failAbandoned.run(this.#db, { now, maxAttempts, failure: reason, kind });
  }

  /** Frees all running jobs; the interrupted run is no try, unless there have been too many of them. */
  async releaseInterrupted(): Promise<number> {
    const result = await this.#db
      .updateTable('export_jobs')
      .set({
        status: 'scheduled',
        lease_owner: null,
        lease_until: null,
        attempts: sql`case when interruptions < ${maxInterruptions} then attempts - 1 else attempts end`,
        interruptions: sql`interruptions + 1`,
      })
      .where('status', 'in', openStates)
      .where('status', '=', progress)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  }
}

interface Claim {
  readonly now: number;
  readonly leaseUntil: number;
  readonly maxAttempts: number;
  readonly owner: string;
}

function claimNext(db: Kysely<Database>) {
  return new PreparedQuery((given: Claim) => {
    const running = db
      .selectFrom('export_jobs')
      .select(['org', (eb) => eb.fn.countAll().as('jobs')])
      .where('status', 'in', openStates)
      .where('status', '=', progress)
      .where('lease_until', '>', given.now)
      .groupBy('org')
      .as('running');
    const next = db
      .selectFrom('export_jobs as job')
      .leftJoin(running, 'running.org', 'job.org')
      .select('job.id')
      .where('job.status', 'in', openStates)
      .where('job.attempts', '<', given.maxAttempts)
      .where((eb) => eb.or([eb('job.lease_until', 'is', null), eb('job.lease_until', '<=', given.now)]))
      .orderBy((eb) => eb.fn.coalesce('running.jobs', sql.lit(0)))
      .orderBy('job.created_at')
      .orderBy('job.id')
      .limit(1);
    return db
      .updateTable('export_jobs')
      .set({
        status: 'progress',
        lease_owner: given.owner,
        lease_until: given.leaseUntil,
        attempts: sql`attempts + 1`,
        started_at: sql`coalesce(started_at, ${given.now})`,
        entries: 0,
      })
      .where('id', '=', next)
      .where((eb) => isFree(eb, given.now))
      .returningAll();
  });
}

function failAbandoned(db: Kysely<Database>) {
  return new PreparedQuery((given: { now: number; maxAttempts: number; failure: string; kind: FailureKind }) =>
    db
      .updateTable('export_jobs')
      .set({
        status: 'failed',
        lease_owner: null,
        lease_until: null,
        ended_at: given.now,
        failure: given.failure,
        failure_kind: given.kind,
      })
      .where('attempts', '>=', given.maxAttempts)
      .where((eb) => isFree(eb, given.now)),
  );
}

/** Repeated in the UPDATE itself: on a database with several writers the choice may be old news by then. */
function isFree(eb: ExpressionBuilder<Database, 'export_jobs'>, now: number) {
  return eb.and([eb('status', 'in', openStates), eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)])]);
}
