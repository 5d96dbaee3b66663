import { decodeLine } from '../../src/audit/line.ts';
import type {
  AppendOptions,
  AppendOutcome,
  LedgerQuery,
  LedgerRow,
  RowKey,
  StoredRow,
} from '../../src/ledger/ledger.ts';

/** How lines begin that have all their cells; others are text that only has to be kept. */
export const wholeLine = 'Whole,';

/** What a ledger promises, in the plainest words: one list for each organisation, looked through from end to end. */
export class LedgerModel {
  readonly #rows = new Map<string, StoredRow[]>();

  append(org: string, rows: readonly LedgerRow[], options: AppendOptions): AppendOutcome[] {
    const before = this.#rows.get(org) ?? [];
    const after = [...before];
    const outcomes = rows.map((row): AppendOutcome => {
      const there = after.find((one) => one.time === row.time && one.id === row.id);
      if (there) return there.line === row.line ? 'duplicate' : 'conflict';
      after.push({ ...row, arrival: after.length + 1, arrivedAt: options.arrivedAt, client: options.client });
      return 'new';
    });
    const isRefused = options.atomic === true && outcomes.includes('conflict');
    this.#rows.set(org, isRefused ? before : after);
    return outcomes;
  }

  lastArrival(org: string): number {
    return this.#rows.get(org)?.length ?? 0;
  }

  /** Oldest first. */
  matching(query: LedgerQuery): StoredRow[] {
    const holds = (list: readonly string[] | null, value: string) => list === null || list.includes(value);
    return (this.#rows.get(query.org) ?? [])
      .filter((row) => row.time >= query.from && row.time <= query.to && row.arrival <= query.asOf)
      .filter((row) => holds(query.actions, row.action) && holds(query.modules, row.module))
      .filter((row) => holds(query.doneBy, String(row.doneBy)) && holds(query.visibleTo, String(row.doneBy)))
      .filter((row) => concerns(row.line, query))
      .sort(byKey);
  }

  page(query: LedgerQuery, before: RowKey | null, size: number): StoredRow[] {
    const rows = this.matching(query).reverse();
    return rows.filter((row) => before === null || byKey(row, before) < 0).slice(0, size);
  }
}

/** Whether the record of the line has the words in its name, and the id. */
function concerns(line: string, { words, record }: LedgerQuery): boolean {
  const { recordName, recordId } = line.startsWith(wholeLine) ? decodeLine(line) : { recordName: '', recordId: '' };
  const name = recordName.normalize('NFC').toLowerCase();
  return (record === null || record === recordId) && (words ?? []).every((word) => name.includes(word));
}

function byKey(one: RowKey, other: RowKey): number {
  return one.time - other.time || (one.id < other.id ? -1 : Number(one.id > other.id));
}
