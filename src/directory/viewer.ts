import type { Kysely } from 'kysely';
import { seesEveryone, visibleUserIds } from '../audit/visibility.ts';
import type { Database } from '../database/schema.ts';
import { type Organisation, organisationOf, type Profile, profileOf, type Role, roleOf, type User } from './rows.ts';
import { userByKey } from './users-list.ts';

/** A user with all that decides what they may see, as it is at this moment. */
export interface Viewer {
  readonly organisation: Organisation;
  readonly user: User;
  readonly profile: Profile | null;
  readonly role: Role | null;
  readonly isAdministrator: boolean;
  readonly isCeo: boolean;
  readonly mayUseAuditLog: boolean;
  /** Ids of the users whose entries may be seen; null: everyone's, of the organisation. */
  readonly visibleTo: readonly string[] | null;
}

/** Null when there is no such user, or the user is not active. */
export async function viewer(db: Kysely<Database>, org: string, userId: string): Promise<Viewer | null> {
  const user = await userByKey(db, org, userId);
  if (user?.status !== 'active') return null;
  const row = await db.selectFrom('organisations').selectAll().where('zgid', '=', org).executeTakeFirstOrThrow();
  const profile = await profileById(db, org, user.profile?.id ?? null);
  const roles = (await db.selectFrom('roles').selectAll().where('org', '=', org).execute()).map(roleOf);
  const role = roles.find(({ id }) => id === user.role?.id) ?? null;
  const isAdministrator = profile?.isAdministrator ?? false;
  const self = { id: userId, roleId: role?.id ?? null, isAdministrator };
  const hierarchy = row.hierarchy;
  // Whoever sees everyone is spared the reading of all users.
  const users = seesEveryone(self, roles) ? [] : await placedUsers(db, org, hierarchy);
  return {
    organisation: organisationOf(row),
    user,
    profile,
    role,
    isAdministrator,
    isCeo: role?.isCeo ?? false,
    mayUseAuditLog: profile?.mayUseAuditLog ?? false,
    visibleTo: visibleUserIds(self, { hierarchy, users, roles }),
  };
}

async function profileById(db: Kysely<Database>, org: string, id: string | null): Promise<Profile | null> {
  if (id === null) return null;
  const row = await db
    .selectFrom('profiles')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? profileOf(row) : null;
}

/** The users who have a place in the hierarchy: the imported ones, who may be very many, mostly have none. */
function placedUsers(db: Kysely<Database>, org: string, hierarchy: Organisation['hierarchy']) {
  return db
    .selectFrom('users')
    .select(['id', 'role_id as roleId', 'manager_id as managerId'])
    .where('org', '=', org)
    .where(hierarchy === 'roles' ? 'role_id' : 'manager_id', 'is not', null)
    .execute();
}
