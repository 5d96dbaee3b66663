import { crc32 } from 'node:zlib';
import { csvHeader } from '../audit/line.ts';
import type { Chunk, Ledger, LedgerQuery, SealedChunk } from '../ledger/ledger.ts';
import { unpackPiece } from '../ledger/pieces.ts';
import type { ResultFileWriter, ResultsStore } from '../results/results.ts';
import { GzipWriter } from './gzip.ts';
import { gzipName, type JobFile } from './jobs.ts';
import { apiRules, type LayoutFile, type LayoutRules, layoutOf, rowsPerMember } from './layout.ts';
import type { SpoolOptions } from './spool.ts';
import { type ByteSink, ZipWriter } from './zip.ts';

/**
 * Of what is not sealed: the edges of a time range, the lines that a filter picks out, entries that came in just now. Level 6
 * makes it a fifth smaller and takes more than twice as long, while somebody waits.
 */
const deflateLevel = 1;
const spoolMemoryBytes = 16 * 1024 * 1024;

export interface ExportOutcome {
  readonly entries: number;
  /** In chronological order of what they hold. */
  readonly files: readonly JobFile[];
}

export interface ExportOptions {
  readonly ledger: Pick<Ledger, 'count' | 'chunks'>;
  readonly query: LedgerQuery;
  /** Opens the file of that name; called in order, each file finished before the next is opened, but for gzip forms. */
  readonly open: (name: string) => Promise<ResultFileWriter>;
  /** The time stamp of what stands in a ZIP, epoch seconds: given, not taken, so that a rerun makes the same file. */
  readonly modifiedAt: number;
  /** Where members that outgrow the memory are spooled. */
  readonly spoolDir: string;
  /** By default the API's rules. */
  readonly rules?: LayoutRules;
  /** Writes a gzip file of the same content beside each CSV. */
  readonly gzipsCsv?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each chunk with the rows written so far and the rows in all; at the start with 0. */
  readonly onProgress?: (rows: number, total: number) => void;
}

/**
 * Writes an export without a job: counts, then streams the ledger's chunks into the files that the layout asks for. Holds a
 * few pieces in memory, whatever the size. A ledger that yields other rows than it counted is an error, never a cut file.
 * When it throws, the file that was opened last is not finished, and undoing what was written is up to the caller.
 */
export async function writeExport(options: ExportOptions): Promise<ExportOutcome> {
  const { ledger, query, signal } = options;
  const rules = options.rules ?? apiRules;
  signal?.throwIfAborted();
  const total = await ledger.count(query, signal);
  const layout = layoutOf(total, rules);
  const container = layout[0]?.container ?? 'csv';
  options.onProgress?.(0, total);
  const chunks = ledger.chunks(query, {
    rowsPerFile: rowsPerMember(container, rules),
    ...(signal === undefined ? {} : { signal }),
  });
  const rows = new RowSource(chunks, total, options);
  try {
    const files: JobFile[] = [];
    for (const file of layout) files.push(await writeFile(file, rows, options));
    return { entries: total, files };
  } finally {
    await rows.close();
  }
}

/** Writes the job's files under its key and publishes them together; on any failure nothing of them remains. */
export async function runExport(
  parts: { readonly ledger: Pick<Ledger, 'count' | 'chunks'>; readonly results: Pick<ResultsStore, 'create'> },
  job: { readonly key: string; readonly query: LedgerQuery; readonly modifiedAt: number },
  options: Pick<ExportOptions, 'spoolDir' | 'rules' | 'signal' | 'onProgress'>,
): Promise<ExportOutcome> {
  const writer = await parts.results.create(job.key);
  try {
    const outcome = await writeExport({
      ...options,
      ledger: parts.ledger,
      query: job.query,
      modifiedAt: job.modifiedAt,
      open: (name) => writer.file(name),
      gzipsCsv: true,
    });
    options.signal?.throwIfAborted();
    await writer.publish();
    return outcome;
  } catch (error) {
    await abandon(() => writer.abort(), error);
    throw error;
  }
}

/** The undoing may fail as well (the store may be what is down): then both errors are told. The sweeper does the rest. */
async function abandon(undo: () => Promise<void>, reason: unknown): Promise<void> {
  try {
    await undo();
  } catch (error) {
    if (reason instanceof Error && reason.cause === undefined) reason.cause = error;
  }
}

async function writeFile(file: LayoutFile, rows: RowSource, options: ExportOptions): Promise<JobFile> {
  if (file.container === 'csv') return await writeCsv(file, rows, options);
  const writer = await options.open(file.name);
  await writeZip(file, rows, writer, options);
  await rows.expectNoMore();
  const { name, bytes, sha256 } = await writer.finish();
  return { name, bytes, sha256, entries: file.entries };
}

async function writeZip(file: LayoutFile, rows: RowSource, sink: ByteSink, options: ExportOptions): Promise<void> {
  const spool: SpoolOptions = { dir: options.spoolDir, memoryBytes: spoolMemoryBytes };
  await using zip = new ZipWriter(sink, { modifiedAt: options.modifiedAt, level: deflateLevel, spool });
  for (const { name, entries } of file.members) {
    const member = zip.startMember(name);
    await member.write(Buffer.from(csvHeader));
    await rows.take(entries, (chunk) => (chunk.kind === 'sealed' ? member.pass(chunk) : member.write(chunk.bytes)));
    await zip.endMember();
  }
  await zip.end();
}

async function writeCsv({ name, entries }: LayoutFile, rows: RowSource, options: ExportOptions): Promise<JobFile> {
  const plain = await options.open(name);
  const packed = options.gzipsCsv ? await options.open(gzipName(name)) : null;
  await using gzip = packed && new GzipWriter(packed, deflateLevel);
  await plain.write(Buffer.from(csvHeader));
  await gzip?.write(Buffer.from(csvHeader));
  await rows.take(entries, async (chunk) => {
    const lines = chunk.kind === 'sealed' ? linesOf(chunk) : chunk.bytes;
    if (chunk.kind === 'sealed') await gzip?.pass(chunk);
    else await gzip?.write(Uint8Array.from(lines)); // a copy, for it is gone afterwards
    await plain.write(lines);
  });
  await rows.expectNoMore();
  await gzip?.end();
  const { bytes, sha256 } = await plain.finish();
  const form = await packed?.finish();
  return { name, bytes, sha256, entries, ...(form && { gzip: { bytes: form.bytes, sha256: form.sha256 } }) };
}

/** The lines of a sealed chunk. Throws when they are not what it says. */
function linesOf(chunk: SealedChunk): Uint8Array {
  const lines = unpackPiece(chunk);
  if (crc32(lines) === chunk.rawCrc32) return lines;
  throw new Error('A sealed piece does not decompress to the lines that it stands for');
}

/** The ledger's chunks, dealt out file by file, and counted on the way. */
class RowSource {
  readonly #chunks: AsyncIterator<Chunk>;
  readonly #total: number;
  readonly #options: ExportOptions;
  #rows = 0;

  constructor(chunks: AsyncIterable<Chunk>, total: number, options: ExportOptions) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#total = total;
    this.#options = options;
  }

  /** Hands on the next chunks until exactly that many rows have passed. */
  async take(rows: number, write: (chunk: Chunk) => Promise<void>): Promise<void> {
    const end = this.#rows + rows;
    while (this.#rows < end) {
      this.#options.signal?.throwIfAborted();
      const next = await this.#chunks.next();
      if (next.done === true) throw new Error(`The log ended after ${this.#rows} of ${this.#total} entries`);
      if (this.#rows + next.value.rows > end) {
        throw new Error(
          `The log's rows ${this.#rows + 1} to ${this.#rows + next.value.rows} cross the file's end at ${end}`,
        );
      }
      await write(next.value);
      this.#rows += next.value.rows;
      this.#options.onProgress?.(this.#rows, this.#total);
    }
  }

  /** Once all that were counted have passed, there must be none left. */
  async expectNoMore(): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (this.#rows < this.#total) return;
    const next = await this.#chunks.next();
    if (next.done !== true) throw new Error(`The log has more than the ${this.#total} entries that were counted`);
  }

  /** Tells the ledger that no more is wanted; harmless at the end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
