import { resolve } from 'node:path';
import type { RowColumns } from '../columns.ts';
import type {
  AppendedColumns,
  AppendOptions,
  AppendOutcome,
  Chunk,
  ChunkOptions,
  FoundRows,
  Histogram,
  HistogramOptions,
  Ledger,
  LedgerQuery,
  LedgerRow,
  RowKey,
  SearchOptions,
  StoredRow,
  TimeSpan,
  Verification,
  VerifyOptions,
} from '../ledger.ts';
import { prepareFile } from './file.ts';
import { LedgerReader } from './reader.ts';
import { ReaderClient } from './reader-client.ts';
import { SealerClient } from './sealer-client.ts';
import { verifyFile } from './verify.ts';
import { Writer } from './writer.ts';

export interface SqliteLedgerOptions {
  /** Made when absent. Several processes may have it open, and write to it, at the same time. */
  readonly file: string;
  /** `thread`: reads run in a thread of their own, and no slow disk holds up the caller's. `here`: in the caller's. */
  readonly reads: 'here' | 'thread';
  /** The file counts as a full disk once it would grow beyond this. Null or absent: only the disk is the limit. */
  readonly maxBytes?: number | null;
  /**
   * Seals the log in the background: for one process among those that have the file open. `settleMs`: how long nothing may
   * have arrived among entries before they are sealed. Absent: does not.
   */
  readonly seals?: { readonly settleMs: number };
}

/** The ledger in one SQLite file. Appends run in a writer thread, which is started by the first. */
export class SqliteLedger implements Ledger {
  readonly #writer: Writer;
  readonly #reader: LedgerReader | ReaderClient;
  readonly #sealer: SealerClient | null;
  readonly #file: string;

  private constructor(file: string, writer: Writer, reader: LedgerReader | ReaderClient, sealer: SealerClient | null) {
    this.#file = file;
    this.#writer = writer;
    this.#reader = reader;
    this.#sealer = sealer;
  }

  static async open(options: SqliteLedgerOptions): Promise<SqliteLedger> {
    const file = resolve(options.file);
    await prepareFile(file);
    const data = { file, maxBytes: options.maxBytes ?? null };
    const reader = options.reads === 'here' ? LedgerReader.open(file) : new ReaderClient(data);
    const writer = new Writer(data);
    const connect = writer.connect.bind(writer);
    const sealer = options.seals ? new SealerClient(data, { ...options.seals, connect }) : null;
    return new SqliteLedger(file, writer, reader, sealer);
  }

  append(org: string, rows: readonly LedgerRow[], options: AppendOptions): Promise<readonly AppendOutcome[]> {
    return this.#writer.append(org, rows, options);
  }

  appendColumns(org: string, columns: RowColumns, options: Omit<AppendOptions, 'atomic'>): Promise<AppendedColumns> {
    return this.#writer.appendColumns(org, columns, options);
  }

  lastArrival(org: string): Promise<number> {
    return this.#reader.lastArrival(org);
  }

  count(query: LedgerQuery, signal?: AbortSignal): Promise<number> {
    return this.#reader.count(query, signal);
  }

  chunks(query: LedgerQuery, options: ChunkOptions): AsyncIterable<Chunk> {
    return this.#reader.chunks(query, options);
  }

  page(query: LedgerQuery, before: RowKey | null, size: number): Promise<readonly StoredRow[]> {
    return this.#reader.page(query, before, size);
  }

  search(query: LedgerQuery, options: SearchOptions): Promise<FoundRows> {
    return this.#reader.search(query, options);
  }

  span(query: LedgerQuery): Promise<TimeSpan | null> {
    return this.#reader.span(query);
  }

  histogram(query: LedgerQuery, options: HistogramOptions): Promise<Histogram> {
    return this.#reader.histogram(query, options);
  }

  verify(options: VerifyOptions): Promise<Verification> {
    return verifyFile(this.#file, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.close();
    await this.#sealer?.close();
    await this.#writer.close();
  }
}
