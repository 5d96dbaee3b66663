/** The same ways in and out for entries that were not made up, when the file with them is there. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { annals, init, Server } from './annals.ts';
import { type Figure, largest, type Section } from './figures.ts';
import type { Ground } from './ground.ts';
import { measureImport } from './imports.ts';
import { runJob } from './jobs.ts';
import { untilSealed } from './sealed.ts';
import type { Stage } from './stage.ts';
import { streamNdjson } from './stream.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, '..', 'shared', 'data', 'git-audit-250k.ndjson.gz');
const entries = 250_000;
const title = 'Real entries: the file changes of two public git histories';

export async function measureRealEntries({ stage, plan }: Ground): Promise<Section> {
  if (!existsSync(file)) {
    return { title, figures: [], notes: [`Not measured: ${relative(root, file)} is not there.`] };
  }
  const ndjson = 'real.ndjson';
  await pipeline(createReadStream(file), createGunzip(), createWriteStream(stage.path(ndjson)));
  const runs = plan.realRuns;
  const streams = await measureStreams(stage, ndjson, runs);
  const imported = await measureImport(stage, {
    what: 'annals import, NDJSON.gz',
    path: file,
    entries,
    kind: null,
    runs,
  });
  const written = await measureCommand(stage, runs); // of the folder that the import has left
  return { title, figures: [streams.stream, streams.job, imported, written], notes: [] };
}

async function measureStreams(stage: Stage, ndjson: string, runs: number): Promise<{ stream: Figure; job: Figure }> {
  const rates: number[] = [];
  const seconds: number[] = [];
  const peaks: (number | null)[] = [];
  const jobPeaks: (number | null)[] = [];
  let found = 0;
  for (let run = 0; run < runs; run += 1) {
    await init(stage, 'real');
    await using server = await Server.start(stage, 'real');
    rates.push(entries / (await streamNdjson(server, stage.path(ndjson), entries)));
    peaks.push(server.peakMb());
    await untilSealed(stage, 'real');
    await runJob(server, null);
    server.resetPeak();
    const job = await runJob(server, null);
    found = job.entries;
    seconds.push(job.seconds);
    jobPeaks.push(server.peakMb());
  }
  const stream = {
    what: 'NDJSON over HTTP, 250,000',
    unit: 'entries/s',
    values: rates,
    peakMb: largest(peaks),
  } as const;
  const what = `Export of the last three years: ${found.toLocaleString('en')}`;
  return { stream, job: { what, unit: 's', values: seconds, peakMb: largest(jobPeaks) } };
}

/** The API's windows end after three years; the command has none. */
async function measureCommand(stage: Stage, runs: number): Promise<Figure> {
  const values: number[] = [];
  const peaks: (number | null)[] = [];
  for (let run = 0; run < runs; run += 1) {
    const { seconds, peakMb } = await annals(stage, ['export', '--data', 'imported', '-o', 'real.zip']);
    values.push(seconds);
    peaks.push(peakMb);
  }
  return { what: 'annals export, all 250,000 as ZIP', unit: 's', values, peakMb: largest(peaks) };
}
