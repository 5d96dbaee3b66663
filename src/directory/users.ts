import { type Kysely, sql, type Transaction } from 'kysely';
import { Failure, wrongField } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { endSessions } from './credentials.ts';
import { checkedEmail, checkedTimeZone, nameColumns, type PersonName } from './fields.ts';
import type { User } from './rows.ts';
import { userByKey, usersPage } from './users-list.ts';

export interface NewUser {
  readonly email: string;
  readonly name: PersonName;
  /** Ids of the same organisation. */
  readonly roleId: string;
  readonly profileId: string;
  /** Null: reports to nobody. */
  readonly managerId: string | null;
  /** Null: the organisation's. */
  readonly timeZone?: string | null;
}

export interface UserChanges {
  readonly name?: PersonName;
  /** Of a user who can log in, not of one who is known from entries only. */
  readonly email?: string;
  readonly roleId?: string;
  readonly profileId?: string;
  readonly managerId?: string | null;
  /** Anything but `active` ends the user's tokens and sessions, for good: making the user active again does not bring them back. */
  readonly status?: User['status'];
}

/** What the caller has made beforehand, since neither may happen inside a transaction. */
export interface UserMaterial {
  readonly id: string;
  readonly passwordHash: string;
  readonly now: number;
}

/** Null when the id is taken, by an imported user, and another one must be tried. */
export function insertUser(
  db: Kysely<Database>,
  org: string,
  user: NewUser,
  material: UserMaterial,
): Promise<User | null> {
  const row = userRow(org, user, material);
  return db.transaction().execute(async (trx) => {
    await requireFreeEmail(trx, row.email);
    await requirePlaces(trx, org, user);
    const inserted = await trx
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.columns(['org', 'id']).doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n ? userByKey(trx, org, row.id) : null;
  });
}

/** The row of a user who can log in, with a one-time password. */
export function userRow(org: string, user: NewUser, { id, passwordHash, now }: UserMaterial) {
  return {
    org,
    id,
    ...nameColumns(user.name),
    email: checkedEmail(user.email),
    role_id: user.roleId,
    profile_id: user.profileId,
    manager_id: user.managerId,
    status: 'active',
    imported: 0,
    imported_name: null,
    password_hash: passwordHash,
    password_is_one_time: 1,
    time_zone: user.timeZone ? checkedTimeZone(user.timeZone) : null,
    created_at: now,
  } as const;
}

export async function requireFreeEmail(trx: Transaction<Database>, email: string): Promise<void> {
  const holder = await trx.selectFrom('users').select('org').where('email', '=', email).executeTakeFirst();
  if (!holder) return;
  throw new Failure(
    'DUPLICATE_DATA',
    `the e-mail address ${email} belongs to a user already, and an address logs in to one organisation only: choose another`,
    { details: { api_name: 'email', json_path: '$.email' } },
  );
}

export async function updateUser(
  db: Kysely<Database>,
  org: string,
  id: string,
  changes: UserChanges,
  now: number,
): Promise<User> {
  const { roleId, profileId, managerId, status } = changes;
  const name = changes.name === undefined ? null : nameColumns(changes.name);
  const email = changes.email === undefined ? null : checkedEmail(changes.email);
  return db.transaction().execute(async (trx) => {
    const before = requireUser(await userByKey(trx, org, id), id);
    if (email !== null && email !== before.email) {
      if (before.isImported) throw wrongField('email', `the user ${id} is known from entries only`);
      await requireFreeEmail(trx, email);
    }
    const hadAdministrator = await hasAdministrator(trx, org);
    await requirePlaces(trx, org, changes);
    if (managerId && (await isAtOrAbove(trx, org, id, managerId))) {
      throw wrongField('manager_id', `the user ${id} would report to themselves`);
    }
    await trx
      .updateTable('users')
      .set({
        id,
        ...name,
        ...(email !== null && { email }),
        ...(roleId !== undefined && { role_id: roleId }),
        ...(profileId !== undefined && { profile_id: profileId }),
        ...(managerId !== undefined && { manager_id: managerId }),
        ...(status !== undefined && { status }),
      })
      .where('org', '=', org)
      .where('id', '=', id)
      .execute();
    if (status !== undefined && status !== 'active') {
      await endGrants(trx, org, id, now);
      await endSessions(trx, org, id);
    }
    if (hadAdministrator && !(await hasAdministrator(trx, org))) {
      throw new Failure(
        'INVALID_DATA',
        `organisation ${org} would have no active administrator left; add another one first`,
      );
    }
    return requireUser(await userByKey(trx, org, id), id);
  });
}

/** Someone must be able to act for the organisation: tokens and clients are made for its administrator. */
async function hasAdministrator(trx: Transaction<Database>, org: string): Promise<boolean> {
  const query = { type: 'ActiveConfirmedAdmins', page: 1, perPage: 1, currentUserId: null } as const;
  return (await usersPage(trx, org, query)).users.length > 0;
}

/** Here and not in `access/`, because it must happen with the change of the status or not at all. */
async function endGrants(trx: Transaction<Database>, org: string, userId: string, now: number): Promise<void> {
  await trx
    .updateTable('grants')
    .set({ revoked_at: now })
    .where('org', '=', org)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute();
}

function requireUser(user: User | null, id: string): User {
  if (!user) throw new Failure('INVALID_DATA', `there is no user ${id}`);
  return user;
}

interface Places {
  readonly roleId?: string;
  readonly profileId?: string;
  readonly managerId?: string | null;
}

async function requirePlaces(trx: Transaction<Database>, org: string, places: Places): Promise<void> {
  const { roleId, profileId, managerId } = places;
  if (roleId !== undefined && !(await exists(trx, 'roles', org, roleId))) {
    throw wrongField('role_id', `there is no role ${roleId}`);
  }
  if (profileId !== undefined && !(await exists(trx, 'profiles', org, profileId))) {
    throw wrongField('profile_id', `there is no profile ${profileId}`);
  }
  if (managerId && !(await exists(trx, 'users', org, managerId))) {
    throw wrongField('manager_id', `there is no user ${managerId} to report to`);
  }
}

async function exists(
  trx: Transaction<Database>,
  table: 'users' | 'roles' | 'profiles',
  org: string,
  id: string,
): Promise<boolean> {
  const row = await trx.selectFrom(table).select('id').where('org', '=', org).where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}

/** Is `upper` the user `lower`, or one to whom that user reports at any distance? `union` ends at a cycle. */
async function isAtOrAbove(trx: Transaction<Database>, org: string, upper: string, lower: string): Promise<boolean> {
  const found = await sql`
    with recursive chain (id) as (
      select cast(${lower} as text)
      union
      select users.manager_id from users join chain on users.id = chain.id
      where users.org = ${org} and users.manager_id is not null)
    select 1 from chain where id = ${upper}`.execute(trx);
  return found.rows.length > 0;
}
