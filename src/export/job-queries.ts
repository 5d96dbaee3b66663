/** What every job and every question about one asks the database, made once. */
import type { Kysely } from 'kysely';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import { openStates } from './leases.ts';

export function jobQueries(db: Kysely<Database>) {
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
    renew: new PreparedQuery((given: { id: string; owner: string; leaseUntil: number; entries: number }) =>
      db
        .updateTable('export_jobs')
        .set({ lease_until: given.leaseUntil, entries: given.entries })
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
          expires_at: given.expiresAt,
          entries: given.entries,
          files: given.files,
          result_key: given.resultKey,
        })
        .where('id', '=', given.id)
        .where('status', '=', 'progress')
        .where('lease_owner', '=', given.owner),
    ),
  };
}

interface Finish {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
  readonly expiresAt: number;
  readonly entries: number;
  readonly files: string;
  readonly resultKey: string;
}
