/**
 * Where entries live: the port. A stored entry never changes and is never removed. Proof: `test/ledger/contract.ts`.
 */

import type { RowColumns } from './columns.ts';
import type { DeflatePiece } from './pieces.ts';

/** One entry as it is stored: its line, and the few columns that are filtered or sorted by. */
export interface LedgerRow {
  /** Audited time, epoch seconds. */
  readonly time: number;
  /** Entry id, 0 < id < 2^63. */
  readonly id: bigint;
  /** Lower case. */
  readonly action: string;
  /** User id, 0 < id < 2^63. */
  readonly doneBy: bigint;
  /** The module's api_name. */
  readonly module: string;
  /** The CSV line of every export, CRLF included. */
  readonly line: string;
}

/** A row as it is read back, with what the ledger knows of its arrival. */
export interface StoredRow extends LedgerRow {
  /** The place in the order of arrival: 1, 2, 3 … for each organisation. */
  readonly arrival: number;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  /** Which client sent it. */
  readonly client: string;
}

/**
 * `new`: stored now. `duplicate`: the same key (organisation, time, id) with the same line was there already.
 * `conflict`: the key was there with another line; nothing was stored for this row.
 */
export type AppendOutcome = 'new' | 'duplicate' | 'conflict';

export interface AppendOptions {
  readonly client: string;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  /** True: when one row is a conflict, no row of this call is stored. Its other rows then say what they would have been. */
  readonly atomic?: boolean;
}

/** A row that was a conflict: its line, and the one that is stored under its key. */
export interface Conflict {
  /** Of the row, in its call. */
  readonly place: number;
  readonly line: string;
  readonly stored: string;
}

/** What became of rows that were handed over as columns. */
export interface AppendedColumns {
  /** For each row, its outcome's place in `appendOutcomes` of columns.ts. */
  readonly outcomes: Uint8Array;
  /** In the order of the rows. */
  readonly conflicts: readonly Conflict[];
}

export interface LedgerQuery {
  /** The organisation's zgid. */
  readonly org: string;
  /** Epoch seconds, both ends included. `from > to` is an empty range. */
  readonly from: number;
  readonly to: number;
  /** A null list means no condition; an empty list matches nothing. */
  readonly actions: readonly string[] | null;
  readonly modules: readonly string[] | null;
  /** User ids, digits. */
  readonly doneBy: readonly string[] | null;
  /** Each must occur in the record's name, whatever the case: folded by `foldText` of audit/words.ts. Null or empty: no condition. */
  readonly words: readonly string[] | null;
  /** The id of the record that the entry is about, as it stands in the line; null: no condition. */
  readonly record: string | null;
  /** The user ids whose entries may be seen; null: everyone's. */
  readonly visibleTo: readonly string[] | null;
  /** The last arrival number that counts: later arrivals do not exist for this query. */
  readonly asOf: number;
}

/** Whole lines, oldest first. Whoever gets the bytes owns them, and may free their buffer. */
export interface TextChunk {
  readonly kind: 'text';
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** Whole lines that the ledger has compressed before, decompressed once to see that it can be, and checked since. */
export interface SealedChunk extends DeflatePiece {
  readonly kind: 'sealed';
  readonly rows: number;
}

/** A piece of an export. */
export type Chunk = TextChunk | SealedChunk;

export interface ChunkOptions {
  /** No chunk reaches over a multiple of this many rows, so that files can be cut there. */
  readonly rowsPerFile: number;
  readonly signal?: AbortSignal;
}

/** A place in the order (time, id). */
export interface RowKey {
  readonly time: number;
  readonly id: bigint;
}

export interface SearchOptions {
  /** Only rows that come before this key; null: from the newest. */
  readonly before: RowKey | null;
  /** Rows that are wanted, at most. */
  readonly size: number;
  /** For how long it may look, milliseconds; `Infinity`: to the end. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal;
}

export interface FoundRows {
  /** Newest first. */
  readonly rows: readonly StoredRow[];
  /**
   * How far it got when its time was over, this key included: what comes before it has still to be searched. Null: it found as
   * many rows as were wanted, or there are no more.
   */
  readonly searchedTo: RowKey | null;
}

/** Seconds, both included. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export interface HistogramOptions {
  /** How many parts there are at most. */
  readonly buckets: number;
  /** For how long it may look, milliseconds; `Infinity`: until it is exact. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal;
}

export interface Histogram {
  /** How long each part is; the first begins with the query's range. */
  readonly bucketSeconds: number;
  /** Of all parts. */
  readonly total: number;
  /** The time did not suffice to count all: some of it is estimated by the rest. */
  readonly isEstimate: boolean;
  /** Those with entries, earliest first. */
  readonly buckets: readonly HistogramBucket[];
}

export interface HistogramBucket {
  /** Epoch seconds. */
  readonly start: number;
  /** How many entries by action; only those that there are. */
  readonly actions: ReadonlyMap<string, number>;
}

/** Something that is stored is not what it says of itself. */
export interface LedgerProblem {
  readonly org: string;
  /** Of which entry, or of the block that ends there; null: of the organisation as a whole. */
  readonly key: RowKey | null;
  /** In words, such as "the line is not the one that was stored". */
  readonly message: string;
}

export interface VerifyOptions {
  readonly onProblem: (problem: LedgerProblem) => void;
  /** Called now and then with the entries looked at so far and their number in all. */
  readonly onProgress?: (entries: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface Verification {
  readonly organisations: number;
  readonly entries: number;
  /** Entries that were stored before there was a hash to hold them against. */
  readonly withoutHash: number;
  /** Entries in derived copies that were held against the entries themselves. */
  readonly sealed: number;
  readonly problems: number;
}

export interface Ledger extends AsyncDisposable {
  /**
   * Resolves when the rows would survive a crash; the outcomes are in the order of the rows, and new rows get the next
   * arrival numbers in that order. Rows of one call may repeat each other (the second is then a duplicate or a conflict).
   * A call is stored whole, so a caller with many rows sends them by the thousand. Concurrent calls share one commit, and
   * a call waits for its turn. Throws SERVICE_UNAVAILABLE when the disk is full or the store is down: then no row of it
   * is stored. A row that is not what `LedgerRow` says, or whose line holds NUL or half a character, is a bug of the
   * caller: the call is refused by an error that is no `Failure`, and other calls do not notice.
   */
  append(org: string, rows: readonly LedgerRow[], options: AppendOptions): Promise<readonly AppendOutcome[]>;

  /**
   * As `append` without `atomic`, for many rows at once: a few thousand at most. Takes the buffers away from the caller.
   * Such calls are stored in the order in which they came, but calls of `append` that wait go first: those have somebody
   * waiting for each of them. That a row is what `LedgerRow` says is seen to by the `ColumnsBuilder` that made it.
   */
  appendColumns(org: string, columns: RowColumns, options: Omit<AppendOptions, 'atomic'>): Promise<AppendedColumns>;

  /**
   * The last arrival number of the organisation, 0 when it has none: what an export pins as `asOf`. Once it has been n, no
   * row appears with n or less, so what a query with this `asOf` sees does not change any more.
   */
  lastArrival(org: string): Promise<number>;

  /** How many rows `chunks` of the same query yields. Aborted, it throws the signal's reason. */
  count(query: LedgerQuery, signal?: AbortSignal): Promise<number>;

  /**
   * Oldest first, by (time, id). Each chunk holds 2,000 rows or about 1 MiB of lines at most, but one row at least. Nothing
   * is read before it is asked for. Aborted, it throws the signal's reason; a loop that is left early frees what it held.
   */
  chunks(query: LedgerQuery, options: ChunkOptions): AsyncIterable<Chunk>;

  /** Newest first: up to `size` rows that come before `before` (null: from the newest). By key, never by offset. */
  page(query: LedgerQuery, before: RowKey | null, size: number): Promise<readonly StoredRow[]>;

  /** As `page`, for as long as it may take; it gets on by something each time. Aborted, it throws the signal's reason. */
  search(query: LedgerQuery, options: SearchOptions): Promise<FoundRows>;

  /**
   * From the first to the last entry in the query's range that its `visibleTo` lets one see, whatever else it asks for; null:
   * there is none.
   */
  span(query: LedgerQuery): Promise<TimeSpan | null>;

  /** How many rows of the query there are in equal parts of its range, which must have two ends. */
  histogram(query: LedgerQuery, options: HistogramOptions): Promise<Histogram>;

  /**
   * Holds every entry against its hash, its columns against its line, the arrival numbers against their count, and whatever
   * is derived from entries against them; what is wrong with derived data is also mended. Goes on after a problem.
   */
  verify(options: VerifyOptions): Promise<Verification>;

  /** Stores what was accepted before. What is asked afterwards is answered by SERVICE_UNAVAILABLE. */
  [Symbol.asyncDispose](): Promise<void>;
}
