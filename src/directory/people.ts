/**
 * Who an entry says did it, as a user of the directory. Three rules: an id is the user of that id; a bare name is the
 * imported user of exactly that bare name and never anyone else; whoever is unknown is added, marked as imported.
 */
import { createHash } from 'node:crypto';
import { setImmediate as otherWork } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../database/schema.ts';
import { nameParts } from './fields.ts';
import { Lru } from './lru.ts';

/** Whom an entry names: an id, a name, or both. */
export interface UserRef {
  readonly id: bigint | null;
  readonly name: string | null;
}

export interface ResolvedUser {
  readonly id: bigint;
  /** What the line shows: the name as sent, else the directory's. */
  readonly name: string;
}

interface Known {
  readonly id: bigint;
  readonly name: string;
  /** Imported by an id without a name; the first name that comes with that id takes the place of the digits. */
  readonly isNameless: boolean;
}

/** Enough for all who write at one time; a user who is not in it costs a look into the database. */
const cachedUsers = 50_000;
/** Users that are looked up, or added, in one step: some milliseconds, after which other work has its turn. */
const stepSize = 100;
const rowsPerInsert = 50;

export class People {
  readonly #db: Kysely<Database>;
  readonly #clock: () => number;
  readonly #known = new Lru<Known>(cachedUsers);

  constructor(db: Kysely<Database>, clock: () => number) {
    this.#db = db;
    this.#clock = clock;
  }

  /** One answer for each ref, in their order. */
  async resolve(org: string, refs: readonly UserRef[]): Promise<ResolvedUser[]> {
    const answers = new Map<string, Known>();
    const unknown = new Map<string, UserRef>();
    for (const ref of refs) {
      const key = keyOf(ref);
      const known = answers.get(key) ?? this.#known.get(`${org}/${key}`);
      if (known && !isNews(ref, known)) answers.set(key, known);
      else if (!unknown.get(key)?.name) unknown.set(key, ref);
    }
    const steps = [...unknown.values()];
    for (let start = 0; start < steps.length; start += stepSize) {
      if (start > 0) await otherWork();
      for (const [key, known] of await this.#look(org, steps.slice(start, start + stepSize))) {
        answers.set(key, known);
        this.#known.set(`${org}/${key}`, known);
      }
    }
    return refs.map((ref) => {
      const known = answers.get(keyOf(ref));
      if (!known) throw new Error('a user that was just added is missing');
      return { id: known.id, name: ref.name || known.name };
    });
  }

  /**
   * What `resolve` would answer, if it is sure without a look into the database that it would leave the directory as it is;
   * else null.
   */
  atHand(org: string, refs: readonly UserRef[]): ResolvedUser[] | null {
    const answers: ResolvedUser[] = [];
    for (const ref of refs) {
      const known = this.#known.get(`${org}/${keyOf(ref)}`);
      if (known === undefined || isNews(ref, known)) return null;
      answers.push({ id: known.id, name: ref.name || known.name });
    }
    return answers;
  }

  /** What `resolve` would answer, without adding anyone. */
  async foresee(org: string, refs: readonly UserRef[]): Promise<ResolvedUser[]> {
    const open = [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
    const found = new Map<string, Known>();
    for (let start = 0; start < open.length; start += stepSize) {
      if (start > 0) await otherWork();
      for (const [key, known] of await find(this.#db, org, open.slice(start, start + stepSize))) found.set(key, known);
    }
    return refs.map((ref) => {
      const known = found.get(keyOf(ref));
      const id = known?.id ?? ref.id ?? idOfName(ref.name ?? '', 0);
      return { id, name: ref.name || (known?.name ?? String(id)) };
    });
  }

  async #look(org: string, refs: readonly UserRef[]): Promise<Map<string, Known>> {
    const found = await find(this.#db, org, refs);
    const missing = refs.filter((ref) => isOpen(ref, found));
    if (missing.length === 0) return found;
    const now = this.#clock();
    return this.#db.transaction().execute(async (trx) => {
      await addMissing(trx, org, missing, now);
      const added = await find(trx, org, refs);
      const left = refs.filter((ref) => isOpen(ref, added));
      if (left.length === 0) return added;
      for (const ref of left) await settle(trx, org, ref, now);
      return find(trx, org, refs);
    });
  }
}

/** Does the entry name someone whom the directory knows by digits only? */
function isNews(ref: UserRef, known: Known): boolean {
  return known.isNameless && Boolean(ref.name) && ref.name !== known.name;
}

/** Is there still something to do for this ref? */
function isOpen(ref: UserRef, found: ReadonlyMap<string, Known>): boolean {
  const known = found.get(keyOf(ref));
  return !known || isNews(ref, known);
}

function keyOf(ref: UserRef): string {
  if (ref.id !== null) return `#${ref.id}`;
  if (!ref.name) throw new RangeError('a user is named by an id or a name');
  return `=${ref.name}`;
}

async function find(db: Kysely<Database>, org: string, refs: readonly UserRef[]): Promise<Map<string, Known>> {
  const ids = refs.flatMap((ref) => (ref.id === null ? [] : [String(ref.id)]));
  const names = bareNames(refs);
  const users = db.selectFrom('users').select(['id', 'full_name', 'imported', 'imported_name']).where('org', '=', org);
  const found = new Map<string, Known>();
  for (const row of ids.length > 0 ? await users.where('id', 'in', ids).execute() : []) {
    const isNameless = row.imported === 1 && row.full_name === row.id;
    found.set(`#${row.id}`, { id: BigInt(row.id), name: row.full_name, isNameless });
  }
  for (const row of names.length > 0 ? await users.where('imported_name', 'in', names).execute() : []) {
    found.set(`=${row.imported_name}`, { id: BigInt(row.id), name: row.full_name, isNameless: false });
  }
  return found;
}

function bareNames(refs: readonly UserRef[]): string[] {
  return refs.flatMap((ref) => (ref.id === null && ref.name ? [ref.name] : []));
}

/** All in a few statements, as it nearly always goes; what is left over is for `settle`. */
async function addMissing(
  trx: Transaction<Database>,
  org: string,
  refs: readonly UserRef[],
  now: number,
): Promise<void> {
  const rows = refs.map((ref) => {
    const name = ref.name || String(ref.id);
    const isBare = ref.id === null;
    return importedRow({ org, id: ref.id ?? idOfName(name, 0), name, importedName: isBare ? name : null, now });
  });
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    const some = rows.slice(start, start + rowsPerInsert);
    await trx
      .insertInto('users')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** The rare cases, one by one: a name whose id is taken, and the first name for someone known by digits. */
async function settle(trx: Transaction<Database>, org: string, ref: UserRef, now: number): Promise<void> {
  const name = ref.name ?? '';
  if (ref.id === null) await settleBareName(trx, org, name, now);
  else await giveName(trx, org, String(ref.id), name);
}

async function giveName(trx: Transaction<Database>, org: string, id: string, name: string): Promise<void> {
  const { firstName, lastName } = nameParts(name);
  await trx
    .updateTable('users')
    .set({ full_name: name, first_name: firstName, last_name: lastName })
    .where('org', '=', org)
    .where('id', '=', id)
    .where('imported', '=', 1)
    .where('full_name', '=', id)
    .execute();
}

async function settleBareName(trx: Transaction<Database>, org: string, name: string, now: number): Promise<void> {
  await claim(trx, org, name, idOfName(name, 0));
  for (let attempt = 1; !(await hasImportedName(trx, org, name)); attempt += 1) {
    await trx
      .insertInto('users')
      .values(importedRow({ org, id: idOfName(name, attempt), name, importedName: name, now }))
      .onConflict((conflict) => conflict.columns(['org', 'id']).doNothing())
      .execute();
  }
}

/**
 * Makes the imported user who has the name's id the one that the bare name means, unless either is taken. An exported
 * file that was imported here brought both, so it is the same person.
 */
async function claim(trx: Transaction<Database>, org: string, name: string, id: bigint): Promise<void> {
  if (await hasImportedName(trx, org, name)) return;
  const digits = String(id);
  await trx
    .updateTable('users')
    .set({ imported_name: name })
    .where('org', '=', org)
    .where('id', '=', digits)
    .where('imported', '=', 1)
    .where('imported_name', 'is', null)
    .where('full_name', 'in', [name, digits])
    .execute();
}

async function hasImportedName(trx: Transaction<Database>, org: string, name: string): Promise<boolean> {
  const row = await trx
    .selectFrom('users')
    .select('id')
    .where('org', '=', org)
    .where('imported_name', '=', name)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Made of the name alone, so that importing one file into two servers gives one id: 18 digits, as other ids have. The
 * next attempt is for when someone else has that id.
 */
function idOfName(name: string, attempt: number): bigint {
  const digest = createHash('sha256').update(`${attempt}:${name}`).digest();
  return 10n ** 17n + (digest.readBigUInt64BE() % (9n * 10n ** 17n));
}

interface Imported {
  readonly org: string;
  readonly id: bigint;
  readonly name: string;
  readonly importedName: string | null;
  readonly now: number;
}

function importedRow({ org, id, name, importedName, now }: Imported) {
  const { firstName, lastName } = nameParts(name);
  return {
    org,
    id: String(id),
    full_name: name,
    first_name: firstName,
    last_name: lastName,
    email: null,
    role_id: null,
    profile_id: null,
    manager_id: null,
    status: 'active',
    imported: 1,
    imported_name: importedName,
    password_hash: null,
    password_is_one_time: 0,
    time_zone: null,
    created_at: now,
  } as const;
}
