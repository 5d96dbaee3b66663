import { setImmediate as otherWork } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { Database } from '../database/schema.ts';
import { Lru } from './lru.ts';

/** What an entry says of its module. The api_name decides; the id counts only when the module is added by it. */
export interface ModuleRef {
  readonly apiName: string;
  readonly id: string | null;
}

const cachedModules = 10_000;
const stepSize = 100;
/** The list of modules is read and answered whole, so entries must not be able to make it endless. */
const maxModules = 10_000;

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

  /** When it resolves, every api_name is in the directory. */
  async resolve(org: string, refs: readonly ModuleRef[]): Promise<void> {
    const unknown = new Map<string, ModuleRef>();
    for (const ref of refs) {
      if (unknown.has(ref.apiName) || this.#known.get(`${org}/${ref.apiName}`)) continue;
      unknown.set(ref.apiName, ref);
    }
    const steps = [...unknown.values()];
    for (let start = 0; start < steps.length; start += stepSize) {
      if (start > 0) await otherWork();
      await this.#look(org, steps.slice(start, start + stepSize));
    }
  }

  async #look(org: string, refs: readonly ModuleRef[]): Promise<void> {
    const there = await apiNames(this.#db, org, refs);
    const missing = refs.filter((ref) => !there.has(ref.apiName));
    if (missing.length > 0) {
      let next = await this.#ids.take(missing.length);
      const now = this.#clock();
      await this.#db.transaction().execute(async (trx) => {
        await requireRoom(trx, org, missing.length);
        for (const ref of missing) await add(trx, { org, ref, freshId: String(next++), now });
      });
    }
    for (const { apiName } of refs) this.#known.set(`${org}/${apiName}`, true);
  }
}

async function requireRoom(trx: Transaction<Database>, org: string, wanted: number): Promise<void> {
  const { count } = await trx
    .selectFrom('modules')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .executeTakeFirstOrThrow();
  if (Number(count) + wanted <= maxModules) return;
  throw new Failure('LIMIT_EXCEEDED', `an organisation has at most ${maxModules} modules`, {
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
      .values({
        org,
        id,
        api_name: apiName,
        singular_label: apiName,
        plural_label: apiName,
        generated_type: 'custom',
        imported: 1,
        created_at: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if ((await apiNames(trx, org, [ref])).has(apiName)) return;
  }
  throw new Error('the id of a new module is taken');
}

/** The id as we write it, if it is one. */
function usableId(text: string | null): string | null {
  if (text === null || !/^[0-9]{1,19}$/.test(text)) return null;
  const id = BigInt(text);
  return id > 0n && id <= entryLimits.maxId ? String(id) : null;
}
