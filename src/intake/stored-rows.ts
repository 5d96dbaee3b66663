import type { Ledger, RowKey, StoredRow } from '../ledger/ledger.ts';

const everyone = {
  actions: null,
  modules: null,
  doneBy: null,
  words: null,
  record: null,
  visibleTo: null,
  asOf: Number.MAX_SAFE_INTEGER,
};

/** Rows may be large, so not many are held at once. */
const mostAtOnce = 64;

/** For sorting keys newest first. */
export function newestFirst(one: RowKey, other: RowKey): number {
  if (one.time !== other.time) return other.time - one.time;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}

/**
 * Those of the keys that are stored, in their order. The keys are sorted newest first, each once.
 *
 * One step leads from a key to the next row that there is, over all keys in between that are not; so keys of a time in
 * which nothing is stored cost one step, and so do keys that are stored side by side, as those of a retry are.
 */
export async function* storedRowsOf(
  ledger: Pick<Ledger, 'page'>,
  org: string,
  keys: readonly RowKey[],
): AsyncGenerator<StoredRow> {
  const from = keys.at(-1)?.time ?? 0;
  let place = 0;
  let size = 1;
  for (let key = keys[place]; key !== undefined; key = keys[place]) {
    const query = { org, from, to: key.time, ...everyone };
    const rows = await ledger.page(query, { time: key.time, id: key.id + 1n }, size);
    let hits = 0;
    for (const row of rows) {
      place = notNewer(keys, place, row);
      const wanted = keys[place];
      if (wanted === undefined || newestFirst(wanted, row) !== 0) continue;
      yield row;
      place += 1;
      hits += 1;
    }
    if (rows.length < size) return;
    size = hits * 2 > size ? Math.min(size * 2, mostAtOnce) : 1;
  }
}

/** The place of the first key, from this one on, that is not newer than the row. */
function notNewer(keys: readonly RowKey[], from: number, row: RowKey): number {
  let place = from;
  for (let key = keys[place]; key !== undefined && newestFirst(key, row) < 0; key = keys[place]) place += 1;
  return place;
}
