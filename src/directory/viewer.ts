import type { Kysely } from 'kysely';
import { visibleUserIds } from '../audit/visibility.ts';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import { type Organisation, organisationOf, type Profile, profileOf, type Role, roleOf, type User } from './rows.ts';
import { selectUsers, userOf } from './users-list.ts';

/** A user with all that decides what they may do, as it is at this moment; small, for it is kept for every caller. */
export interface Viewer {
  readonly organisation: Organisation;
  readonly user: User;
  readonly profile: Profile | null;
  readonly role: Role | null;
  readonly isAdministrator: boolean;
  readonly isCeo: boolean;
  readonly mayUseAuditLog: boolean;
}

/** Answers null when there is no such user, or the user is not active. */
export type FindViewer = (org: string, userId: string) => Promise<Viewer | null>;

export function viewerFinder(db: Kysely<Database>): FindViewer {
  const byKey = viewerByKey(db);
  return async (org, userId) => {
    const row = await byKey.first(db, { org, userId });
    if (row?.status !== 'active') return null;
    const user = userOf(row);
    const profile =
      user.profile &&
      profileOf({
        ...user.profile,
        org,
        is_administrator: row.is_administrator ?? 0,
        may_use_audit_log: row.may_use_audit_log ?? 0,
      });
    const role = user.role && roleOf({ ...user.role, org, reports_to: row.reports_to, is_ceo: row.is_ceo ?? 0 });
    return {
      organisation: organisationOf({
        zgid: org,
        id: row.org_id,
        company_name: row.company_name,
        time_zone: row.org_time_zone,
        hierarchy: row.hierarchy,
        result_days: row.result_days,
        created_at: row.org_created_at,
      }),
      user,
      profile,
      role,
      isAdministrator: profile?.isAdministrator ?? false,
      isCeo: role?.isCeo ?? false,
      mayUseAuditLog: profile?.mayUseAuditLog ?? false,
    };
  };
}

function viewerByKey(db: Kysely<Database>) {
  return new PreparedQuery((given: { org: string; userId: string }) =>
    selectUsers(db)
      .innerJoin('organisations as o', 'o.zgid', 'u.org')
      .select(['o.id as org_id', 'o.company_name', 'o.hierarchy', 'o.result_days'])
      .select(['o.time_zone as org_time_zone', 'o.created_at as org_created_at'])
      .select(['r.reports_to', 'r.is_ceo', 'p.is_administrator', 'p.may_use_audit_log'])
      .where('u.org', '=', given.org)
      .where('u.id', '=', given.userId),
  );
}

/** Ids of the users whose entries the viewer may see; null: everyone's, of the organisation. */
export async function visibleTo(db: Kysely<Database>, viewer: Viewer): Promise<readonly string[] | null> {
  const { isAdministrator, isCeo } = viewer;
  // Whoever sees everyone is spared the reading of all users.
  if (isAdministrator || isCeo) return null;
  const { zgid, hierarchy } = viewer.organisation;
  const roles = (await db.selectFrom('roles').selectAll().where('org', '=', zgid).execute()).map(roleOf);
  const users = await placedUsers(db, zgid, hierarchy);
  const self = { id: viewer.user.id, roleId: viewer.role?.id ?? null, isAdministrator };
  return visibleUserIds(self, { hierarchy, users, roles });
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
