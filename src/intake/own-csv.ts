import { changesProblem, isActionTooLong } from '../audit/entry.ts';
import { entryLimits } from '../audit/limits.ts';
import { csvColumns, encodeLine, type LineFields, lineFieldsOf, unguardCell } from '../audit/line.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import type { CsvRecord } from './csv-records.ts';
import type { Batch } from './record-batches.ts';
import type { ReadyLine } from './recorder.ts';
import type { Tally } from './tally.ts';

export function isOwnHeader(cells: readonly string[]): boolean {
  return cells.length === csvColumns.length && csvColumns.every((name, index) => cells[index] === name);
}

/**
 * The lines of a file that Annals exported. The line is the record, so it is kept as it is: its ids, its names, and its
 * time with the offset that it was written with, whatever zone the organisation has here.
 */
export async function* ownLines(
  batches: AsyncIterable<readonly CsvRecord[]>,
  zone: OrgZone,
  tally: Tally,
): AsyncGenerator<Batch<ReadyLine>> {
  for await (const batch of batches) {
    const items: ReadyLine[] = [];
    const lines: number[] = [];
    for (const record of batch) {
      const read = readRecord(record, zone);
      if (typeof read === 'string') {
        tally.reject({ line: record.line, code: 'INVALID_DATA', message: read, jsonPath: '$' });
      } else {
        items.push(read);
        lines.push(record.line);
      }
    }
    yield { items, lines };
  }
}

/** The line, or what is wrong with it. */
function readRecord(record: CsvRecord, zone: OrgZone): ReadyLine | string {
  if (record.cells.length !== csvColumns.length) return `${record.cells.length} cells, not ${csvColumns.length}`;
  const fields = lineFieldsOf(record.cells.map(unguardCell));
  const time = readTime(fields.auditedTime, zone);
  if (time === null) return `"Audited Time" is not a time as Annals writes it`;
  const id = readId(fields.entryId);
  if (id === null) return '"Entry Id" is not an id: did a spreadsheet program save this file?';
  const doneBy = readId(fields.doneById);
  if (doneBy === null) return '"Done By Id" is not an id: did a spreadsheet program save this file?';
  const problem = textProblem(fields);
  if (problem !== null) return problem;
  const { action, module, doneByName } = fields;
  const line = encodeLine(fields);
  if (line.includes('\0')) return 'it holds a NUL character';
  return { row: { time, id, action, doneBy, module, line }, doneByName };
}

const writtenTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$/;

function readTime(text: string, zone: OrgZone): number | null {
  return writtenTime.test(text) ? parseTime(text, zone, 'instant') : null;
}

function readId(text: string): bigint | null {
  if (!/^[1-9][0-9]{0,18}$/.test(text)) return null;
  const id = BigInt(text);
  return id <= entryLimits.maxId ? id : null;
}

function textProblem(fields: LineFields): string | null {
  const { action, module, doneByName, changes, recordName } = fields;
  if (action === '' || action !== action.toLowerCase()) return '"Action" is empty, or not in lower case';
  if (isActionTooLong(action)) return `"Action" is longer than ${entryLimits.actionChars} characters`;
  if (module === '') return '"Module" is empty';
  const { relatedModule, relatedName, accountName, source } = fields;
  for (const name of [doneByName, module, relatedModule, relatedName, accountName, source]) {
    if (isLonger(name, entryLimits.nameBytes)) return `a name is longer than ${entryLimits.nameBytes} bytes`;
  }
  if (isLonger(fields.recordId, entryLimits.recordIdBytes)) return '"Record Id" is too long';
  if (isLonger(recordName, entryLimits.recordNameBytes)) return '"Record Name" is too long';
  const problem = changesProblem(changes);
  return problem === null ? null : `"Changes": ${problem}`;
}

function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
