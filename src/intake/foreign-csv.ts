import { type EntryInput, parseEntry } from '../audit/entry.ts';
import { Failure } from '../audit/failure.ts';
import type { OrgZone } from '../audit/time.ts';
import { readAuditedTime, type TimeReading } from './audited-time.ts';
import type { CsvRecord } from './csv-records.ts';
import type { Batch } from './record-batches.ts';
import type { RepeatIds } from './repeats.ts';
import type { RejectedLine, Tally } from './tally.ts';

/** The columns that are looked up by name, in the order in which an exported file has them. */
const columns = [
  ['Done By', '$.done_by.name'],
  ['Action', '$.action'],
  ['Module', '$.module.api_name'],
  ['Record Name', '$.record.name'],
  ['Related Module', '$.related_record.module'],
  ['Related Name', '$.related_record.name'],
  ['Account Name', '$.account_name'],
  ['Audited Time', '$.audited_time'],
] as const;
const required = ['Done By', 'Action', 'Module', 'Record Name', 'Audited Time'];

/** What stands in for a user or a module that a line leaves empty: a sign-in has no module, say. */
const nobody = '(none)';
const source = 'zoho_export';

export interface ForeignCsv {
  readonly zone: OrgZone;
  readonly times: TimeReading;
  readonly ids: RepeatIds;
  /** The api_name of a module by what the file may call it, in lower case. */
  readonly moduleNames: ReadonlyMap<string, string>;
}

/** Where each of the columns stands in this file, and the columns that are not looked at. */
export interface ForeignHeader {
  readonly places: readonly number[];
  readonly ignored: readonly string[];
}

/** Case and blanks do not matter. Throws INVALID_DATA when a column that must be there is not. */
export function readForeignHeader(cells: readonly string[]): ForeignHeader {
  const names = cells.map(plainName);
  const places = columns.map(([name]) => names.indexOf(plainName(name)));
  const missing = columns.filter(([name], index) => places[index] === -1 && required.includes(name));
  if (missing.length > 0) {
    const wanted = missing.map(([name]) => `"${name}"`).join(', ');
    const found = cells
      .slice(0, 20)
      .map((cell) => `"${cell.slice(0, 40)}"`)
      .join(', ');
    throw new Failure('INVALID_DATA', `no column ${wanted}; the first line has ${found}`);
  }
  return { places, ignored: cells.filter((cell, index) => cell.trim() !== '' && !places.includes(index)) };
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
}

/** The entries of the records behind the header. Lines that cannot be read go to the tally. */
export async function* foreignEntries(
  batches: AsyncIterable<readonly CsvRecord[]>,
  header: ForeignHeader,
  file: ForeignCsv,
  tally: Tally,
): AsyncGenerator<Batch<EntryInput>> {
  let isFirst = true;
  for await (const batch of batches) {
    const items: EntryInput[] = [];
    const lines: number[] = [];
    for (const record of batch) {
      const read = readRecord(record, header, file, isFirst);
      isFirst = false;
      if ('action' in read) {
        items.push(read);
        lines.push(record.line);
      } else {
        tally.reject({ ...read, line: record.line });
      }
    }
    yield { items, lines };
  }
}

type Refused = Omit<RejectedLine, 'line'>;

function readRecord(
  record: CsvRecord,
  header: ForeignHeader,
  file: ForeignCsv,
  isFirst: boolean,
): EntryInput | Refused {
  if (record.cells.length <= Math.max(...header.places)) {
    const message = `only ${record.cells.length} cells, fewer than the first line has`;
    return { code: 'INVALID_DATA', message, jsonPath: '$' };
  }
  const cells = header.places.map((place) => record.cells[place] ?? '');
  const time = timeOf(cells[7] ?? '', file.times, isFirst);
  if (typeof time !== 'number') return time;
  const parsed = parseEntry(entryOf(cells, file.moduleNames), file.zone);
  if (!parsed.ok) return inColumns(parsed.problem);
  return { ...parsed.entry, id: file.ids.idOf(JSON.stringify(cells)), time };
}

/** The first line tells whether the settings fit the file. When they do not, none of its lines is to be recorded. */
function timeOf(text: string, times: TimeReading, isFirst: boolean): number | Refused {
  try {
    const time = readAuditedTime(text, times);
    if (time !== null) return time;
    const kind = times.pattern === null ? 'ISO 8601, from 1970 to 9999' : `written as ${times.pattern.text}`;
    return {
      code: 'INVALID_DATA',
      message: `"Audited Time" is not a time that is ${kind}`,
      jsonPath: '$.audited_time',
    };
  } catch (error) {
    if (!(error instanceof Failure) || isFirst) throw error;
    return { code: error.code, message: error.message, jsonPath: '$.audited_time' };
  }
}

function entryOf(cells: readonly string[], moduleNames: ReadonlyMap<string, string>): object {
  const [doneBy = '', action = '', module = '', recordName = '', relatedModule = '', relatedName = ''] = cells;
  return {
    action: action.trim(),
    done_by: { name: doneBy.trim() || nobody },
    module: { api_name: moduleNames.get(module.trim().toLowerCase()) ?? (module.trim() || nobody) },
    record: { name: recordName },
    related_record: { module: relatedModule, name: relatedName },
    account_name: cells[6] ?? '',
    source,
  };
}

function inColumns(problem: Refused): Refused {
  const column = columns.find(([, path]) => path === problem.jsonPath);
  return column === undefined ? problem : { ...problem, message: `"${column[0]}": ${problem.message}` };
}
