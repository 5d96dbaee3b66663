/** Exports through the API, from create to finished, each beside every other way to the same rows. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Server } from './annals.ts';
import { type Figure, largest, type Reference } from './figures.ts';
import { type Finished, runJob } from './jobs.ts';
import { Race } from './peers/race.ts';
import type { Way } from './peers/ways.ts';
import type { Plan } from './plan.ts';
import { shell } from './programs.ts';
import type { Selection } from './selection.ts';
import type { Stage } from './stage.ts';

/** What `floor.ts` does. */
export const leastOfAFile = 'Write, hash (SHA-256) and sync the same bytes';

export interface ExportCase {
  readonly what: string;
  readonly selection: Selection;
  /** What it is compared with, when Annals answers with a ZIP, and when with a CSV. */
  readonly ways: { readonly zip: readonly Way[]; readonly csv: readonly Way[] };
  /** Compares also with the least that the same bytes can cost on this disk. */
  readonly hasFloor?: boolean;
  /** Compares also with the least that it costs to pick this share out of the ledger's blocks. */
  readonly pickFloor?: { readonly ledger: string; readonly share: number };
}

export interface Exported {
  readonly figure: Figure;
  readonly container: 'zip' | 'csv';
  readonly last: Finished;
}

export async function measureExport(stage: Stage, plan: Plan, server: Server, one: ExportCase): Promise<Exported> {
  // The first starts the thread and fills the caches, as the first export of a day does; it is not counted.
  let last = await runJob(server, one.selection);
  const container = last.files[0]?.endsWith('.zip') ? 'zip' : 'csv';
  const [path] = await saveFiles(stage, server, [last], `bench-${container}-`);
  const { entries } = last;
  const { slowRuns, isQuick } = plan;
  const race = new Race(stage, one.ways[container], { selection: one.selection, entries, slowRuns, warmsUp: !isQuick });
  const seconds: number[] = [];
  const peaks: (number | null)[] = [];
  const processor: number[] = [];
  const floor: number[] = [];
  const pickFloor: number[] = [];
  for (let run = 0; run < plan.exportRuns; run += 1) {
    // While the others had their turn the system may have taken back memory that was idle: as with their first way, the first
    // run pays for that. And what they left to the system to write would be written in the time of the one that syncs.
    await runJob(server, one.selection);
    await shell(stage, 'sync');
    server.resetPeak();
    const before = server.processorSeconds();
    last = await runJob(server, one.selection);
    seconds.push(last.seconds);
    peaks.push(server.peakMb());
    processor.push(server.processorSeconds() - before);
    if (one.hasFloor && path !== undefined) floor.push(await writeAgain(stage, path));
    if (one.pickFloor) {
      const { ledger, share } = one.pickFloor;
      pickFloor.push(await secondsOf(stage, 'pick-floor.ts', [ledger, String(share)]));
    }
    await race.run();
  }
  const floors: Reference[] = [
    { what: leastOfAFile, group: 'floor', values: floor },
    { what: 'Decompress, copy, compress and read back as much', group: 'floor', values: pickFloor },
  ].filter(({ values }) => values.length > 0);
  const figure: Figure = {
    what: `${one.what}: ${entries.toLocaleString('en')} as ${container.toUpperCase()}`,
    unit: 's',
    values: seconds,
    references: [...race.references(), ...floors],
    peakMb: largest(peaks),
    processorSeconds: processor,
    ...(await sizeOf(server, last)),
  };
  return { figure, container, last };
}

async function sizeOf(server: Server, job: Finished): Promise<{ sizeMb: number }> {
  let bytes = 0;
  for (const file of job.files) {
    const headers = { authorization: `Zoho-oauthtoken ${server.token}`, 'accept-encoding': 'identity' };
    const answer = await fetch(server.url + file, { method: 'HEAD', headers });
    bytes += Number(answer.headers.get('content-length'));
  }
  return { sizeMb: bytes / 1e6 };
}

/** Seconds for the least that a file which is hashed and survives a crash can cost. */
export function writeAgain(stage: Stage, source: string): Promise<number> {
  return secondsOf(stage, 'floor.ts', [source, stage.path('floor')]);
}

/** What a program of this folder prints, in a process of its own, so that nothing of the bench is in the time. */
async function secondsOf(stage: Stage, name: string, parameters: readonly string[]): Promise<number> {
  const child = stage.spawn(process.execPath, [join(import.meta.dirname, name), ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error(`${name} has no output`);
  const ended = once(child, 'exit');
  const seconds = Number(await text(child.stdout));
  const [code] = await ended;
  if (code !== 0 || !(seconds > 0)) throw new Error(`${name} ended with ${code}`);
  return seconds;
}

/** Saves the files in the stage's folder, under their own names behind the prefix; answers their paths. */
export async function saveFiles(
  stage: Stage,
  server: Server,
  jobs: readonly Finished[],
  prefix = '',
): Promise<string[]> {
  const paths: string[] = [];
  for (const file of jobs.flatMap((job) => job.files)) {
    const headers = { authorization: `Zoho-oauthtoken ${server.token}`, 'accept-encoding': 'identity' };
    const answer = await fetch(server.url + file, { headers });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status} instead of ${file}`);
    const path = stage.path(prefix + basename(file));
    await writeFile(path, answer.body);
    paths.push(path);
  }
  return paths;
}
