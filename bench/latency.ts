/** How long small requests take while the server is at work. */
import { setTimeout as wait } from 'node:timers/promises';
import { startBareServer } from './bare.ts';
import type { RequestText } from './connection.ts';
import { liveBodies } from './entries.ts';
import { atMost, type Figure, largest, type Section } from './figures.ts';
import { type Ground, logFolder } from './ground.ts';
import { exportPath, runJob } from './jobs.ts';
import type { Plan } from './plan.ts';
import { type Answered, startProbe, timesOf } from './probe.ts';
import { untilSealed } from './sealed.ts';
import { streamNdjson } from './stream.ts';

interface Load {
  readonly what: string;
  readonly exports: boolean;
  /** `meanwhile`: entries come in all the time; `before`: they have come in, and are sealed meanwhile. */
  readonly stream: 'none' | 'before' | 'meanwhile';
}

const sealing: Load = { what: 'exports and sealing', exports: true, stream: 'before' };
const streaming: Load = { what: 'exports and a stream', exports: true, stream: 'meanwhile' };

export const statusLoads: readonly Load[] = [
  { what: 'nothing else', exports: false, stream: 'none' },
  { what: 'exports of everything', exports: true, stream: 'none' },
  { what: 'an NDJSON stream', exports: false, stream: 'meanwhile' },
  sealing,
  streaming,
];

export const entryLoads: readonly Load[] = [sealing, streaming];

interface Question {
  readonly name: string;
  readonly limitMs: number;
  readonly target: string;
  /** Whether the limit holds beside that load. */
  readonly isTarget: (load: Load) => boolean;
  readonly request: (ground: Ground) => Promise<RequestText>;
}

const status: Question = {
  name: 'The status call',
  limitMs: 10,
  target: '7. p99 of the status call',
  isTarget: () => true,
  request: async (ground) => ({ method: 'GET', path: `${exportPath}/${(await ground.jobs()).zip.id}` }),
};

const entry: Question = {
  name: 'A single entry, durable,',
  limitMs: 25,
  target: '6. p99 of a single entry',
  isTarget: (load) => load === sealing,
  request: async () => ({ method: 'POST', path: '/api/v1/entries', body: String(liveBodies(1)[0]) }),
};

interface LoadRun extends Answered {
  readonly exportSeconds: readonly number[];
  readonly entriesPerSecond: number | null;
  readonly peakMb: number | null;
}

export function measureStatus(ground: Ground, load: Load): Promise<Section> {
  return measureLatency(ground, status, load);
}

export function measureEntry(ground: Ground, load: Load): Promise<Section> {
  return measureLatency(ground, entry, load);
}

async function measureLatency(ground: Ground, question: Question, load: Load): Promise<Section> {
  const request = await question.request(ground);
  const { url: bareUrl } = await startBareServer(ground.stage);
  const runs: LoadRun[] = [];
  for (let run = 0; run < ground.plan.latencyRuns; run += 1) {
    runs.push(await underLoad(ground, { request, bareUrl, load }));
  }
  const title = `${question.name} beside ${load.what}`;
  const [p50, p99, longest] = timesOf(runs);
  return {
    title,
    figures: [
      p50,
      { ...p99, peakMb: largest(runs.map(({ peakMb }) => peakMb)) },
      longest,
      ...loadFigures(ground.plan, load, runs),
    ],
    notes: [],
    verdicts: question.isTarget(load) ? [atMost(`${question.target} beside ${load.what}`, p99, question.limitMs)] : [],
  };
}

interface Trial {
  readonly request: RequestText;
  readonly bareUrl: string;
  readonly load: Load;
}

async function underLoad(ground: Ground, { request, bareUrl, load }: Trial): Promise<LoadRun> {
  const { plan } = ground;
  const server = await ground.sealedServer();
  const stream = load.stream === 'none' ? null : await ground.freshStream(plan.busyEntries);
  if (stream !== null && load.stream === 'before') await streamNdjson(server, stream, plan.busyEntries);
  server.resetPeak();
  const probe = await startProbe({ request, server, bareUrl });
  const exportSeconds: number[] = [];
  let isOver = false;
  const exporting = async (): Promise<void> => {
    while (load.exports && !isOver) exportSeconds.push((await runJob(server, ground.everything)).seconds);
  };
  /** What sets the end. Answers the entries per second of a stream meanwhile. */
  const working = async (): Promise<number | null> => {
    if (stream !== null && load.stream === 'meanwhile') {
      return plan.busyEntries / (await streamNdjson(server, stream, plan.busyEntries));
    }
    if (load.stream === 'before') await untilSealed(ground.stage, logFolder);
    else await wait(plan.steadyMs);
    return null;
  };
  const [entriesPerSecond] = await Promise.all([
    working().finally(() => {
      isOver = true;
    }),
    exporting(),
  ]);
  const answered = await probe.stop();
  return { ...answered, exportSeconds, entriesPerSecond, peakMb: server.peakMb() };
}

function loadFigures(plan: Plan, load: Load, runs: readonly LoadRun[]): Figure[] {
  const figures: Figure[] = [];
  const seconds = runs.flatMap((run) => run.exportSeconds);
  if (load.exports) figures.push({ what: 'An export meanwhile', unit: 's', values: seconds });
  const rates = runs.flatMap(({ entriesPerSecond }) => entriesPerSecond ?? []);
  if (load.stream === 'meanwhile') {
    const what = `The stream of ${plan.busyEntries.toLocaleString('en')} meanwhile`;
    figures.push({ what, unit: 'entries/s', values: rates });
  }
  return figures;
}
