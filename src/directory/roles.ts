import { type Kysely, sql } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { checkedName } from './fields.ts';
import { type Role, roleOf } from './rows.ts';

export interface NewRole {
  readonly name: string;
  /** Id of the role above; null: the CEO's. */
  readonly reportsTo: string | null;
}

export async function roles(db: Kysely<Database>, org: string): Promise<Role[]> {
  const rows = await db.selectFrom('roles').selectAll().where('org', '=', org).orderBy('id').execute();
  return rows.map(roleOf);
}

export function addRole(db: Kysely<Database>, org: string, id: string, role: NewRole): Promise<Role> {
  const name = checkedName("the role's name", role.name);
  return db.transaction().execute(async (trx) => {
    const reportsTo = await roleAbove(trx, org, role.reportsTo);
    const row = await trx
      .insertInto('roles')
      .values({ org, id, name, reports_to: reportsTo, is_ceo: 0 })
      .onConflict((conflict) => conflict.columns(['org', 'name']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new Failure('DUPLICATE_DATA', `there is a role "${name}" already`);
    return roleOf(row);
  });
}

/** Puts a role, with all below it, under another one (null: the CEO's). */
export function moveRole(db: Kysely<Database>, org: string, id: string, reportsTo: string | null): Promise<Role> {
  return db.transaction().execute(async (trx) => {
    const role = await trx
      .selectFrom('roles')
      .selectAll()
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!role) throw new Failure('INVALID_DATA', `there is no role ${id}`);
    if (role.is_ceo === 1) throw new Failure('INVALID_DATA', 'the CEO role reports to nobody');
    const above = await roleAbove(trx, org, reportsTo);
    if (await isAtOrAbove(trx, org, id, above)) {
      throw new Failure('INVALID_DATA', `the role "${role.name}" would report to itself`);
    }
    await trx.updateTable('roles').set({ reports_to: above }).where('org', '=', org).where('id', '=', id).execute();
    return roleOf({ ...role, reports_to: above });
  });
}

async function roleAbove(trx: Kysely<Database>, org: string, id: string | null): Promise<string> {
  const wanted = trx.selectFrom('roles').select('id').where('org', '=', org);
  const row = await (id === null ? wanted.where('is_ceo', '=', 1) : wanted.where('id', '=', id)).executeTakeFirst();
  if (!row) throw new Failure('INVALID_DATA', id === null ? 'there is no CEO role' : `there is no role ${id}`);
  return row.id;
}

/** Is `upper` the role `lower`, or one that it reports to at any distance? `union` ends at a cycle, should one exist. */
async function isAtOrAbove(trx: Kysely<Database>, org: string, upper: string, lower: string): Promise<boolean> {
  const found = await sql`
    with recursive chain (id) as (
      select cast(${lower} as text)
      union
      select roles.reports_to from roles join chain on roles.id = chain.id
      where roles.org = ${org} and roles.reports_to is not null)
    select 1 from chain where id = ${upper}`.execute(trx);
  return found.rows.length > 0;
}
