/** From the users and modules that a criteria names to those that the organisation has. */
import type { ModuleRef, UserRef } from './criteria-condition.ts';
import { ambiguous } from './criteria-failures.ts';
import { keyOf } from './criteria-shape.ts';

/** A module of the organisation. Ids and api_names are unique in it. */
export interface KnownModule {
  readonly id: string;
  readonly api_name: string;
}

/** The ids, all of them known. */
export function resolveUsers(users: readonly UserRef[], known: ReadonlySet<string>): readonly string[] {
  return users.map((user) => {
    if (!known.has(user.id)) throw ambiguous([keyOf(user.place, 'id')]);
    return user.id;
  });
}

/** The organisation's modules by what a reference may name them by. */
export interface ModuleIndex {
  readonly byId: ReadonlyMap<string, KnownModule>;
  readonly byName: ReadonlyMap<string, KnownModule>;
}

export function indexModules(modules: readonly KnownModule[]): ModuleIndex {
  return {
    byId: new Map(modules.map((module) => [module.id, module])),
    byName: new Map(modules.map((module) => [module.api_name, module])),
  };
}

/** The modules' api_names, as the ledger has them. */
export function resolveModules(modules: readonly ModuleRef[], known: ModuleIndex): readonly string[] {
  return modules.map((ref) => resolveModule(ref, known));
}

/** Blames the keys that name nothing; both when each names a module, but not the same one. */
function resolveModule(ref: ModuleRef, { byId, byName }: ModuleIndex): string {
  const named = [
    ...(ref.id === null ? [] : [{ place: keyOf(ref.place, 'id'), module: byId.get(ref.id) }]),
    ...(ref.apiName === null ? [] : [{ place: keyOf(ref.place, 'api_name'), module: byName.get(ref.apiName) }]),
  ];
  const unknown = named.filter(({ module }) => module === undefined);
  if (unknown.length > 0) throw ambiguous(unknown.map(({ place }) => place));
  const [first, second] = named.map(({ module }) => module);
  if (first === undefined) throw new Error('a module reference names nothing'); // readModule lets none through
  if (second !== undefined && second.id !== first.id) throw ambiguous(named.map(({ place }) => place));
  return first.api_name;
}
