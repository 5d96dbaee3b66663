/** The statements by which jobs change hands; each is one UPDATE, so two workers never get the same job. */
import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../database/schema.ts';

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

/** The oldest free job, of an organisation with fewer running jobs first, so that a hundred jobs of one starve nobody. */
export async function claimNext(
  db: Kysely<Database>,
  terms: LeaseTerms & { readonly owner: string },
): Promise<JobRow | undefined> {
  const running = db
    .selectFrom('export_jobs')
    .select(['org', (eb) => eb.fn.countAll().as('jobs')])
    .where('status', 'in', openStates)
    .where('status', '=', progress)
    .where('lease_until', '>', terms.now)
    .groupBy('org')
    .as('running');
  const next = db
    .selectFrom('export_jobs as job')
    .leftJoin(running, 'running.org', 'job.org')
    .select('job.id')
    .where('job.status', 'in', openStates)
    .where('job.attempts', '<', terms.maxAttempts)
    .where((eb) => eb.or([eb('job.lease_until', 'is', null), eb('job.lease_until', '<=', terms.now)]))
    .orderBy((eb) => eb.fn.coalesce('running.jobs', sql.lit(0)))
    .orderBy('job.created_at')
    .orderBy('job.id')
    .limit(1);
  return await db
    .updateTable('export_jobs')
    .set({
      status: 'progress',
      lease_owner: terms.owner,
      lease_until: terms.now + terms.leaseMs,
      attempts: sql`attempts + 1`,
      started_at: sql`coalesce(started_at, ${terms.now})`,
      entries: 0,
    })
    .where('id', '=', next)
    .where((eb) => isFree(eb, terms.now))
    .returningAll()
    .executeTakeFirst();
}

/** Fails jobs whose holder vanished during their last try. */
export async function failAbandoned(db: Kysely<Database>, terms: LeaseTerms): Promise<void> {
  await db
    .updateTable('export_jobs')
    .set({
      status: 'failed',
      lease_owner: null,
      lease_until: null,
      ended_at: terms.now,
      failure: `The export was started ${terms.maxAttempts} times, and each time what ran it ended before it was done`,
    })
    .where('attempts', '>=', terms.maxAttempts)
    .where((eb) => isFree(eb, terms.now))
    .execute();
}

/** Frees all running jobs; the interrupted run is no try, unless there have been too many of them. */
export async function releaseInterrupted(db: Kysely<Database>): Promise<number> {
  const result = await db
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

/** Repeated in the UPDATE itself: on a database with several writers the choice may be old news by then. */
function isFree(eb: ExpressionBuilder<Database, 'export_jobs'>, now: number) {
  return eb.and([eb('status', 'in', openStates), eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)])]);
}
