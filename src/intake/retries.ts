/**
 * An entry that is sent again is harmless, whatever has happened since. Two things in its line are not the sender's but
 * ours, and may look another way by now: the name of a user who was sent by id alone, and the offset of the time.
 */
import { decodeLine, encodeLine } from '../audit/line.ts';
import type { Ledger, LedgerRow, RowKey } from '../ledger/ledger.ts';
import { newestFirst, storedRowsOf } from './stored-rows.ts';

export interface Candidate {
  /** The place of its row in the call. */
  readonly place: number;
  /** Was the user sent without a name, so that we put one in? */
  readonly isNameOurs: boolean;
}

/** What was there before a row, under its key: the row's own entry, with the line that it has, or another entry. */
export type Before = { readonly isSame: true; readonly line: string } | { readonly isSame: false };

/** Looks for each candidate at what is stored under its key, or stands under it earlier in the call; by place. */
export async function whatWasBefore(
  ledger: Pick<Ledger, 'page'>,
  org: string,
  rows: readonly LedgerRow[],
  candidates: readonly Candidate[],
): Promise<Map<number, Before>> {
  const found = new Map<number, Before>();
  const open = Map.groupBy(candidates, ({ place }) => keyOf(rowAt(rows, place)));
  const settle = (first: LedgerRow): void => {
    const key = keyOf(first);
    for (const { place, isNameOurs } of open.get(key) ?? []) {
      const row = rowAt(rows, place);
      if (row === first) continue;
      found.set(
        place,
        isSameLine(row.line, first.line, isNameOurs) ? { isSame: true, line: first.line } : { isSame: false },
      );
    }
    open.delete(key);
  };
  const keys = [...open.values()].flatMap(([first]) => (first === undefined ? [] : [rowAt(rows, first.place)]));
  for await (const stored of storedRowsOf(ledger, org, keys.sort(newestFirst))) settle(stored);
  if (open.size > 0) for (const row of rows) settle(row);
  return found;
}

/** Is this the line of the entry that is stored, but for what is ours? */
export function isSameLine(line: string, stored: string, isNameOurs: boolean): boolean {
  if (line === stored) return true;
  const { auditedTime, doneByName } = decodeLine(stored);
  const asThen = { ...decodeLine(line), auditedTime, ...(isNameOurs && { doneByName }) };
  return encodeLine(asThen) === stored;
}

function keyOf({ time, id }: RowKey): string {
  return `${time}.${id}`;
}

function rowAt(rows: readonly LedgerRow[], place: number): LedgerRow {
  const row = rows[place];
  if (row === undefined) throw new RangeError(`no row at ${place}`);
  return row;
}
