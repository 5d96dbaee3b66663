import type { EntryInput } from '../audit/entry.ts';
import { Failure } from '../audit/failure.ts';
import type { TimeReading } from './audited-time.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { foreignEntries, readForeignHeader } from './foreign-csv.ts';
import { importNdjson } from './import-ndjson.ts';
import type { Input, Member } from './input.ts';
import { isOwnHeader, ownLines } from './own-csv.ts';
import { type Batch, type Progress, recordBatches } from './record-batches.ts';
import type { ReadyLine, Recorder, RecordingOrg } from './recorder.ts';
import type { RepeatIds } from './repeats.ts';
import { type Counts, Tally } from './tally.ts';

export type ImportKind = 'NDJSON' | 'CSV of Annals' | 'CSV of Zoho CRM';

/** What the files of one import share. */
export interface Intake {
  readonly recorder: Pick<Recorder, 'record' | 'recordLines' | 'deskOf'>;
  readonly org: RecordingOrg;
  readonly client: string;
  readonly ids: RepeatIds;
  /** How foreign files write times. */
  readonly times: Pick<TimeReading, 'pattern' | 'zone'>;
  /** The api_name of a module by what a foreign file may call it, in lower case. */
  readonly moduleNames: ReadonlyMap<string, string>;
  /** True: an NDJSON line without a time is of now. Such a line is a new entry each time that it is imported. */
  readonly isLive: boolean;
  readonly maxLineBytes: number;
  readonly maxRejected: number;
  /** How deep an NDJSON line may nest; 32 levels unless set. */
  readonly maxDepth?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What became of one stream of lines. */
export interface ImportReport extends Counts {
  readonly name: string;
  readonly kind: ImportKind;
  /** What the reader of the report should know beside the counts. */
  readonly notes: readonly string[];
}

/**
 * Records what the input holds, and can be repeated: what is there already is counted as a duplicate. Packed files are
 * read once beforehand, so that nothing of a damaged one is recorded.
 */
export async function* importInput(input: Input, intake: Intake): AsyncGenerator<ImportReport> {
  for (const member of input.members) await member.check?.();
  for (const member of input.members) yield await importMember(member, intake);
}

async function importMember(member: Member, intake: Intake): Promise<ImportReport> {
  const tally = new Tally(intake.maxRejected);
  try {
    const source = member.open()[Symbol.asyncIterator]();
    const head = await firstChunk(source);
    const lines = rest(head, source, intake.signal);
    switch (kindOf(head)) {
      case 'ndjson':
        return { ...(await importLines(lines, intake)), name: member.name, kind: 'NDJSON', notes: [] };
      case 'csv':
        return await importCsv(lines, member.name, intake, tally);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const done = error.code === 'LIMIT_EXCEEDED' ? 0 : tally.accepted + tally.duplicates;
    const kept = done === 0 ? '' : `. The ${done} entries before that are recorded`;
    throw new Failure(error.code, `${member.name}: ${error.message}${kept}`, { cause: error, details: error.details });
  }
}

async function firstChunk(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  // A pipe may start with a few bytes, or with blank lines: up to here they are waited for.
  for (let bytes = 0; bytes < 4096; ) {
    const next = await source.next();
    if (next.done === true) break;
    chunks.push(next.value);
    bytes += next.value.length;
    if (/[^\s\ufeff]/.test(Buffer.from(next.value).toString('utf8'))) break;
  }
  return Buffer.concat(chunks);
}

async function* rest(
  head: Buffer,
  source: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      signal?.throwIfAborted();
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

function kindOf(head: Buffer): 'ndjson' | 'csv' {
  const bytes = head.subarray(0, 4).toString('latin1');
  if (bytes.startsWith('PK')) throw new Failure('INVALID_DATA', 'a ZIP cannot be read from a pipe; name the file');
  if (bytes.startsWith('\x1f\x8b')) throw new Failure('INVALID_DATA', 'it is packed: pipe it through "gzip -dc" first');
  const start = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (start === '') throw new Failure('INVALID_DATA', 'it is empty');
  if (start.startsWith('[')) {
    throw new Failure(
      'INVALID_DATA',
      'a JSON array cannot be imported; write one entry a line, without [ ] and commas',
    );
  }
  return start.startsWith('{') ? 'ndjson' : 'csv';
}

async function importLines(lines: AsyncIterable<Uint8Array>, intake: Intake): Promise<Counts> {
  const { accepted, duplicates, rejected } = await importNdjson(lines, {
    desk: intake.recorder.deskOf(intake.org.zgid, intake.client),
    zone: intake.org.zone,
    maxLineBytes: intake.maxLineBytes,
    maxRejected: intake.maxRejected,
    ...(intake.maxDepth !== undefined && { maxDepth: intake.maxDepth }),
    ...(intake.onProgress !== undefined && { onProgress: intake.onProgress }),
    complete: (entry, text) => {
      if (entry.id !== null || (entry.time === null && intake.isLive)) return entry;
      if (entry.time !== null) return { ...entry, id: intake.ids.idOf(text) };
      const message = 'audited_time is missing; with --live, a line without one is of now';
      return { code: 'MANDATORY_NOT_FOUND', message, jsonPath: '$.audited_time' };
    },
  });
  return { accepted, duplicates, rejected };
}

async function importCsv(
  source: AsyncIterable<Uint8Array>,
  name: string,
  intake: Intake,
  tally: Tally,
): Promise<ImportReport> {
  const { recorder, org } = intake;
  const options = { client: intake.client };
  const onProgress = intake.onProgress === undefined ? {} : { onProgress: intake.onProgress };
  const batches = csvRecords(source);
  try {
    const first = await batches.next();
    const [header, ...records] = first.done === true ? [] : first.value;
    const cells = header?.cells ?? [];
    const all = chained(records, batches);
    if (isOwnHeader(cells)) {
      const record = ({ items }: Batch<ReadyLine>) => recorder.recordLines(org, items, options);
      await recordBatches(tally, { batches: ownLines(all, org.zone, tally), record, ...onProgress });
      return reportOf(name, 'CSV of Annals', tally, []);
    }
    const foreign = readForeignHeader(cells);
    const times = { ...intake.times, orgZone: org.zone };
    const file = { zone: org.zone, times, ids: intake.ids, moduleNames: intake.moduleNames };
    const record = ({ items }: Batch<EntryInput>) => recorder.record(org, items, options);
    await recordBatches(tally, { batches: foreignEntries(all, foreign, file, tally), record, ...onProgress });
    const notes = foreign.ignored.length === 0 ? [] : [`columns left out: ${foreign.ignored.slice(0, 20).join(', ')}`];
    return reportOf(name, 'CSV of Zoho CRM', tally, notes);
  } finally {
    await batches.return(undefined);
  }
}

async function* chained(
  records: readonly CsvRecord[],
  batches: AsyncIterable<readonly CsvRecord[]>,
): AsyncGenerator<readonly CsvRecord[]> {
  yield records;
  yield* batches;
}

function reportOf(name: string, kind: ImportKind, tally: Counts, notes: readonly string[]): ImportReport {
  return { name, kind, notes, accepted: tally.accepted, duplicates: tally.duplicates, rejected: tally.rejected };
}
