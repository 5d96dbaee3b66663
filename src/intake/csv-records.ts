import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { Failure } from '../audit/failure.ts';

export interface CsvRecord {
  /** The line that the record starts on, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** More than any entry needs, doubled quotes included. */
export const maxRecordBytes = 512 * 1024;
const batchRecords = 1000;
/** Characters: a few records of the largest kind are a batch as well. */
const batchLength = 1024 * 1024;

/**
 * The records of a CSV file, the header first; LF or CRLF, with a byte order mark or without, blank lines left out.
 *
 * Throws INVALID_DATA with the line where the file is not UTF-8 or not well-formed CSV. It does not try to go on behind
 * such a place: after a quote that is out of place no reader can tell where the next record starts.
 */
export async function* csvRecords(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly CsvRecord[]> {
  // Where each record ended, in step with the records: the parser has no typed way to hand out both.
  const lastLines: number[] = [];
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: maxRecordBytes,
    on_record: (cells, context) => {
      lastLines.push(context.lines);
      return cells;
    },
  });
  // Its failure destroys the parser and so is thrown by the loop below.
  pipeline(Readable.from(utf8Only(source)), parser).catch(() => {});
  let batch: CsvRecord[] = [];
  let length = 0;
  try {
    for await (const record of parser) {
      const cells: readonly string[] = record;
      batch.push({ line: startLine(cells, lastLines.shift() ?? 0), cells });
      for (const cell of cells) length += cell.length;
      if (batch.length < batchRecords && length < batchLength) continue;
      yield batch;
      batch = [];
      length = 0;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Failure('INVALID_DATA', `not well-formed CSV: ${error.message}`, { cause: error });
  }
  if (batch.length > 0) yield batch;
}

function startLine(cells: readonly string[], lastLine: number): number {
  let line = lastLine;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) line -= 1;
  }
  return line;
}

/** Passes the bytes on as they are. A file in another encoding would else be recorded with its letters replaced. */
async function* utf8Only(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  const check = (chunk: Uint8Array | undefined): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new Failure('INVALID_DATA', `not UTF-8, after line ${lines}: convert the file first`, { cause: error });
    }
  };
  for await (const chunk of source) {
    check(chunk);
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
    yield chunk;
  }
  check(undefined);
}
