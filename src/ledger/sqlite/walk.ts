/**
 * Goes through a filter's span of keys in pieces of bounded work, one after another, and picks the cheaper way for each.
 * Between two pieces nothing is held open in SQLite, so other reads, an abort and checkpoints get their turn.
 */
import type { RowKey } from '../ledger.ts';
import { compareKeys, type Filter, keyAfter, keyBefore, maxId } from './filter.ts';
import { type Direction, type Parameters, type Statements, sql, type Way } from './statements.ts';

interface Span {
  readonly low: RowKey;
  readonly high: RowKey;
}

export interface Piece extends Span {
  readonly way: Way;
  /** Rows or index entries that it looks at, at most. */
  readonly looks: number;
}

/**
 * Rows that a sweep passes in the time that one entry of the index takes. `lines`: the row is visited in the table;
 * measured on 1,000,000 rows, 5 to 7 µs against 0.5 µs a row of the sweep, all its statements together. `index`: what is
 * asked for stands in the index itself.
 */
const sweptRowsPerEntry = { lines: 10, index: 1 } as const;
/** A search in the index for one user costs about as much as this many swept rows. */
const sweptRowsPerSearch = 4;
/** After so many pieces through the index it is asked again whether the sweep would be cheaper: the question itself costs. */
const piecesPerQuestion = 4;

/** What one piece may look at: a few milliseconds, so that reads side by side do not wait for each other noticeably. */
const maxLook = 16_000;
/** As many when each line is looked into, which takes some 2 µs. */
const maxLookInLines = 4_000;

export function mostLooked({ match }: Filter): number {
  return match ? maxLookInLines : maxLook;
}

export interface WalkOptions {
  readonly filter: Filter;
  /** The query's number, see running-queries.ts. */
  readonly list: number | null;
  readonly direction: Direction;
  readonly reads: keyof typeof sweptRowsPerEntry;
}

export class Walk {
  readonly #statements: Statements;
  readonly #filter: Filter;
  readonly #users: readonly string[];
  readonly #list: number | null;
  readonly #direction: Direction;
  readonly #sweptRowsPerEntry: number;
  /** What is left of the filter's span. */
  #rest: Span;
  /** Seconds that the last piece of several users covered: the first guess for the next. */
  #seconds: number;
  /** The last sweep met so many matches that asking the index again would not pay. */
  #isDense = false;
  #piecesThroughIndex = 0;

  constructor(statements: Statements, { filter, list, direction, reads }: WalkOptions) {
    this.#statements = statements;
    this.#filter = filter;
    this.#sweptRowsPerEntry = sweptRowsPerEntry[reads];
    this.#users = filter.users ?? [];
    this.#list = list;
    this.#direction = direction;
    this.#rest = { low: filter.low, high: filter.high };
    this.#seconds = filter.high.time - filter.low.time;
  }

  /** The next piece, which looks at `look` rows or index entries at most; null at the end. Asking again does not move on. */
  piece(look: number): Piece | null {
    if (compareKeys(this.#rest.low, this.#rest.high) > 0) return null;
    if (this.#users.length === 0 || this.#isDense) return this.#sweep(look);
    const found = this.#users.length === 1 ? this.#ofOneUser(look) : this.#ofSeveralUsers(look);
    if (!found) return this.#sweep(look);
    return { way: this.#isSweepCheaper(found) ? 'sweep' : 'users', ...found };
  }

  /** Leaves the piece behind; `matches` is what was in it. */
  advance(piece: Piece, matches: number): void {
    this.#isDense = piece.way === 'sweep' && matches * this.#sweptRowsPerEntry * 2 > piece.looks;
    this.#piecesThroughIndex = piece.way === 'users' ? this.#piecesThroughIndex + 1 : 0;
    const { low, high } = this.#rest;
    this.#rest =
      this.#direction === 'oldest-first' ? { low: keyAfter(piece.high), high } : { low, high: keyBefore(piece.low) };
  }

  parameters({ low, high }: Span, limit = 0, skip = 0): Partial<Parameters> {
    const { org, asOf, actions, modules } = this.#filter;
    const span = { lowTime: low.time, lowId: low.id, highTime: high.time, highId: high.id };
    return { org, ...span, asOf, actions, modules, list: this.#list, limit, skip };
  }

  #sweep(look: number): Piece {
    return { way: 'sweep', looks: look, ...this.#untilEdge(this.#edge('sweep', this.#rest, look - 1)) };
  }

  #ofOneUser(look: number): Omit<Piece, 'way'> {
    return { looks: look, ...this.#untilEdge(this.#edge('users', this.#rest, look - 1)) };
  }

  /** Null when a single second holds more than one piece may: the sweep can cut anywhere. */
  #ofSeveralUsers(look: number): Omit<Piece, 'way'> | null {
    for (;;) {
      const span = this.#firstSeconds();
      const text = sql.entriesOfUsers(this.#filter.users);
      const entries = this.#statements.number(text, this.parameters(span, look + 1));
      if (entries > look && this.#seconds === 0) return null;
      if (entries <= look) {
        if (entries * 2 < look) this.#seconds = Math.max(1, this.#seconds * 2);
        return { looks: entries, ...span };
      }
      this.#seconds = Math.floor(this.#seconds / 4);
    }
  }

  #isSweepCheaper(piece: Omit<Piece, 'way'>): boolean {
    if (this.#piecesThroughIndex % piecesPerQuestion !== 0) return false;
    const affordable = piece.looks * this.#sweptRowsPerEntry + this.#users.length * sweptRowsPerSearch;
    return this.#edge('sweep', piece, affordable) === null;
  }

  #edge(way: Way, span: Span, skip: number): RowKey | null {
    const text = sql.edge(way, this.#filter.users, this.#direction);
    return this.#statements.key(text, this.parameters(span, 0, skip));
  }

  /** The rest up to this key, or all of it. */
  #untilEdge(edge: RowKey | null): Span {
    const { low, high } = this.#rest;
    if (!edge) return { low, high };
    return this.#direction === 'oldest-first' ? { low, high: edge } : { low: edge, high };
  }

  /** The part of the rest that lies within `#seconds` of its beginning. */
  #firstSeconds(): Span {
    const { low, high } = this.#rest;
    if (this.#direction === 'oldest-first') {
      const end = { time: low.time + this.#seconds, id: maxId };
      return { low, high: compareKeys(end, high) < 0 ? end : high };
    }
    const start = { time: high.time - this.#seconds, id: 0n };
    return { low: compareKeys(start, low) > 0 ? start : low, high };
  }
}
