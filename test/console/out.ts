/** What a run leaves: screenshots and what was measured. Git ignores the folder. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

export const outFolder = join(import.meta.dirname, 'out');
export const measuresFile = join(outFolder, 'measures.txt');

/** Adds a line to what the run prints at its end. */
export function measured(what: string, value: string): void {
  appendFileSync(measuresFile, `${what.padEnd(64)} ${value}\n`);
}
