/** `annals import`, from the start of the command to its end. */
import { annals, init } from './annals.ts';
import { type Figure, largest, type Section } from './figures.ts';
import type { Ground } from './ground.ts';
import { type ImportKind, PlainImport } from './plain-import.ts';
import type { Stage } from './stage.ts';

export async function measureImports(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const { zip, csv } = await ground.jobs();
  await ground.saved();
  await ground.stopServer(); // its memory and its processors are not part of a command
  const runs = plan.importRuns;
  const packed = await ground.packedStream();
  const figures = [
    await measureImport(stage, { what: 'NDJSON.gz', path: packed, entries: plan.entries, kind: 'ndjson.gz', runs }),
    await measureImport(stage, { what: 'Own CSV', path: 'AuditLog.csv', entries: csv.entries, kind: 'csv', runs }),
    await measureImport(stage, { what: 'Own ZIP', path: 'AuditLog.zip', entries: zip.entries, kind: 'zip', runs }),
  ];
  return { title: 'annals import, the whole command', figures, notes: [] };
}

export interface ImportCase {
  readonly what: string;
  /** In the stage's folder, or absolute. */
  readonly path: string;
  readonly entries: number;
  /** Null: not compared. */
  readonly kind: ImportKind | null;
  readonly runs: number;
}

export async function measureImport(stage: Stage, { what, path, entries, kind, runs }: ImportCase): Promise<Figure> {
  const plain = kind === null ? null : new PlainImport(stage, { path, kind, entries });
  const rates: number[] = [];
  const peaks: (number | null)[] = [];
  for (let run = 0; run < runs; run += 1) {
    await init(stage, 'imported');
    const { stdout, seconds, peakMb } = await annals(stage, ['import', '--data', 'imported', '--json', path]);
    const { accepted } = JSON.parse(stdout) as { accepted: number }; // the documented answer
    if (accepted !== entries) throw new Error(`${path} holds ${entries} entries, ${accepted} were recorded`);
    rates.push(entries / seconds);
    peaks.push(peakMb);
    await plain?.run();
  }
  return {
    what: `${what}, ${entries.toLocaleString('en')}`,
    unit: 'entries/s',
    values: rates,
    ...(plain === null ? {} : { references: [plain.reference()] }),
    peakMb: largest(peaks),
  };
}
