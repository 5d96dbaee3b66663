/**
 * One entry as one line of the CSV: what is stored, shown, hashed and exported. Each choice of the format:
 *
 * - UTF-8 without a byte order mark; the header is the first line of every file.
 * - 13 cells, always. The first eight are the columns that readers of the exported file look for, in their order.
 * - RFC 4180: cells are parted by commas, and every line, the last too, ends with CR LF.
 * - A cell is quoted only where it must be: when it holds a comma, a quote, CR or LF. A quote inside is doubled.
 *   Blanks at either end, other control characters and an empty cell stay as they are, unquoted.
 * - A cell that a spreadsheet would run as a formula (its first character is = + - @ tab or CR) gets a leading
 *   apostrophe, and so does a cell that is one or more apostrophes and then one of those. So exactly the cells of
 *   the second form have been guarded, a reader takes one apostrophe off them, and nothing is lost.
 *   The guard stands inside the quotes. Ids and times start with a digit and never need it; they are treated alike.
 * - A NUL or a lone surrogate would not survive as UTF-8 CSV; `entry.ts` refuses both before a line is made.
 */
import { parseStoredJson } from './json.ts';

export const csvColumns = [
  'Done By',
  'Action',
  'Module',
  'Record Name',
  'Related Module',
  'Related Name',
  'Account Name',
  'Audited Time',
  'Record Id',
  'Done By Id',
  'Entry Id',
  'Source',
  'Changes',
] as const;

export const csvHeader: string = `${csvColumns.join(',')}\r\n`;

/** The cells of a line in plain text. What an entry does not have is the empty string. */
export interface LineFields {
  readonly doneByName: string;
  readonly action: string;
  readonly module: string;
  readonly recordName: string;
  readonly relatedModule: string;
  readonly relatedName: string;
  readonly accountName: string;
  /** As `OrgZone.format` writes it. */
  readonly auditedTime: string;
  readonly recordId: string;
  readonly doneById: string;
  readonly entryId: string;
  readonly source: string;
  /** A compact JSON array, or empty. */
  readonly changes: string;
}

const mustQuote = /[,"\r\n]/;
const formula = /^'*[=+\-@\t\r]/;
const guarded = /^'+[=+\-@\t\r]/;

/** Most cells cost one test of their characters and a look at the first one. */
function cell(text: string): string {
  if (mustQuote.test(text)) return quoted(formula.test(text) ? `'${text}` : text);
  const first = text.charCodeAt(0);
  const isLikely = first < 48 || first === 61 || first === 64; // below the digits, = or @
  return isLikely && formula.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  let at = text.indexOf('"');
  if (at < 0) return `"${text}"`;
  // Twice as fast as replaceAll on the short JSON of most changes.
  let start = 0;
  let result = '"';
  for (; at < text.length; at += 1) {
    if (text.charCodeAt(at) === 34) {
      result += text.slice(start, at + 1);
      start = at; // the next piece starts with the same quote again
    }
  }
  return `${result}${text.slice(start)}"`;
}

/** Takes the formula guard off a cell whose CSV quoting is already undone. */
export function unguardCell(text: string): string {
  return guarded.test(text) ? text.slice(1) : text;
}

/** The line, CR LF included. */
export function encodeLine(fields: LineFields): string {
  return `${cell(fields.doneByName)},${cell(fields.action)},${cell(fields.module)},${cell(fields.recordName)},${cell(
    fields.relatedModule,
  )},${cell(fields.relatedName)},${cell(fields.accountName)},${cell(fields.auditedTime)},${cell(fields.recordId)},${cell(
    fields.doneById,
  )},${cell(fields.entryId)},${cell(fields.source)},${cell(fields.changes)}\r\n`;
}

/** The inverse of `encodeLine`. Throws a plain Error on anything else: a stored line that is damaged is no client's fault. */
export function decodeLine(line: string): LineFields {
  const cells = line.includes('"') ? quotedCells(line) : plainCells(line);
  if (cells.length !== csvColumns.length) {
    throw new Error(`a line has ${csvColumns.length} cells, this one ${cells.length}`);
  }
  return lineFieldsOf(cells);
}

/** The cells of a line by name, in the order of `csvColumns`. */
export function lineFieldsOf(cells: readonly string[]): LineFields {
  const [doneByName = '', action = '', module = '', recordName = '', relatedModule = '', relatedName = ''] = cells;
  const [accountName = '', auditedTime = '', recordId = '', doneById = '', entryId = ''] = cells.slice(6);
  const [source = '', changes = ''] = cells.slice(11);
  return {
    doneByName,
    action,
    module,
    recordName,
    relatedModule,
    relatedName,
    accountName,
    auditedTime,
    recordId,
    doneById,
    entryId,
    source,
    changes,
  };
}

function plainCells(line: string): string[] {
  const end = line.length - 2;
  const body = line.slice(0, end);
  if (!line.endsWith('\r\n') || body.includes('\r') || body.includes('\n'))
    throw new Error('a line ends with one CR LF');
  return body.split(',').map(unguardCell);
}

function quotedCells(line: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const isQuoted = line.charCodeAt(at) === 34;
    const end = isQuoted ? closingQuote(line, at + 1) + 1 : plainEnd(line, at);
    const text = isQuoted ? line.slice(at + 1, end - 1).replaceAll('""', '"') : line.slice(at, end);
    if (!isQuoted && mustQuote.test(text)) throw new Error(`cell ${cells.length + 1} of a line is not well-formed CSV`);
    cells.push(unguardCell(text));
    if (end === line.length - 2 && line.endsWith('\r\n')) return cells;
    if (line.charCodeAt(end) !== 44)
      throw new Error(`cell ${cells.length} of a line does not end with a comma or CR LF`);
    at = end + 1;
  }
}

/** The place of the quote that ends the cell whose text starts here. */
function closingQuote(line: string, start: number): number {
  let at = line.indexOf('"', start);
  while (at >= 0 && line.charCodeAt(at + 1) === 34) at = line.indexOf('"', at + 2);
  if (at < 0) throw new Error('a quoted cell of a line does not end');
  return at;
}

function plainEnd(line: string, start: number): number {
  const comma = line.indexOf(',', start);
  return comma < 0 ? line.length - 2 : comma;
}

/** The entry in the JSON form in which it is sent, for reading back; `parseEntry` takes it again. */
export interface EntryJson {
  readonly id: string;
  readonly audited_time: string;
  readonly action: string;
  readonly done_by: { readonly id: string; readonly name: string };
  readonly module: { readonly api_name: string };
  readonly record: { readonly id: string | null; readonly name: string };
  readonly related_record: { readonly module: string; readonly name: string } | null;
  readonly account_name: string;
  readonly source: string;
  /** An array, but see `parseStoredJson`; so write it with `stringifyJson`. */
  readonly changes: unknown;
}

export function entryOf(fields: LineFields): EntryJson {
  const hasRelated = fields.relatedModule !== '' || fields.relatedName !== '';
  return {
    id: fields.entryId,
    audited_time: fields.auditedTime,
    action: fields.action,
    done_by: { id: fields.doneById, name: fields.doneByName },
    module: { api_name: fields.module },
    record: { id: fields.recordId === '' ? null : fields.recordId, name: fields.recordName },
    related_record: hasRelated ? { module: fields.relatedModule, name: fields.relatedName } : null,
    account_name: fields.accountName,
    source: fields.source,
    changes: fields.changes === '' ? [] : parseStoredJson(fields.changes),
  };
}
