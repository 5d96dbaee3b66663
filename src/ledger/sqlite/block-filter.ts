/** Which lines of a sealed block a query asks for: told by its tally where that is enough, else by its columns. */

import { letGoWhole } from '../../audit/let-go.ts';
import type { LedgerRow } from '../ledger.ts';
import type { BlockColumns, TallyLine } from './block.ts';
import type { Filter } from './filter.ts';
import type { LineMatch } from './line-match.ts';

/** The chosen lines of a block: of each whether it is (1) or not (0); null: every line. */
export interface Choice {
  readonly rows: number;
  readonly chosen: Uint8Array | null;
}

export class BlockFilter {
  readonly #actions: ReadonlySet<string> | null;
  readonly #modules: ReadonlySet<string> | null;
  readonly #users: ReadonlySet<bigint> | null;

  /** What only the lines tell; null: no condition. */
  readonly match: LineMatch | null;

  constructor({ actions, modules, users, match }: Filter) {
    this.#actions = setOf(actions);
    this.#modules = setOf(modules);
    this.#users = users && new Set(users.map(BigInt));
    this.match = match;
  }

  /** Every line of every block is asked for. */
  get isOpen(): boolean {
    return !this.#actions && !this.#modules && !this.#users && !this.match;
  }

  get asksForUsers(): boolean {
    return this.#users !== null;
  }

  /** How many lines have an action and a module that are asked for, whoever their user is. */
  rowsByTally(tally: readonly TallyLine[]): number {
    let rows = 0;
    for (const line of tally) if (this.#isPairAsked(line)) rows += line[0];
    return rows;
  }

  /** Those of the chosen lines that match. */
  narrowed({ chosen }: Choice, matching: Uint8Array): Choice {
    let left = 0;
    for (let place = 0; place < matching.length; place += 1) {
      const isChosen = (chosen?.[place] ?? 1) & (matching[place] ?? 0);
      matching[place] = isChosen;
      left += isChosen;
    }
    return { rows: left, chosen: left === matching.length ? null : matching };
  }

  isAsked({ action, module, doneBy, line }: LedgerRow): boolean {
    const isOther = this.#actions?.has(action) === false || this.#modules?.has(module) === false;
    if (isOther || this.#users?.has(doneBy) === false) return false;
    return this.match?.isInLine(Buffer.from(line)) ?? true;
  }

  /** The lines of a tally that are asked for, whoever their user is. */
  pairsAsked(tally: readonly TallyLine[]): TallyLine[] {
    return tally.filter((line) => this.#isPairAsked(line));
  }

  choice(tally: readonly TallyLine[], { users, pairOf, userOf }: BlockColumns): Choice {
    const pairs = new Uint8Array(tally.length);
    for (const [place, line] of tally.entries()) if (this.#isPairAsked(line)) pairs[place] = 1;
    const people = new Uint8Array(users.length);
    for (const [place, user] of users.entries()) if (this.#users?.has(user) ?? true) people[place] = 1;
    const chosen = new Uint8Array(pairOf.length);
    let rows = 0;
    for (let place = 0; place < chosen.length; place += 1) {
      const isChosen = (pairs[pairOf[place] ?? 0] ?? 0) & (people[userOf[place] ?? 0] ?? 0);
      chosen[place] = isChosen;
      rows += isChosen;
    }
    return { rows, chosen: rows === chosen.length ? null : chosen };
  }

  #isPairAsked([, action, module]: TallyLine): boolean {
    return (this.#actions?.has(action) ?? true) && (this.#modules?.has(module) ?? true);
  }
}

/** A list as `filterOf` wrote it. */
function setOf(list: string | null): ReadonlySet<string> | null {
  return list === null ? null : new Set(JSON.parse(list) as string[]);
}

/** The bytes of the chosen lines among the next ones, up to a number of lines and of bytes. */
export interface Picked {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** Takes the chosen lines out of a block, in order, as many at a time as there is room for; frees the lines at the end. */
export class LinePicker {
  readonly #lines: Uint8Array;
  readonly #lengths: Uint32Array;
  readonly #chosen: Uint8Array | null;
  #place = 0;
  #offset = 0;

  constructor(lines: Uint8Array, lengths: Uint32Array, { chosen }: Choice) {
    this.#lines = lines;
    this.#lengths = lengths;
    this.#chosen = chosen;
  }

  /**
   * Takes less when there is no room for more; `rows` 0 when not even one line fits; null at the end. With `atLeastOne` the
   * first line is taken however long it is.
   */
  take(maxRows: number, maxBytes: number, atLeastOne: boolean): Picked | null {
    const parts: Uint8Array[] = [];
    let rows = 0;
    let bytes = 0;
    let start = this.#offset;
    let isAtEnd = true;
    for (; this.#place < this.#lengths.length; this.#place += 1) {
      const length = this.#lengths[this.#place] ?? 0;
      if (this.#chosen === null || this.#chosen[this.#place] === 1) {
        const isTooLong = bytes + length > maxBytes && !(atLeastOne && rows === 0);
        if (rows === maxRows || isTooLong) {
          isAtEnd = false;
          break;
        }
        rows += 1;
        bytes += length;
      } else {
        if (this.#offset > start) parts.push(this.#lines.subarray(start, this.#offset));
        start = this.#offset + length;
      }
      this.#offset += length;
    }
    if (this.#offset > start) parts.push(this.#lines.subarray(start, this.#offset));
    if (isAtEnd && rows === 0) {
      letGoWhole(this.#lines);
      return null;
    }
    // A copy, even of one part: what is handed out may be freed by whoever gets it, and the rest is still needed.
    return { rows, bytes: Buffer.concat(parts) };
  }
}
