import { setImmediate as otherWork } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { Database } from '../database/schema.ts';
import { checkedName } from './fields.ts';
import { Lru } from './lru.ts';
import { type NewModule, ownModule } from './modules.ts';
import { type Module, moduleOf } from './rows.ts';

/** What an entry says of its module. The api_name decides; the id counts only when the module is added by it. */
export interface ModuleRef {
  readonly apiName: string;
  readonly id: string | null;
}

const cachedModules = 10_000;
const stepSize = 100;
/**
 * The list of modules is read and answered whole, so entries must not be able to make it endless. Not counted: `ownModule`,
 * or entries could take the room for it, and nothing that is done here could be told in the log any more.
 */
export const maxModules = 10_000;

function isCounted({ apiName }: ModuleRef): boolean {
  return apiName !== ownModule;
}

/** The modules that entries name: those that the directory lacks are added, marked as imported. */
export class NamedModules {
  readonly #db: Kysely<Database>;
  readonly #ids: IdAllocator;
  readonly #clock: () => number;
  readonly #known = new Lru<true>(cachedModules);

  constructor(db: Kysely<Database>, ids: IdAllocator, clock: () => number) {
    this.#db = db;
    this.#ids = ids;
    this.#clock = clock;
  }

  /**
   * When it resolves, every api_name is in the directory. Throws LIMIT_EXCEEDED when there is not room for all of them:
   * then none was added, unless another process took the room meanwhile.
   */
  async resolve(org: string, refs: readonly ModuleRef[]): Promise<void> {
    const missing = await this.#missing(org, refs);
    const counted = missing.filter(isCounted).length;
    if (counted > 0 && counted > (await roomIn(this.#db, org))) throw noRoom();
    const leftOut = await this.#addAll(org, missing);
    if (leftOut.size > 0) throw noRoom();
  }

  /** As `resolve`, but adds those for which there is room, and answers the others. */
  async resolveSome(org: string, refs: readonly ModuleRef[]): Promise<ReadonlySet<string>> {
    return this.#addAll(org, await this.#missing(org, refs));
  }

  async #missing(org: string, refs: readonly ModuleRef[]): Promise<ModuleRef[]> {
    const unknown = new Map<string, ModuleRef>();
    for (const ref of refs) {
      if (unknown.has(ref.apiName) || this.isKnown(org, ref)) continue;
      unknown.set(ref.apiName, ref);
    }
    const missing: ModuleRef[] = [];
    for await (const step of steps([...unknown.values()])) {
      const there = await apiNames(this.#db, org, step);
      for (const ref of step) {
        if (there.has(ref.apiName)) this.#known.set(keyOf(org, ref), true);
        else missing.push(ref);
      }
    }
    return missing;
  }

  /** Is it sure, without a look into the database, that the directory has the module? */
  isKnown(org: string, ref: ModuleRef): boolean {
    return this.#known.get(keyOf(org, ref)) === true;
  }

  /** One that no entry has named yet. Throws DUPLICATE_DATA or LIMIT_EXCEEDED. */
  async addLabelled(org: string, module: NewModule): Promise<Module> {
    const ref = { apiName: checkedName("the module's api_name", 'api_name', module.apiName), id: null };
    const labels = {
      singular_label: checkedName('the singular label', 'singular_label', module.singularLabel),
      plural_label: checkedName('the plural label', 'plural_label', module.pluralLabel),
    };
    const id = String(await this.#ids.take(1));
    const now = this.#clock();
    return this.#db.transaction().execute(async (trx) => {
      if ((await apiNames(trx, org, [ref])).has(ref.apiName)) throw nameTaken(ref.apiName);
      if (isCounted(ref) && (await roomIn(trx, org)) <= 0) throw noRoom();
      const row = { ...newRow(org, ref, { id, now }), ...labels, imported: 0 as const };
      return moduleOf(await trx.insertInto('modules').values(row).returningAll().executeTakeFirstOrThrow());
    });
  }

  /** Adds what there is room for, and answers the names of the others. */
  async #addAll(org: string, refs: readonly ModuleRef[]): Promise<Set<string>> {
    const leftOut = new Set<string>();
    for await (const step of steps(refs)) {
      const added = await this.#add(org, step);
      for (const ref of step) {
        if (added.has(ref.apiName)) this.#known.set(keyOf(org, ref), true);
        else leftOut.add(ref.apiName);
      }
    }
    return leftOut;
  }

  async #add(org: string, refs: readonly ModuleRef[]): Promise<ReadonlySet<string>> {
    // Without the write lock first: once the directory is full, it is full for every batch of every stream.
    if (refs.every(isCounted) && (await roomIn(this.#db, org)) <= 0) return apiNames(this.#db, org, refs);
    let next = await this.#ids.take(refs.length);
    const now = this.#clock();
    return this.#db.transaction().execute(async (trx) => {
      const there = await apiNames(trx, org, refs);
      let room = await roomIn(trx, org);
      for (const ref of refs) {
        if (there.has(ref.apiName)) continue;
        if (isCounted(ref) && room-- <= 0) continue;
        await add(trx, { org, ref, freshId: String(next++), now });
        there.add(ref.apiName);
      }
      return there;
    });
  }
}

function keyOf(org: string, ref: ModuleRef): string {
  return `${org}/${ref.apiName}`;
}

async function* steps(refs: readonly ModuleRef[]): AsyncGenerator<readonly ModuleRef[]> {
  for (let start = 0; start < refs.length; start += stepSize) {
    if (start > 0) await otherWork();
    yield refs.slice(start, start + stepSize);
  }
}

async function roomIn(db: Kysely<Database>, org: string): Promise<number> {
  const { count } = await db
    .selectFrom('modules')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .where('api_name', '!=', ownModule)
    .executeTakeFirstOrThrow();
  return maxModules - Number(count);
}

function noRoom(): Failure {
  return new Failure('LIMIT_EXCEEDED', `an organisation has at most ${maxModules} modules`, {
    details: { api_name: 'api_name', json_path: '$.module.api_name', limit: String(maxModules) },
  });
}

async function apiNames(db: Kysely<Database>, org: string, refs: readonly ModuleRef[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('modules')
    .select('api_name')
    .where('org', '=', org)
    .where(
      'api_name',
      'in',
      refs.map((ref) => ref.apiName),
    )
    .execute();
  return new Set(rows.map((row) => row.api_name));
}

interface Addition {
  readonly org: string;
  readonly ref: ModuleRef;
  readonly freshId: string;
  readonly now: number;
}

async function add(trx: Transaction<Database>, { org, ref, freshId, now }: Addition): Promise<void> {
  const { apiName } = ref;
  // Another process may have added the name meanwhile; or the id that was sent belongs to another module.
  for (const id of [usableId(ref.id), freshId]) {
    if (id === null) continue;
    await trx
      .insertInto('modules')
      .values(newRow(org, ref, { id, now }))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if ((await apiNames(trx, org, [ref])).has(apiName)) return;
  }
  throw new Error('the id of a new module is taken');
}

function newRow(org: string, { apiName }: ModuleRef, { id, now }: { readonly id: string; readonly now: number }) {
  return {
    org,
    id,
    api_name: apiName,
    singular_label: apiName,
    plural_label: apiName,
    generated_type: 'custom',
    imported: 1,
    created_at: now,
  } as const;
}

function nameTaken(apiName: string): Failure {
  return new Failure('DUPLICATE_DATA', `there is a module "${apiName}" already`, {
    details: { api_name: 'api_name', json_path: '$.api_name' },
  });
}

/** The id as we write it, if it is one. */
function usableId(text: string | null): string | null {
  if (text === null || !/^[0-9]{1,19}$/.test(text)) return null;
  const id = BigInt(text);
  return id > 0n && id <= entryLimits.maxId ? String(id) : null;
}
