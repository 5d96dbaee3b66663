/** What no column holds and a query may ask for all the same: words in the record's name, and the record's id. */
import { recordInLine } from '../../audit/line-record.ts';
import { foldText } from '../../audit/words.ts';
import type { LedgerQuery } from '../ledger.ts';

/**
 * The records of a block as text, for searching: for each line the record's name, folded, a tab, the record's id, LF. White space
 * in a name is a space here: no word holds any.
 */
export function recordsText(lines: Uint8Array, lengths: Iterable<number>): string {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const records: string[] = [];
  let at = 0;
  for (const length of lengths) {
    const { name, id } = recordInLine(bytes.subarray(at, at + length));
    records.push(`${foldText(name).replace(/\s/gu, ' ')}\t${written(id)}\n`);
    at += length;
  }
  return records.join('');
}

export class LineMatch {
  readonly #words: readonly string[];
  readonly #record: string | null;
  /** What every text of a matching record holds. */
  readonly #probe: string;

  private constructor(words: readonly string[], record: string | null) {
    this.#words = words;
    this.#record = record;
    const longest = words.reduce((one, other) => (other.length > one.length ? other : one), '');
    this.#probe = record === null ? longest : `\t${written(record)}\n`;
  }

  /** Null when the query asks for neither. */
  static of({ words, record }: Pick<LedgerQuery, 'words' | 'record'>): LineMatch | null {
    return (words === null || words.length === 0) && record === null ? null : new LineMatch(words ?? [], record);
  }

  isInLine(line: Buffer): boolean {
    const { name, id } = recordInLine(line);
    if (this.#record !== null && this.#record !== id) return false;
    return this.#words.length === 0 || this.#areIn(foldText(name));
  }

  /** Of each line whether (1) it matches or not (0), from the text of the block's records. */
  choose(records: string, rows: number): Uint8Array {
    const chosen = new Uint8Array(rows);
    let start = 0;
    let row = 0;
    for (let hit = records.indexOf(this.#probe); hit >= 0; hit = records.indexOf(this.#probe, start)) {
      let end = records.indexOf('\n', start);
      for (; end < hit; row += 1) {
        start = end + 1;
        end = records.indexOf('\n', start);
      }
      const tab = records.lastIndexOf('\t', end);
      if (this.#areIn(records.slice(start, tab))) chosen[row] = 1;
      start = end + 1;
      row += 1;
    }
    return chosen;
  }

  #areIn(name: string): boolean {
    return this.#words.every((word) => name.includes(word));
  }
}

/** An id as it stands in the text of the records: without what stands between them. */
function written(id: string): string {
  return /[\\\t\n]/.test(id) ? JSON.stringify(id) : id;
}
