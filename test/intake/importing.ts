import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportReport, type Intake, importInput } from '../../src/intake/import-file.ts';
import { type Input, streamInput } from '../../src/intake/input.ts';
import { openInput } from '../../src/intake/open-input.ts';
import { type House, intakeOf } from './house.ts';

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
}

export async function importAll(house: House, input: Input, settings: Partial<Intake> = {}): Promise<ImportReport[]> {
  await using opened = input;
  return await Array.fromAsync(importInput(opened, intakeOf(house, settings)));
}

/** Imports a text as if it were a file; the report of its one stream of lines. */
export async function importText(
  house: House,
  text: string | Buffer,
  settings: Partial<Intake> = {},
): Promise<ImportReport> {
  const [report] = await importAll(house, streamInput('a file', inChunks(Buffer.from(text))), settings);
  if (report === undefined) throw new Error('the import reported nothing');
  return report;
}

export async function importFile(
  house: House,
  name: string,
  bytes: Buffer,
  maxUnpackedBytes = 1e9,
): Promise<ImportReport[]> {
  const path = join(house.folder, name);
  await writeFile(path, bytes);
  return importAll(house, await openInput(path, { maxUnpackedBytes }));
}

/** Accepted, duplicates, rejected. */
export function countsOf(reports: readonly ImportReport[] | ImportReport): [number, number, number] {
  const all = 'accepted' in reports ? [reports] : reports;
  const sum = (value: (report: ImportReport) => number) => all.reduce((total, report) => total + value(report), 0);
  return [sum(({ accepted }) => accepted), sum(({ duplicates }) => duplicates), sum(({ rejected }) => rejected.length)];
}
