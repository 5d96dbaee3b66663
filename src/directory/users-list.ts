import { setImmediate as otherWork } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import type { User } from './rows.ts';

/** As the wire names them. Imported users are active and not confirmed. */
export const userListTypes = [
  'AllUsers',
  'ActiveUsers',
  'DeactiveUsers',
  'ConfirmedUsers',
  'NotConfirmedUsers',
  'DeletedUsers',
  'ActiveConfirmedUsers',
  'AdminUsers',
  'ActiveConfirmedAdmins',
  'CurrentUser',
] as const;
export type UserListType = (typeof userListTypes)[number];

export interface UserListQuery {
  readonly type: UserListType;
  /** From 1. */
  readonly page: number;
  /** From 1; how many at most is the caller's to say. */
  readonly perPage: number;
  /** The caller, whom `CurrentUser` means. */
  readonly currentUserId: string | null;
}

export interface UserPage {
  /** In the order in which they were added. */
  readonly users: readonly User[];
  readonly hasMore: boolean;
}

export async function usersPage(db: Kysely<Database>, org: string, query: UserListQuery): Promise<UserPage> {
  const { page, perPage } = query;
  if (!Number.isSafeInteger(perPage) || perPage < 1) {
    throw new Failure('INVALID_DATA', 'a page holds at least one user', { details: { api_name: 'per_page' } });
  }
  if (!Number.isSafeInteger(page) || page < 1 || !Number.isSafeInteger(page * perPage)) {
    throw new Failure('INVALID_DATA', 'pages are counted from 1', { details: { api_name: 'page' } });
  }
  const rows = await ofType(selectUsers(db).where('u.org', '=', org), query)
    .orderBy('u.created_at')
    .orderBy('u.id')
    .limit(perPage + 1)
    .offset((page - 1) * perPage)
    .execute();
  return { users: rows.slice(0, perPage).map(userOf), hasMore: rows.length > perPage };
}

export async function userByKey(db: Kysely<Database>, org: string, id: string): Promise<User | null> {
  const row = await selectUsers(db).where('u.org', '=', org).where('u.id', '=', id).executeTakeFirst();
  return row ? userOf(row) : null;
}

export interface UserSearch {
  /** In the name or the address, whatever the case; null: everyone. */
  readonly text: string | null;
  readonly status: User['status'] | null;
  /** True: only those who are known from entries; false: only those who can log in; null: both. */
  readonly isImported: boolean | null;
  /** Go on behind this user; null: from the start. */
  readonly after: UserKey | null;
  readonly limit: number;
}

/** A user's place in the list. */
export interface UserKey {
  readonly createdAt: number;
  readonly id: string;
}

export interface FoundUsers {
  /** In the order in which they were added. */
  readonly users: readonly User[];
  /** Where to go on; null: there is nobody left. Also with fewer users than were asked for, or none: see `searchedUsers`. */
  readonly next: UserKey | null;
}

/** Looked at in one call at most, so that a name that is rare, or nobody's, takes no longer than a moment. */
export const searchedUsers = 20_000;
const usersAtATime = 500;

/** SQLite knows upper and lower case of ASCII only, so names are compared here. */
export async function searchUsers(db: Kysely<Database>, org: string, search: UserSearch): Promise<FoundUsers> {
  const wanted = search.text === null ? '' : folded(search.text);
  const found: User[] = [];
  let after = search.after;
  for (let looked = 0; looked < searchedUsers; looked += usersAtATime) {
    const rows = await usersBehind(db, org, { ...search, after });
    for (const row of rows) {
      if (found.length === search.limit) return { users: found, next: after };
      after = { createdAt: row.created_at, id: row.id };
      if (folded(row.full_name).includes(wanted) || row.email?.includes(wanted)) found.push(userOf(row));
    }
    if (rows.length < usersAtATime) return { users: found, next: null };
    await otherWork();
  }
  return { users: found, next: after };
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function usersBehind(db: Kysely<Database>, org: string, search: Omit<UserSearch, 'text' | 'limit'>) {
  const { status, isImported, after } = search;
  let users = selectUsers(db).where('u.org', '=', org);
  if (status !== null) users = users.where('u.status', '=', status);
  if (isImported !== null) users = users.where('u.imported', '=', isImported ? 1 : 0);
  if (after !== null) {
    users = users.where((where) =>
      where(where.refTuple('u.created_at', 'u.id'), '>', where.tuple(after.createdAt, after.id)),
    );
  }
  return users.orderBy('u.created_at').orderBy('u.id').limit(usersAtATime).execute();
}

/** Addresses are unique in the whole installation. */
export async function userByEmail(db: Kysely<Database>, email: string): Promise<User | null> {
  const row = await selectUsers(db).where('u.email', '=', email.trim().toLowerCase()).executeTakeFirst();
  return row ? userOf(row) : null;
}

export function selectUsers(db: Kysely<Database>) {
  return db
    .selectFrom('users as u')
    .leftJoin('roles as r', (join) => join.onRef('r.org', '=', 'u.org').onRef('r.id', '=', 'u.role_id'))
    .leftJoin('profiles as p', (join) => join.onRef('p.org', '=', 'u.org').onRef('p.id', '=', 'u.profile_id'))
    .select(['u.org', 'u.id', 'u.full_name', 'u.first_name', 'u.last_name', 'u.email', 'u.role_id', 'u.profile_id'])
    .select(['u.manager_id', 'u.status', 'u.imported', 'u.time_zone', 'u.created_at'])
    .select(['r.name as role_name', 'p.name as profile_name']);
}

type UserSelect = ReturnType<typeof selectUsers>;
type UserRow = Awaited<ReturnType<UserSelect['execute']>>[number];

function ofType(users: UserSelect, { type, currentUserId }: UserListQuery): UserSelect {
  const active = users.where('u.status', '=', 'active');
  switch (type) {
    case 'AllUsers':
      return users.where('u.status', '!=', 'deleted');
    case 'ActiveUsers':
      return active;
    case 'DeactiveUsers':
      return users.where('u.status', '=', 'inactive');
    case 'DeletedUsers':
      return users.where('u.status', '=', 'deleted');
    case 'ConfirmedUsers':
      return users.where('u.status', '!=', 'deleted').where('u.imported', '=', 0);
    case 'NotConfirmedUsers':
      return users.where('u.status', '!=', 'deleted').where('u.imported', '=', 1);
    case 'ActiveConfirmedUsers':
      return active.where('u.imported', '=', 0);
    case 'AdminUsers':
      return users.where('u.status', '!=', 'deleted').where('p.is_administrator', '=', 1);
    case 'ActiveConfirmedAdmins':
      return active.where('u.imported', '=', 0).where('p.is_administrator', '=', 1);
    case 'CurrentUser':
      return users.where('u.id', '=', currentUserId);
    default:
      throw new Error(`unknown list of users ${type satisfies never}`);
  }
}

export function userOf(row: UserRow): User {
  return {
    org: row.org,
    id: row.id,
    fullName: row.full_name,
    firstName: row.first_name,
    lastName: row.last_name,
    email: row.email,
    role: row.role_id !== null && row.role_name !== null ? { id: row.role_id, name: row.role_name } : null,
    profile:
      row.profile_id !== null && row.profile_name !== null ? { id: row.profile_id, name: row.profile_name } : null,
    managerId: row.manager_id,
    status: row.status,
    isImported: row.imported === 1,
    timeZone: row.time_zone,
    createdAt: row.created_at,
  };
}
