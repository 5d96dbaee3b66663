/** What no column holds and a query may ask for all the same: words in the record's name, and the record's id. */
import { recordInLine } from '../../audit/line-record.ts';
import { foldText } from '../../audit/words.ts';
import type { LedgerQuery } from '../ledger.ts';
import { type RecordTexts, writtenId } from './block-records.ts';

const lineFeed = 10;

export class LineMatch {
  /** The longest first: it is the rarest, as a rule. */
  readonly #words: readonly string[];
  readonly #inNames: readonly Buffer[];
  readonly #record: string | null;
  readonly #inIds: Buffer | null;

  private constructor(words: readonly string[], record: string | null) {
    this.#words = words.toSorted((one, other) => other.length - one.length);
    this.#inNames = this.#words.map((word) => Buffer.from(word));
    this.#record = record;
    this.#inIds = record === null ? null : Buffer.from(`${writtenId(record)}\n`);
  }

  /** Null when the query asks for neither. */
  static of({ words, record }: Pick<LedgerQuery, 'words' | 'record'>): LineMatch | null {
    return (words === null || words.length === 0) && record === null ? null : new LineMatch(words ?? [], record);
  }

  isInLine(line: Buffer): boolean {
    const { name, id } = recordInLine(line);
    if (this.#record !== null && this.#record !== id) return false;
    if (this.#words.length === 0) return true;
    const folded = foldText(name);
    return this.#words.every((word) => folded.includes(word));
  }

  /**
   * Of each of the block's lines whether (1) it matches or not (0). `read` gives the texts of its records, and is asked only
   * for what is needed.
   */
  choose(rows: number, read: (kind: keyof RecordTexts) => Uint8Array): Uint8Array {
    let chosen = new Uint8Array(rows).fill(1);
    if (this.#inIds !== null) {
      chosen = linesWith(asBuffer(read('ids')), this.#inIds, rows, true);
      if (!chosen.includes(1)) return chosen;
    }
    if (this.#inNames.length === 0) return chosen;
    const names = asBuffer(read('names'));
    for (const word of this.#inNames) {
      const having = linesWith(names, word, rows, false);
      for (let row = 0; row < rows; row += 1) chosen[row] = (chosen[row] ?? 0) & (having[row] ?? 0);
      if (!chosen.includes(1)) break;
    }
    return chosen;
  }
}

/** Of each line whether the text is in it; `fromStart`: it has to begin there. */
function linesWith(lines: Buffer, text: Buffer, rows: number, fromStart: boolean): Uint8Array<ArrayBuffer> {
  const found = new Uint8Array(rows);
  let row = 0;
  let start = 0;
  for (let hit = lines.indexOf(text); hit >= 0; hit = lines.indexOf(text, start)) {
    let end = start;
    for (; end < hit; end += 1) {
      if (lines[end] !== lineFeed) continue;
      start = end + 1;
      row += 1;
    }
    if (!fromStart || hit === start) found[row] = 1;
    while (end < lines.length && lines[end] !== lineFeed) end += 1;
    start = end + 1;
    row += 1;
  }
  return found;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
