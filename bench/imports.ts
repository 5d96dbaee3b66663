/** `annals import`, from the start of the command to its end. */
import { annals, init } from './annals.ts';
import { type Figure, largest } from './figures.ts';
import { type ImportKind, PlainImport } from './plain-sqlite.ts';
import type { Stage } from './stage.ts';

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
