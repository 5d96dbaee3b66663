import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { Failure, wrongField } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { checkedName } from './fields.ts';
import { type Role, roleOf } from './rows.ts';

export interface NewRole {
  readonly name: string;
  /** Id of the role above; null: the CEO's. */
  readonly reportsTo: string | null;
}

export interface RoleChanges {
  readonly name?: string;
  /** Id of the role above; null: the CEO's. */
  readonly reportsTo?: string | null;
}

/** The tree is read whole for every viewer, and answered whole. */
export const maxRoles = 1_000;

export async function roles(db: Kysely<Database>, org: string): Promise<Role[]> {
  const rows = await db.selectFrom('roles').selectAll().where('org', '=', org).orderBy('id').execute();
  return rows.map(roleOf);
}

export function addRole(db: Kysely<Database>, org: string, id: string, role: NewRole): Promise<Role> {
  const name = checkedName("the role's name", 'name', role.name);
  return db.transaction().execute(async (trx) => {
    const { count } = await trx
      .selectFrom('roles')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('org', '=', org)
      .executeTakeFirstOrThrow();
    if (Number(count) >= maxRoles) {
      throw new Failure('LIMIT_EXCEEDED', `an organisation has at most ${maxRoles} roles`, {
        details: { limit: String(maxRoles) },
      });
    }
    const reportsTo = await roleAbove(trx, org, role.reportsTo);
    const row = await trx
      .insertInto('roles')
      .values({ org, id, name, reports_to: reportsTo, is_ceo: 0 })
      .onConflict((conflict) => conflict.columns(['org', 'name']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) throw nameTaken(name);
    return roleOf(row);
  });
}

/** Renames a role, or puts it, with all below it, under another one. */
export async function updateRole(db: Kysely<Database>, org: string, id: string, changes: RoleChanges): Promise<Role> {
  const name = changes.name === undefined ? null : checkedName("the role's name", 'name', changes.name);
  return db.transaction().execute(async (trx) => {
    const role = await trx
      .selectFrom('roles')
      .selectAll()
      .where('org', '=', org)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!role) throw new Failure('INVALID_DATA', `there is no role ${id}`);
    const changed = {
      name: name ?? role.name,
      reports_to: changes.reportsTo === undefined ? role.reports_to : await placeOf(trx, role, changes.reportsTo),
    };
    const holder = trx.selectFrom('roles').select('id').where('org', '=', org).where('name', '=', changed.name);
    if (((await holder.executeTakeFirst())?.id ?? id) !== id) throw nameTaken(changed.name);
    await trx.updateTable('roles').set(changed).where('org', '=', org).where('id', '=', id).execute();
    return roleOf({ ...role, ...changed });
  });
}

/** The id of the role that this one is to report to. */
async function placeOf(trx: Transaction<Database>, role: RoleRow, reportsTo: string | null): Promise<string> {
  if (role.is_ceo === 1) throw wrongField('reports_to', 'the CEO role reports to nobody');
  const above = await roleAbove(trx, role.org, reportsTo);
  if (!(await isAtOrAbove(trx, role.org, role.id, above))) return above;
  throw wrongField('reports_to', `the role "${role.name}" would report to itself`);
}

type RoleRow = Selectable<Database['roles']>;

function nameTaken(name: string): Failure {
  return new Failure('DUPLICATE_DATA', `there is a role "${name}" already`, {
    details: { api_name: 'name', json_path: '$.name' },
  });
}

async function roleAbove(trx: Kysely<Database>, org: string, id: string | null): Promise<string> {
  const wanted = trx.selectFrom('roles').select('id').where('org', '=', org);
  const row = await (id === null ? wanted.where('is_ceo', '=', 1) : wanted.where('id', '=', id)).executeTakeFirst();
  if (!row) throw wrongField('reports_to', id === null ? 'there is no CEO role' : `there is no role ${id}`);
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
