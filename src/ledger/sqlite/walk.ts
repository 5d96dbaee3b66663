/**
 * Goes through a filter's span of keys in pieces of bounded work, one after another, and picks the cheaper way for each.
 * Between two pieces nothing is held open in SQLite, so other reads, an abort and checkpoints get their turn.
 */
import type { RowKey } from '../ledger.ts';
import { compareKeys, type Filter, keyAfter, keyBefore, maxId } from './filter.ts';
import { type Direction, type Parameters, type Statements, sql, type Way } from './statements.ts';

export interface Piece {
  readonly way: Way;
  readonly low: RowKey;
  readonly high: RowKey;
}

/**
 * Rows that a sweep passes in the time in which the index finds and visits one. Measured: 0.25 µs a row of the sweep,
 * 3 µs a visit; a visit that the filter spares is cheaper, hence not 12.
 */
const sweptRowsPerVisit = 5;
/** A search in the index for one user costs about as much as this many swept rows. */
const sweptRowsPerSearch = 4;

export class Walk {
  readonly #statements: Statements;
  readonly #filter: Filter;
  readonly #list: number | null;
  readonly #direction: Direction;
  /** What is left of the span. */
  #low: RowKey;
  #high: RowKey;
  /** Seconds that the last piece through the index covered: the first guess for the next. */
  #seconds: number;
  /** The last sweep met so many matches that asking the index again would not pay. */
  #isDense = false;

  constructor(statements: Statements, filter: Filter, list: number | null, direction: Direction) {
    this.#statements = statements;
    this.#filter = filter;
    this.#list = list;
    this.#direction = direction;
    this.#low = filter.low;
    this.#high = filter.high;
    this.#seconds = filter.high.time - filter.low.time;
  }

  /** The next piece, which looks at `look` rows or index entries at most; null at the end. Asking again does not move on. */
  piece(look: number): Piece | null {
    if (compareKeys(this.#low, this.#high) > 0) return null;
    if (this.#list === null || this.#isDense) return this.#sweep(look);
    return this.#throughUsers(look);
  }

  /** Leaves the piece behind; `looked` is what was asked for, `matches` what was in it. */
  advance(piece: Piece, looked: number, matches: number): void {
    this.#isDense = piece.way === 'sweep' && matches * sweptRowsPerVisit * 2 > looked;
    if (this.#direction === 'oldest-first') this.#low = keyAfter(piece.high);
    else this.#high = keyBefore(piece.low);
  }

  parameters(piece: { readonly low: RowKey; readonly high: RowKey }, limit = 0, skip = 0): Parameters {
    const { org, asOf, actions, modules } = this.#filter;
    const span = { lowTime: piece.low.time, lowId: piece.low.id, highTime: piece.high.time, highId: piece.high.id };
    return { org, ...span, asOf, actions, modules, list: this.#list, limit, skip };
  }

  #sweep(look: number): Piece {
    const rest = { low: this.#low, high: this.#high };
    const edge = this.#statements.key(sql.edge(this.#direction), this.parameters(rest, 0, look - 1));
    if (!edge) return { way: 'sweep', ...rest };
    return this.#direction === 'oldest-first'
      ? { way: 'sweep', low: rest.low, high: edge }
      : { way: 'sweep', low: edge, high: rest.high };
  }

  #throughUsers(look: number): Piece {
    for (;;) {
      const span = this.#firstSeconds(this.#seconds);
      const entries = this.#statements.number(sql.entriesOfUsers(), this.parameters(span, look + 1));
      if (entries > look && this.#seconds > 0) {
        this.#seconds = Math.floor(this.#seconds / 2);
        continue;
      }
      // A single second may hold more than one piece may: the sweep can cut anywhere.
      if (entries > look) return this.#sweep(look);
      if (entries * 2 < look)
        this.#seconds = Math.min(Math.max(1, this.#seconds * 2), this.#filter.high.time - this.#filter.low.time);
      const users = this.#filter.users?.length ?? 0;
      const affordable = entries * sweptRowsPerVisit + users * sweptRowsPerSearch;
      const beyond = this.#statements.key(sql.edge(this.#direction), this.parameters(span, 0, affordable));
      return { way: beyond ? 'users' : 'sweep', ...span };
    }
  }

  /** The part of the rest that lies within so many seconds of its beginning. */
  #firstSeconds(seconds: number): { low: RowKey; high: RowKey } {
    const low = this.#low;
    const high = this.#high;
    if (this.#direction === 'oldest-first') {
      const end = { time: low.time + seconds, id: maxId };
      return { low, high: compareKeys(end, high) < 0 ? end : high };
    }
    const start = { time: high.time - seconds, id: 0n };
    return { low: compareKeys(start, low) > 0 ? start : low, high };
  }
}
