/** How long the status call takes while the server is at work. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Server } from './annals.ts';
import { type Figure, largest, quantile, type Section } from './figures.ts';
import { streamNdjson } from './ingest.ts';
import { exportPath, type Finished, runJob } from './jobs.ts';
import { type Plan, statusLimitMs } from './plan.ts';
import type { ProbeTask } from './probe-thread.ts';
import type { Stage } from './stage.ts';

/** Both servers in turn: each is asked a hundred times a second. */
const everyMs = 5;

export interface Load {
  readonly what: string;
  readonly exports: boolean;
  readonly ingests: boolean;
}

export const loads: readonly Load[] = [
  { what: 'nothing else', exports: false, ingests: false },
  { what: 'exports of everything', exports: true, ingests: false },
  { what: 'an NDJSON stream', exports: false, ingests: true },
  { what: 'exports and a stream', exports: true, ingests: true },
];

interface LoadRun {
  readonly own: readonly number[];
  readonly bare: readonly number[];
  readonly exportSeconds: readonly number[];
  readonly entriesPerSecond: number | null;
  readonly peakMb: number | null;
}

export interface BusyServer {
  readonly server: Server;
  /** A job that is there to be asked about. */
  readonly job: Finished;
  /** Streams of `plan.busyEntries` new entries: each is good for one use, and taken away. */
  readonly streams: string[];
  readonly bareUrl: string;
}

export async function measureLatency(stage: Stage, plan: Plan, busy: BusyServer, load: Load): Promise<Section> {
  const runs: LoadRun[] = [];
  for (let run = 0; run < plan.latencyRuns; run += 1) runs.push(await underLoad(stage, plan, busy, load));
  return { title: `The status call beside ${load.what}`, figures: figuresOf(plan, load, runs), notes: [] };
}

export function streamsNeeded(plan: Plan): number {
  return loads.filter(({ ingests }) => ingests).length * plan.latencyRuns;
}

async function underLoad(stage: Stage, plan: Plan, busy: BusyServer, load: Load): Promise<LoadRun> {
  const { server, job, streams, bareUrl } = busy;
  const path = `${exportPath}/${job.id}`;
  const targets = [
    { url: server.url, path, token: server.token },
    { url: bareUrl, path },
  ];
  server.resetPeak();
  const probe = await startProbe({ targets, everyMs });
  const exportSeconds: number[] = [];
  let isOver = false;
  const exporting = async (): Promise<void> => {
    while (load.exports && !isOver) exportSeconds.push((await runJob(server, null)).seconds);
  };
  const ingesting = async (): Promise<number | null> => {
    const stream = load.ingests ? streams.pop() : undefined;
    const seconds =
      stream === undefined
        ? await wait(plan.steadyMs, null)
        : await streamNdjson(server, stage.path(stream), plan.busyEntries);
    isOver = true;
    return seconds === null ? null : plan.busyEntries / seconds;
  };
  const [entriesPerSecond] = await Promise.all([ingesting(), exporting()]);
  const [own = [], bare = []] = await probe.stop();
  return { own, bare, exportSeconds, entriesPerSecond, peakMb: server.peakMb() };
}

function figuresOf(plan: Plan, load: Load, runs: readonly LoadRun[]): Figure[] {
  const parts = [
    { name: 'p50', of: (times: readonly number[]) => quantile(times, 0.5) },
    { name: 'p99', of: (times: readonly number[]) => quantile(times, 0.99), limit: statusLimitMs },
    { name: 'longest', of: (times: readonly number[]) => Math.max(...times) },
  ];
  const figures: Figure[] = parts.map(({ name, of, limit }) => ({
    what: name,
    unit: 'ms',
    values: runs.map((run) => of(run.own)),
    references: [{ what: 'node:http at the same time', values: runs.map((run) => of(run.bare)) }],
    ...(limit === undefined ? {} : { limit, peakMb: largest(runs.map((run) => run.peakMb)) }),
  }));
  const seconds = runs.flatMap((run) => run.exportSeconds);
  if (load.exports) figures.push({ what: 'An export meanwhile', unit: 's', values: seconds });
  const rates = runs.flatMap(({ entriesPerSecond }) => entriesPerSecond ?? []);
  if (load.ingests) {
    const what = `The stream of ${plan.busyEntries.toLocaleString('en')} meanwhile`;
    figures.push({ what, unit: 'entries/s', values: rates });
  }
  return figures;
}

async function startProbe(task: ProbeTask): Promise<{ stop(): Promise<number[][]> }> {
  const worker = new Worker(new URL('./probe-thread.ts', import.meta.url), { workerData: task });
  await once(worker, 'message'); // rejects when the thread fails
  return {
    stop: async () => {
      worker.postMessage('stop');
      const [latenciesMs] = await once(worker, 'message');
      await worker.terminate();
      return latenciesMs;
    },
  };
}
