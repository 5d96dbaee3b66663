/** Sealing: how far it lags behind a stream of entries, what it takes of the disk, and whether an answer waits for it. */
import { setTimeout as wait } from 'node:timers/promises';
import { init, Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import type { Line } from './charts.ts';
import { atMost, type Figure, largest, quantile, type Section, type Verdict } from './figures.ts';
import type { Ground } from './ground.ts';
import { exportPath, runJob } from './jobs.ts';
import { type Answered, startProbe, timesOf } from './probe.ts';
import { SealedLog, untilSealed } from './sealed.ts';
import { streamNdjson } from './stream.ts';

const folder = 'sealing';
const lookEveryMs = 100;

interface SealRun {
  readonly answered: Answered;
  readonly streamSeconds: number;
  /** From the stream's answer until all was sealed. */
  readonly lagSeconds: number;
  readonly percentOfDisk: number;
  readonly peakMb: number | null;
  readonly stored: Line;
  readonly sealed: Line;
}

export async function measureSealing(ground: Ground): Promise<Section> {
  await ground.stopServer();
  const { plan } = ground;
  const { url: bareUrl } = await startBareServer(ground.stage);
  const runs: SealRun[] = [];
  for (let run = 0; run < plan.latencyRuns; run += 1) runs.push(await sealOnce(ground, bareUrl));
  const count = plan.entries.toLocaleString('en');
  const lag: Figure = {
    what: `All sealed after the stream of ${count} was answered`,
    unit: 's',
    values: runs.map(({ lagSeconds }) => lagSeconds),
    peakMb: largest(runs.map(({ peakMb }) => peakMb)),
  };
  const disk: Figure = { what: 'Disk for blocks', unit: '% more', values: runs.map((one) => one.percentOfDisk) };
  const [p50, p99, longest] = timesOf(runs.map(({ answered }) => answered));
  const rate = { what: 'The stream meanwhile', unit: 'entries/s' } as const;
  const rates: Figure = { ...rate, values: runs.map(({ streamSeconds }) => plan.entries / streamSeconds) };
  return {
    title: 'Sealing, beside a stream and after it, with the status call',
    figures: [lag, disk, rates, p50, p99, longest],
    notes: [],
    verdicts: [
      keepsUp(runs),
      atMost('7. Disk for blocks', disk, 100 / 6),
      atMost('7. p99 of the status call beside sealing', p99, 10),
    ],
    charts: [
      {
        kind: 'lines',
        name: 'sealing',
        title: `Sealing while ${count} entries come in, and after`,
        x: 'seconds since the first byte',
        y: 'entries',
        lines: runs.slice(-1).flatMap(({ stored, sealed }) => [stored, sealed]),
      },
    ],
  };
}

/** What a stream leaves behind must be sealed in the time of the stream at most, or a longer one would leave ever more. */
function keepsUp(runs: readonly SealRun[]): Verdict {
  const reached = quantile(
    runs.map(({ lagSeconds, streamSeconds }) => lagSeconds / streamSeconds),
    0.5,
  );
  const target = '7. Sealing ends behind a stream';
  return { target, against: 'the time of the stream', wanted: 1, isAtLeast: false, unit: 'x', reached };
}

async function sealOnce(ground: Ground, bareUrl: string): Promise<SealRun> {
  const { stage, plan } = ground;
  const file = await ground.stream();
  await init(stage, folder);
  await using server = await Server.start(stage, folder);
  const { id } = await runJob(server, null); // there must be a job to ask about
  using log = new SealedLog(stage, folder);
  const request = { method: 'GET', path: `${exportPath}/${id}` } as const;
  const probe = await startProbe({ request, server, bareUrl });
  const stored: [number, number][] = [];
  const sealed: [number, number][] = [];
  const startedAt = performance.now();
  const watch = setInterval(() => {
    const seconds = (performance.now() - startedAt) / 1000;
    stored.push([seconds, log.entries()]);
    sealed.push([seconds, log.sealedEntries()]);
  }, lookEveryMs);
  try {
    const streamSeconds = await streamNdjson(server, file, plan.entries);
    await untilSealed(stage, folder);
    const lagSeconds = (performance.now() - startedAt) / 1000 - streamSeconds;
    await wait(lookEveryMs); // one more look, at the end of the curve
    const answered = await probe.stop();
    return {
      answered,
      streamSeconds,
      lagSeconds,
      percentOfDisk: log.percentOfDisk(),
      peakMb: server.peakMb(),
      stored: { label: 'stored', points: stored },
      sealed: { label: 'sealed', points: sealed },
    };
  } finally {
    clearInterval(watch);
  }
}
