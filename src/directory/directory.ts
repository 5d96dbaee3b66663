import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { Database } from '../database/schema.ts';
import * as credentials from './credentials.ts';
import { type ModuleLabels, modules, type NewModule, updateModule } from './modules.ts';
import { type ModuleRef, NamedModules } from './named-modules.ts';
import * as orgs from './organisations.ts';
import { hashPassword, oneTimePassword } from './password.ts';
import { People, type ResolvedUser, type UserRef } from './people.ts';
import { type FoundPerson, type PeopleSearch, peopleNamed } from './people-search.ts';
import { addRole, type NewRole, type RoleChanges, roles, updateRole } from './roles.ts';
import type { Module, Organisation, Profile, Role, User } from './rows.ts';
import { type NewOrganisation, type SeededOrganisation, seedOrganisation } from './seed.ts';
import { insertUser, type NewUser, type UserChanges, updateUser } from './users.ts';
import {
  type FoundUsers,
  searchUsers,
  type UserListQuery,
  type UserPage,
  type UserSearch,
  userByEmail,
  userByKey,
  usersPage,
} from './users-list.ts';
import { type FindViewer, type Viewer, viewerFinder, visibleTo } from './viewer.ts';

export type { PasswordChange, ProvenUser } from './credentials.ts';
export type { ModuleRef } from './named-modules.ts';
export type { OrganisationChanges } from './organisations.ts';
export type { ResolvedUser, UserRef } from './people.ts';
export type { Module, Organisation, Profile, Role, User } from './rows.ts';
export type { NewUser, UserChanges } from './users.ts';
export type { UserListQuery, UserPage } from './users-list.ts';
export type { Viewer } from './viewer.ts';

/** How many ids are asked about in one statement. */
const idsPerQuery = 500;

/**
 * Organisations, and the users, roles, profiles and modules of each. `org` is always an organisation's zgid, and what
 * belongs to another organisation does not exist for the call. What an administrator gets wrong is a Failure of
 * INVALID_DATA or DUPLICATE_DATA whose message names it.
 */
export class Directory {
  readonly #db: Kysely<Database>;
  readonly #ids: IdAllocator;
  readonly #clock: () => number;
  readonly #people: People;
  readonly #findViewer: FindViewer;
  readonly #namedModules: NamedModules;

  /** `clock` gives epoch milliseconds. */
  constructor(db: Kysely<Database>, ids: IdAllocator, clock: () => number) {
    this.#db = db;
    this.#ids = ids;
    this.#clock = clock;
    this.#people = new People(db, clock);
    this.#findViewer = viewerFinder(db);
    this.#namedModules = new NamedModules(db, ids, clock);
  }

  /** With profiles, roles, standard modules and an administrator: see `seed.ts`. */
  createOrganisation(wanted: NewOrganisation): Promise<SeededOrganisation> {
    return seedOrganisation({ db: this.#db, ids: this.#ids, clock: this.#clock }, wanted);
  }

  organisation(zgid: string): Promise<Organisation | null> {
    return orgs.organisation(this.#db, zgid);
  }

  /** Oldest first. */
  organisations(): Promise<Organisation[]> {
    return orgs.organisations(this.#db);
  }

  updateOrganisation(zgid: string, changes: orgs.OrganisationChanges): Promise<Organisation> {
    return orgs.updateOrganisation(this.#db, zgid, changes);
  }

  profiles(org: string): Promise<Profile[]> {
    return orgs.profiles(this.#db, org);
  }

  roles(org: string): Promise<Role[]> {
    return roles(this.#db, org);
  }

  async addRole(org: string, role: NewRole): Promise<Role> {
    return addRole(this.#db, org, await this.#ids.next(), role);
  }

  /** Puts a role under another one; null: under the CEO's. */
  moveRole(org: string, id: string, reportsTo: string | null): Promise<Role> {
    return updateRole(this.#db, org, id, { reportsTo });
  }

  updateRole(org: string, id: string, changes: RoleChanges): Promise<Role> {
    return updateRole(this.#db, org, id, changes);
  }

  /** Adds a user who can log in. The password is shown once: only its hash is kept. */
  async addUser(org: string, user: NewUser): Promise<{ readonly user: User; readonly oneTimePassword: string }> {
    const password = oneTimePassword();
    const passwordHash = await hashPassword(password, 'one-time');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const material = { id: await this.#ids.next(), passwordHash, now: this.#clock() };
      const added = await insertUser(this.#db, org, user, material);
      if (added) return { user: added, oneTimePassword: password };
    }
    throw new Failure('SERVICE_UNAVAILABLE', 'no id is free for the user');
  }

  updateUser(org: string, id: string, changes: UserChanges): Promise<User> {
    return updateUser(this.#db, org, id, changes, this.#clock());
  }

  /** Null, after the same work, when nobody of that address may log in by that password. */
  proveUser(email: string, password: string): Promise<credentials.ProvenUser | null> {
    return credentials.proveUser(this.#db, email, password);
  }

  /** Whether the mark in a browser's cookie is one that `deviceMark` made for this user. */
  isDeviceOf(email: string, mark: string): Promise<boolean> {
    return credentials.isDeviceOf(this.#db, email, mark);
  }

  /** The user's own choice. Ends all their sessions. See `credentials.ts`. */
  changePassword(change: credentials.PasswordChange): Promise<credentials.ProvenUser> {
    return credentials.changePassword(this.#db, change);
  }

  /** A new one-time password, shown once. Ends the user's sessions; tokens stay. */
  resetPassword(org: string, id: string): Promise<string> {
    return credentials.resetPassword(this.#db, org, id);
  }

  user(org: string, id: string): Promise<User | null> {
    return userByKey(this.#db, org, id);
  }

  userByEmail(email: string): Promise<User | null> {
    return userByEmail(this.#db, email);
  }

  users(org: string, query: UserListQuery): Promise<UserPage> {
    return usersPage(this.#db, org, query);
  }

  /** See `people-search.ts`. */
  peopleNamed(org: string, search: PeopleSearch): Promise<FoundPerson[]> {
    return peopleNamed(this.#db, org, search);
  }

  searchUsers(org: string, search: UserSearch): Promise<FoundUsers> {
    return searchUsers(this.#db, org, search);
  }

  /** Those of the ids that are users of the organisation, whatever their status. */
  async knownUsers(org: string, ids: readonly string[]): Promise<Set<string>> {
    const known = new Set<string>();
    for (let start = 0; start < ids.length; start += idsPerQuery) {
      const some = ids.slice(start, start + idsPerQuery);
      const query = this.#db.selectFrom('users').select('id').where('org', '=', org).where('id', 'in', some);
      for (const row of await query.execute()) known.add(row.id);
    }
    return known;
  }

  /** The full names of those of the ids that are users of the organisation, whatever their status: some hundreds at most. */
  async namesOf(org: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const query = this.#db.selectFrom('users').select(['id', 'full_name']).where('org', '=', org);
    const rows = await query.where('id', 'in', ids).execute();
    return new Map(rows.map((row) => [row.id, row.full_name]));
  }

  /** By api_name, what modules are called when several records are meant: some hundreds at most. */
  async moduleLabels(org: string, apiNames: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const query = this.#db.selectFrom('modules').select(['api_name', 'plural_label']).where('org', '=', org);
    const rows = await query.where('api_name', 'in', apiNames).execute();
    return new Map(rows.map((row) => [row.api_name, row.plural_label]));
  }

  modules(org: string): Promise<Module[]> {
    return modules(this.#db, org);
  }

  /** For entries that are still to come; those that name a module which is not there add it themselves. */
  addModule(org: string, module: NewModule): Promise<Module> {
    return this.#namedModules.addLabelled(org, module);
  }

  /** What people read; the api_name stands in the entries and stays. */
  updateModule(org: string, id: string, labels: ModuleLabels): Promise<Module> {
    return updateModule(this.#db, org, id, labels);
  }

  /** What the user may do now; null when there is no such user, or the user is not active. */
  viewer(org: string, userId: string): Promise<Viewer | null> {
    return this.#findViewer(org, userId);
  }

  /** Ids of the users whose entries the viewer may see now; null: everyone's, of the organisation. */
  visibleTo(viewer: Viewer): Promise<readonly string[] | null> {
    return visibleTo(this.#db, viewer);
  }

  /** Who did it, for each entry, in the order of the refs; adds whoever is unknown. See `people.ts`. */
  resolveUsers(org: string, refs: readonly UserRef[]): Promise<ResolvedUser[]> {
    return this.#people.resolve(org, refs);
  }

  /**
   * What `resolveUsers` would answer, if it is sure without a look into the database that resolving these users and modules
   * would leave the directory as it is; else null.
   */
  usersAtHand(org: string, users: readonly UserRef[], modules: readonly ModuleRef[]): ResolvedUser[] | null {
    return modules.every((ref) => this.#namedModules.isKnown(org, ref)) ? this.#people.atHand(org, users) : null;
  }

  /** What `resolveUsers` would answer, without adding anyone. */
  foreseeUsers(org: string, refs: readonly UserRef[]): Promise<ResolvedUser[]> {
    return this.#people.foresee(org, refs);
  }

  /** Adds the modules that the directory lacks. Throws LIMIT_EXCEEDED, and adds none, when there is not room for all. */
  resolveModules(org: string, refs: readonly ModuleRef[]): Promise<void> {
    return this.#namedModules.resolve(org, refs);
  }

  /** Adds the modules that the directory lacks and has room for; answers the api_names of the others. */
  resolveModulesInRoom(org: string, refs: readonly ModuleRef[]): Promise<ReadonlySet<string>> {
    return this.#namedModules.resolveSome(org, refs);
  }
}
