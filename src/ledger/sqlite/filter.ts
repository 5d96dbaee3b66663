/** A query in the terms of the tables, and the SQL conditions that it comes to. */
import { entryLimits } from '../../audit/limits.ts';
import type { LedgerQuery, RowKey } from '../ledger.ts';
import { LineMatch } from './line-match.ts';
import { orgNumber } from './org.ts';

export interface Filter {
  readonly org: number;
  readonly low: RowKey;
  readonly high: RowKey;
  readonly asOf: number;
  /** JSON arrays, for json_each; null: no condition. */
  readonly actions: string | null;
  readonly modules: string | null;
  /** The users whose entries are asked for and may be seen; null: everyone's. */
  readonly users: readonly string[] | null;
  /** What only the lines tell; null: no condition. */
  readonly match: LineMatch | null;
}

export const { maxId } = entryLimits;

/** Null when nothing can match. */
export function filterOf(query: LedgerQuery): Filter | null {
  const org = orgNumber(query.org);
  const users = bothLists(query.doneBy, query.visibleTo);
  if (org === null || query.from > query.to || query.asOf <= 0) return null;
  if (users?.length === 0 || query.actions?.length === 0 || query.modules?.length === 0) return null;
  return {
    org,
    low: { time: query.from, id: 0n },
    high: { time: query.to, id: maxId },
    asOf: query.asOf,
    actions: query.actions && JSON.stringify(query.actions),
    modules: query.modules && JSON.stringify(query.modules),
    users,
    match: LineMatch.of(query),
  };
}

/** Ids that are in every list that there is. An id in another spelling than the ledger's own names nobody. */
function bothLists(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (!one && !other) return null;
  const first = new Set(one ?? other);
  const common = one && other ? [...new Set(other)].filter((id) => first.has(id)) : [...first];
  return common.filter((id) => /^[1-9][0-9]{0,18}$/.test(id) && BigInt(id) <= maxId);
}

/** The key that follows in the order (time, id). */
export function keyAfter({ time, id }: RowKey): RowKey {
  return id < maxId ? { time, id: id + 1n } : { time: time + 1, id: 0n };
}

export function keyBefore({ time, id }: RowKey): RowKey {
  return id > 0n ? { time, id: id - 1n } : { time: time - 1, id: maxId };
}

export function compareKeys(one: RowKey, other: RowKey): number {
  if (one.time !== other.time) return one.time - other.time;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
