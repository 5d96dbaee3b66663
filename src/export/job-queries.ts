/** What every job and every question about one asks the database, made once. */
import { type Kysely, sql } from 'kysely';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import { jobColumns, stateColumns } from './job-row.ts';
import { openStates } from './leases.ts';

export function jobQueries(db: Kysely<Database>) {
  return { ...readings(db), ...changes(db) };
}

function readings(db: Kysely<Database>) {
  return {
    byId: new PreparedQuery((given: { org: string; id: string }) =>
      db.selectFrom('export_jobs').selectAll().where('org', '=', given.org).where('id', '=', given.id),
    ),
    byIdAndUser: new PreparedQuery((given: { org: string; id: string; createdBy: string }) =>
      db
        .selectFrom('export_jobs')
        .selectAll()
        .where('org', '=', given.org)
        .where('id', '=', given.id)
        .where('created_by', '=', given.createdBy),
    ),
    listed: new PreparedQuery((given: { org: string; id: string }) =>
      db.selectFrom('export_jobs').select(jobColumns).where('org', '=', given.org).where('id', '=', given.id),
    ),
    stateById: new PreparedQuery((given: { org: string; id: string }) =>
      db.selectFrom('export_jobs').select(stateColumns).where('org', '=', given.org).where('id', '=', given.id),
    ),
    latestStates: new PreparedQuery((given: { org: string; limit: number }) =>
      db
        .selectFrom('export_jobs')
        .select(stateColumns)
        .where('org', '=', given.org)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(given.limit),
    ),
    openStates: new PreparedQuery((given: { org: string }) =>
      db.selectFrom('export_jobs').select(stateColumns).where('org', '=', given.org).where('status', 'in', openStates),
    ),
    openOfUser: new PreparedQuery((given: { org: string; createdBy: string }) =>
      db
        .selectFrom('export_jobs')
        .select('id')
        .where('org', '=', given.org)
        .where('created_by', '=', given.createdBy)
        .where('status', 'in', openStates),
    ),
    openOfOrganisation: new PreparedQuery((given: { org: string }) =>
      db
        .selectFrom('export_jobs')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('org', '=', given.org)
        .where('status', 'in', openStates),
    ),
  };
}

function changes(db: Kysely<Database>) {
  return {
    renew: new PreparedQuery((given: Renewal) =>
      db
        .updateTable('export_jobs')
        .set({ lease_until: given.leaseUntil, entries: given.entries, total_entries: given.total })
        .where('id', '=', given.id)
        .where('status', '=', 'progress')
        .where('lease_owner', '=', given.owner),
    ),
    finish: new PreparedQuery((given: Finish) =>
      db
        .updateTable('export_jobs')
        .set({
          status: 'finished',
          lease_owner: null,
          lease_until: null,
          ended_at: given.now,
          expires_at: expiryOf(given),
          entries: given.entries,
          total_entries: given.entries,
          files: given.files,
          result_key: given.resultKey,
        })
        .where('id', '=', given.id)
        .where('status', '=', 'progress')
        .where('lease_owner', '=', given.owner),
    ),
  };
}

const dayMs = 86_400_000;

/** The organisation's own days count from the next result that is finished. */
function expiryOf({ now, resultDays }: Pick<Finish, 'now' | 'resultDays'>) {
  const own = sql`select o.result_days from organisations as o where o.zgid = export_jobs.org`;
  return sql<number>`${now} + cast(coalesce((${own}), ${resultDays}) as bigint) * ${sql.lit(dayMs)}`;
}

interface Renewal {
  readonly id: string;
  readonly owner: string;
  readonly leaseUntil: number;
  readonly entries: number;
  readonly total: number | null;
}

interface Finish {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
  /** Of organisations that have not said it themselves. */
  readonly resultDays: number;
  readonly entries: number;
  readonly files: string;
  readonly resultKey: string;
}
