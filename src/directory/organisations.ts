import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { checkedName, checkedResultDays, checkedTimeZone } from './fields.ts';
import { type Organisation, organisationOf, type Profile, profileOf } from './rows.ts';

export interface OrganisationChanges {
  readonly companyName?: string;
  /** Lines that are written from now on show the new zone's offset; those that are there stay as they are. */
  readonly timeZone?: string;
  readonly hierarchy?: 'roles' | 'reporting_to';
  /** Days until a result is removed, of results that are finished from now on; null: as the installation is set. */
  readonly resultDays?: number | null;
}

export async function organisation(db: Kysely<Database>, zgid: string): Promise<Organisation | null> {
  const row = await db.selectFrom('organisations').selectAll().where('zgid', '=', zgid).executeTakeFirst();
  return row ? organisationOf(row) : null;
}

export async function organisations(db: Kysely<Database>): Promise<Organisation[]> {
  const rows = await db.selectFrom('organisations').selectAll().orderBy('created_at').orderBy('zgid').execute();
  return rows.map(organisationOf);
}

export async function updateOrganisation(
  db: Kysely<Database>,
  zgid: string,
  changes: OrganisationChanges,
): Promise<Organisation> {
  const { companyName, timeZone, hierarchy, resultDays } = changes;
  const row = await db
    .updateTable('organisations')
    .set({
      // The key itself: an update without a change is allowed, and answers the organisation.
      zgid,
      ...(companyName !== undefined && {
        company_name: checkedName("the organisation's name", 'company_name', companyName),
      }),
      ...(timeZone !== undefined && { time_zone: checkedTimeZone(timeZone) }),
      ...(hierarchy !== undefined && { hierarchy }),
      ...(resultDays !== undefined && { result_days: resultDays === null ? null : checkedResultDays(resultDays) }),
    })
    .where('zgid', '=', zgid)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new Failure('INVALID_DATA', `there is no organisation ${zgid}`);
  return organisationOf(row);
}

export async function profiles(db: Kysely<Database>, org: string): Promise<Profile[]> {
  const rows = await db.selectFrom('profiles').selectAll().where('org', '=', org).orderBy('id').execute();
  return rows.map(profileOf);
}
