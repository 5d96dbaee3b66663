/** Who sees whose entries, by the organisation's hierarchy. */
import type { EntryFilter } from './criteria.ts';
import { isEmptyFilter } from './criteria.ts';

export interface Viewer {
  readonly id: string;
  readonly roleId: string | null;
  /** Has the Administrator profile. */
  readonly isAdministrator: boolean;
}

export interface Hierarchy {
  /** The organisation's preference: by the tree of roles, or by the managers that users report to. */
  readonly hierarchy: 'roles' | 'reporting_to';
  readonly users: readonly { readonly id: string; readonly roleId: string | null; readonly managerId: string | null }[];
  readonly roles: readonly { readonly id: string; readonly reportsTo: string | null; readonly isCeo: boolean }[];
}

/** True for administrators and for the CEO role, under either preference. */
export function seesEveryone(viewer: Viewer, roles: Hierarchy['roles']): boolean {
  return viewer.isAdministrator || roles.some((role) => role.isCeo && role.id === viewer.roleId);
}

/**
 * Ids of the users whose entries the viewer may see, null for everyone's: their own and their subordinates', to any
 * depth. With roles, a subordinate's role is strictly below the viewer's: who shares a role does not see each other.
 * Linear in the size of the organisation; a cycle in what an administrator entered ends like any other branch.
 */
export function visibleUserIds(viewer: Viewer, org: Hierarchy): string[] | null {
  if (seesEveryone(viewer, org.roles)) return null;
  const subordinates = org.hierarchy === 'roles' ? inRolesBelow(viewer, org) : reportingTo(viewer, org);
  return [viewer.id, ...subordinates.filter((id) => id !== viewer.id)];
}

function inRolesBelow(viewer: Viewer, { users, roles }: Hierarchy): string[] {
  if (viewer.roleId === null) return [];
  const below = new Set(descendants(viewer.roleId, roles, (role) => role.reportsTo));
  return users.filter((user) => user.roleId !== null && below.has(user.roleId)).map((user) => user.id);
}

function reportingTo(viewer: Viewer, { users }: Hierarchy): string[] {
  return descendants(viewer.id, users, (user) => user.managerId);
}

/** Ids of all nodes under the one at the top, without it, each once. */
function descendants<Node extends { readonly id: string }>(
  top: string,
  nodes: readonly Node[],
  parentOf: (node: Node) => string | null,
): string[] {
  const children = Map.groupBy(nodes, parentOf);
  const found = new Set([top]);
  for (const id of found) {
    // a Set's iteration goes on to what is added meanwhile, and what is there already is not added again
    for (const child of children.get(id) ?? []) found.add(child.id);
  }
  found.delete(top);
  return [...found];
}

/**
 * May a viewer who now sees the entries of `now` (null: everyone's) still see all that the result of this query can
 * hold? Judged by the query, not by the rows that happened to be found.
 */
export function coversQuery(
  now: readonly string[] | null,
  query: EntryFilter & { readonly visibleTo: readonly string[] | null },
): boolean {
  if (now === null || isEmptyFilter(query)) return true;
  const inResult = query.doneBy === null ? query.visibleTo : within(query.doneBy, query.visibleTo);
  if (inResult === null) return false;
  const seen = new Set(now);
  return inResult.every((id) => seen.has(id));
}

function within(ids: readonly string[], bound: readonly string[] | null): readonly string[] {
  if (bound === null) return ids;
  const allowed = new Set(bound);
  return ids.filter((id) => allowed.has(id));
}
