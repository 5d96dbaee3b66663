/** Rows that match, newest first, for as long as there is time. */
import type { FoundRows, RowKey, SearchOptions, StoredRow } from '../ledger.ts';
import type { BlockReader } from './block-reader.ts';
import type { Blocks } from './blocks.ts';
import type { Filter } from './filter.ts';
import type { Run, Span } from './runs.ts';
import { runsDown } from './runs-down.ts';
import { type RowColumns, type Statements, sql } from './statements.ts';
import { Turns } from './turns.ts';
import { mostLooked, Walk } from './walk.ts';

/** Rows that the first piece looks at, at least. */
const firstLook = 100;
/** Of a block: so many lines are fetched one by one sooner than found by a look at all of its rows. */
const fewLines = 8;

export interface ReadParts {
  readonly statements: Statements;
  readonly blocks: Blocks;
  readonly blockReader: BlockReader;
}

export interface PreparedQuery {
  readonly filter: Filter;
  /** The query's number, see running-queries.ts. */
  readonly list: number | null;
  /** Sealed blocks tell which rows need not be looked at. */
  readonly usesBlocks: boolean;
}

export class Search {
  readonly #parts: ReadParts;
  readonly #query: PreparedQuery;
  readonly #found: StoredRow[] = [];
  #look = 0;

  constructor(parts: ReadParts, query: PreparedQuery) {
    this.#parts = parts;
    this.#query = query;
  }

  async find(options: Pick<SearchOptions, 'size' | 'budgetMs' | 'signal'>): Promise<FoundRows> {
    const { size } = options;
    const turns = new Turns(options);
    this.#look = Math.min(Math.max(size, firstLook), mostLooked(this.#query.filter));
    let searchedTo: RowKey | null = null;
    for (const run of this.#runs()) {
      if (searchedTo !== null && turns.isOver) return { rows: this.#found, searchedTo };
      const stoppedAt = this.#takeFromBlock(run, size) ? null : await this.#searchRows(run, size, turns);
      if (this.#found.length === size) break;
      if (stoppedAt !== null) return { rows: this.#found, searchedTo: stoppedAt };
      searchedTo = run.low;
      await turns.pass();
    }
    return { rows: this.#found, searchedTo: null };
  }

  *#runs(): Generator<Run, void> {
    const { filter, usesBlocks } = this.#query;
    if (usesBlocks) yield* runsDown(this.#parts.blocks, filter);
    else yield { low: filter.low, high: filter.high, head: null };
  }

  /** What a block tells of its lines, when there are none or few that are asked for; false: its rows have to be searched. */
  #takeFromBlock(run: Run, size: number): boolean {
    const { blockReader, statements } = this.#parts;
    const { head } = run;
    const count = head === null ? null : blockReader.count(head);
    if (count === 0) return true;
    if (head === null || count === null || count > fewLines) return false;
    const chosen = blockReader.lookAt(head)?.chosen;
    if (!chosen) return false;
    const { filter, list } = this.#query;
    const walk = new Walk(statements, { filter, list, direction: 'newest-first', reads: 'lines' });
    const rows: StoredRow[] = [];
    for (let place = chosen.lastIndexOf(1); place >= 0; place = place === 0 ? -1 : chosen.lastIndexOf(1, place - 1)) {
      const [columns] = statements.rows(sql.nthLast, walk.parameters(run, 0, head.rows - 1 - place));
      const row = columns && storedRow(columns);
      // An entry that has come late, and moved the others.
      if (!row || row.arrival > filter.asOf || !blockReader.isAsked(row)) return false;
      rows.push(row);
      if (this.#found.length + rows.length === size) break;
    }
    this.#found.push(...rows);
    return true;
  }

  /** Answers how far it got; null: to the end of the span, or to as many rows as are wanted. */
  async #searchRows(span: Span, size: number, turns: Turns): Promise<RowKey | null> {
    const { statements } = this.#parts;
    const { filter, list } = this.#query;
    const conditions = { ...filter, low: span.low, high: span.high };
    const walk = new Walk(statements, { filter: conditions, list, direction: 'newest-first', reads: 'lines' });
    let searchedTo: RowKey | null = null;
    for (;;) {
      const piece = walk.piece(this.#look);
      if (!piece) return null;
      if (searchedTo !== null && turns.isOver) return searchedTo;
      const wanted = size - this.#found.length;
      const rows = statements.rows(sql.rows(piece.way, filter), walk.parameters(piece, wanted)).map(storedRow);
      this.#found.push(...rows);
      if (this.#found.length === size) return null;
      walk.advance(piece, rows.length);
      searchedTo = piece.low;
      if (piece.looks * 2 > this.#look) this.#look = Math.min(this.#look * 2, mostLooked(filter));
      await turns.pass();
    }
  }
}

function storedRow([time, id, doneBy, arrival, arrivedAt, action, module, line, client]: RowColumns): StoredRow {
  return {
    time: Number(time),
    id,
    doneBy,
    action,
    module,
    line,
    arrival: Number(arrival),
    arrivedAt: Number(arrivedAt),
    client,
  };
}
