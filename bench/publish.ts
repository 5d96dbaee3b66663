/** What is kept of a run: the values as JSON, the table as text and Markdown, the charts as SVG and PNG. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chart } from './charts.ts';
import { drawingOf } from './drawing.ts';
import type { Section } from './figures.ts';
import { markdownOf } from './markdown.ts';
import { fontSettings, missingProgram, peerEnvironment } from './peers/debian.ts';

export interface Run {
  readonly machine: { readonly at: string; readonly commit: string | null };
  readonly headline: string;
  readonly sections: readonly Section[];
}

/** In place of those that are there from an earlier run. Answers what could not be written. */
export async function writeCharts(folder: string, charts: readonly Chart[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) if (/\.(svg|png)$/.test(old)) await rm(join(folder, old));
  const missing = missingProgram(['rsvg-convert']);
  for (const chart of charts) {
    const path = join(folder, chart.name);
    await writeFile(`${path}.svg`, drawingOf(chart));
    if (missing === null) toPng(path);
  }
  return missing === null || charts.length === 0 ? [] : [`No PNG of the charts: ${missing}.`];
}

function toPng(path: string): void {
  const env = { ...peerEnvironment(), FONTCONFIG_FILE: fontSettings() };
  const args = ['--zoom', '2', '--output', `${path}.png`, `${path}.svg`];
  const { status, stderr, error } = spawnSync('rsvg-convert', args, { env, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`rsvg-convert ended with ${status}: ${stderr}`, { cause: error });
}

/** A folder of its own, by day and commit: one page with the tables, and the charts that it shows. */
export async function publish(results: string, run: Run): Promise<string> {
  const { at, commit } = run.machine;
  const folder = join(results, `${at.slice(0, 10)}-${commit ?? 'unknown'}`);
  await rm(folder, { recursive: true, force: true });
  await writeCharts(
    folder,
    run.sections.flatMap(({ charts = [] }) => charts),
  );
  await writeFile(join(folder, 'README.md'), markdownOf(run));
  return folder;
}
