/**
 * The record in a line, found in its bytes: without the rest of the line being decoded. For what is asked of very many lines.
 */
import { unguardCell } from './line.ts';

/** The cells of a line as they are in plain text. */
export interface LineRecord {
  readonly name: string;
  readonly id: string;
}

const quote = 34;
const comma = 44;
const nameCell = 3;
const idCell = 8;

/** Of the line that these bytes hold, CRLF included; what it lacks is the empty string. */
export function recordInLine(line: Buffer): LineRecord {
  const end = line.length - 2;
  let at = 0;
  let name = '';
  for (let cell = 0; cell < idCell; cell += 1) {
    const cellEnd = endOfCell(line, at, end);
    if (cell === nameCell) name = textOf(line, at, cellEnd);
    if (cellEnd >= end) return { name, id: '' };
    at = cellEnd + 1;
  }
  return { name, id: textOf(line, at, endOfCell(line, at, end)) };
}

function endOfCell(line: Buffer, start: number, end: number): number {
  let at = start;
  if (line[at] === quote) {
    at += 1;
    // A quote in the text is doubled; the cell ends behind one that is not.
    for (; at < end; at += 1) {
      if (line[at] !== quote) continue;
      if (line[at + 1] !== quote) break;
      at += 1;
    }
  }
  while (at < end && line[at] !== comma) at += 1;
  return at;
}

function textOf(line: Buffer, start: number, end: number): string {
  if (line[start] !== quote) return unguardCell(line.toString('utf8', start, end));
  return unguardCell(line.toString('utf8', start + 1, end - 1).replaceAll('""', '"'));
}
