/** The rows that every peer is given, and the one query that every peer answers. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { csvColumns } from '../../src/audit/line.ts';
import { OrgZone } from '../../src/audit/time.ts';
import { timeZone } from '../annals.ts';
import { entriesOf, type Portion } from '../entries.ts';
import { type Selection, whereOf } from '../selection.ts';

/** In the stage's folder: CSV without a header, the columns as in `columns`. */
export const rowsFile = 'rows.csv';

/** The key is the ledger's, and stands for the cell "Entry Id" too. */
const cells = csvColumns.filter((name) => name !== 'Entry Id');
const numbers = new Set(['time', 'id', 'Done By Id']);

/** The columns of the table with the types of the peer. */
export function columnsOf(types: { readonly number: string; readonly text: string }): string {
  return ['time', 'id', ...cells]
    .map((name) => `${quoted(name)} ${numbers.has(name) ? types.number : types.text}`)
    .join(', ');
}

/** The cells of a line, in order, in the order of time. */
export function queryOf(selection: Selection): string {
  const cell = (name: string): string => (name === 'Entry Id' ? `id AS ${quoted(name)}` : quoted(name));
  return `SELECT ${csvColumns.map(cell).join(', ')} FROM entries WHERE ${whereOf(selection)} ORDER BY time, id`;
}

function quoted(name: string): string {
  return name === 'time' || name === 'id' ? name : `"${name}"`;
}

export async function writeRows(path: string, portions: readonly Portion[]): Promise<void> {
  await pipeline(linesOf(portions), createWriteStream(path));
}

function* linesOf(portions: readonly Portion[]): Generator<string> {
  const zone = new OrgZone(timeZone);
  for (const portion of portions) {
    for (const batch of entriesOf(portion)) {
      const rows = batch.map(({ id, time, action, doneBy, module, record, related, accountName, source, changes }) => {
        if (id === null || time === null) throw new Error('a generated entry has an id and a time');
        const names = [
          doneBy.name ?? '',
          action,
          module.apiName,
          record.name,
          related?.module ?? '',
          related?.name ?? '',
        ];
        const rest = [accountName, zone.format(time), record.id ?? '', String(doneBy.id), source, changes];
        return `${[String(time), String(id), ...names, ...rest].map(csvCell).join(',')}\n`;
      });
      yield rows.join('');
    }
  }
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
