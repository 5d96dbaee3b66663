import { type Kysely, sql, type Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { endSessions } from './credentials.ts';
import { checkedEmail, checkedName, checkedTimeZone, nameParts } from './fields.ts';
import type { User } from './rows.ts';
import { userByKey, usersPage } from './users-list.ts';

export interface NewUser {
  readonly email: string;
  readonly name: string;
  /** Ids of the same organisation. */
  readonly roleId: string;
  readonly profileId: string;
  /** Null: reports to nobody. */
  readonly managerId: string | null;
  /** Null: the organisation's. */
  readonly timeZone?: string | null;
}

export interface UserChanges {
  readonly name?: string;
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
  const name = checkedName("the user's name", user.name);
  const { firstName, lastName } = nameParts(name);
  return {
    org,
    id,
    full_name: name,
    first_name: firstName,
    last_name: lastName,
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
    `the e-mail address ${email} belongs to a user of organisation ${holder.org} already, and an address logs in to one organisation only: choose another`,
  );
}

export function updateUser(
  db: Kysely<Database>,
  org: string,
  id: string,
  changes: UserChanges,
  now: number,
): Promise<User> {
  const { roleId, profileId, managerId, status } = changes;
  const name = changes.name === undefined ? null : checkedName("the user's name", changes.name);
  return db.transaction().execute(async (trx) => {
    if (!(await exists(trx, 'users', org, id))) throw new Failure('INVALID_DATA', `there is no user ${id}`);
    const hadAdministrator = await hasAdministrator(trx, org);
    await requirePlaces(trx, org, changes);
    if (managerId && (await isAtOrAbove(trx, org, id, managerId))) {
      throw new Failure('INVALID_DATA', `the user ${id} would report to themselves`);
    }
    await trx
      .updateTable('users')
      .set({
        id,
        ...(name !== null && {
          full_name: name,
          first_name: nameParts(name).firstName,
          last_name: nameParts(name).lastName,
        }),
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
    throw new Failure('INVALID_DATA', `there is no role ${roleId}`);
  }
  if (profileId !== undefined && !(await exists(trx, 'profiles', org, profileId))) {
    throw new Failure('INVALID_DATA', `there is no profile ${profileId}`);
  }
  if (managerId && !(await exists(trx, 'users', org, managerId))) {
    throw new Failure('INVALID_DATA', `there is no user ${managerId} to report to`);
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
