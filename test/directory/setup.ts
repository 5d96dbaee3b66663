import { openDatabase, type WatchedDatabase } from '../../src/database/database.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import { Directory, type Profile, type Role, type User } from '../../src/directory/directory.ts';
import type { SeededOrganisation } from '../../src/directory/seed.ts';

export const noon = Date.UTC(2026, 6, 13, 12);

export interface Setup extends AsyncDisposable {
  readonly db: WatchedDatabase;
  readonly ids: IdAllocator;
  readonly directory: Directory;
  /** Epoch milliseconds; a test sets it. */
  now: number;
  readonly seeded: SeededOrganisation;
  /** The organisation that was made first. */
  readonly org: string;
}

/** A directory with one organisation, Zylker. */
export async function openDirectory(location = ':memory:'): Promise<Setup> {
  const db = await openDatabase(location);
  const time = { now: noon };
  const clock = (): number => time.now;
  const ids = new IdAllocator(db, clock);
  const directory = new Directory(db, ids, clock);
  const seeded = await directory.createOrganisation({ name: 'Zylker', timeZone: 'Asia/Kolkata' });
  return {
    db,
    ids,
    directory,
    get now() {
      return time.now;
    },
    set now(value) {
      time.now = value;
    },
    seeded,
    org: seeded.zgid,
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

export async function roleNamed(directory: Directory, org: string, name: string): Promise<Role> {
  const role = (await directory.roles(org)).find((one) => one.name === name);
  if (!role) throw new Error(`no role ${name}`);
  return role;
}

export async function profileNamed(directory: Directory, org: string, name: string): Promise<Profile> {
  const profile = (await directory.profiles(org)).find((one) => one.name === name);
  if (!profile) throw new Error(`no profile ${name}`);
  return profile;
}

export interface Person {
  readonly name: string;
  readonly role?: string;
  readonly profile?: string;
  readonly manager?: User | null;
}

/** Adds a user, by the names of role (Member unless given) and profile (Standard). */
export async function addPerson(directory: Directory, org: string, person: Person): Promise<User> {
  const { user } = await directory.addUser(org, {
    name: person.name,
    email: `${person.name.toLowerCase().replaceAll(' ', '.')}@${org}.example.com`,
    roleId: (await roleNamed(directory, org, person.role ?? 'Member')).id,
    profileId: (await profileNamed(directory, org, person.profile ?? 'Standard')).id,
    managerId: person.manager?.id ?? null,
  });
  return user;
}
