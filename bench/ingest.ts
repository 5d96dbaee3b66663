/** Entries in, over HTTP: one long stream, and many single requests. */
import { rmSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { init, Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { Connection, requestBytes } from './connection.ts';
import { liveBodies } from './entries.ts';
import { atLeast, type Figure, largest, quantile, type Section } from './figures.ts';
import { type Ground, logFolder } from './ground.ts';
import { runJob } from './jobs.ts';
import { connections } from './plan.ts';
import type { Stage } from './stage.ts';
import { streamNdjson } from './stream.ts';

/** Streams the entries into a fresh folder, several times. The last folder stays, for what comes next. */
export async function measureStreams(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const file = await ground.stream();
  const rates: number[] = [];
  const plain: number[] = [];
  const peaks: (number | null)[] = [];
  const idlePeaks: (number | null)[] = [];
  const processor: number[] = [];
  const atOnce: number[] = [];
  for (let run = 0; run < plan.intakeRuns; run += 1) {
    await init(stage, logFolder);
    await using server = await Server.start(stage, logFolder);
    idlePeaks.push(server.peakMb());
    const before = server.processorSeconds();
    rates.push(plan.entries / (await streamNdjson(server, file, plan.entries)));
    peaks.push(server.peakMb());
    processor.push(server.processorSeconds() - before);
    atOnce.push((await runJob(server, ground.everything)).seconds);
    await server[Symbol.asyncDispose]();
    plain.push(plan.entries / storeAlone(stage, `${logFolder}/ledger.sqlite`));
  }
  const count = plan.entries.toLocaleString('en');
  const stream: Figure = {
    what: `NDJSON, one stream of ${count}, durable`,
    unit: 'entries/s',
    values: rates,
    references: [{ what: 'SQLite alone, the same rows, 1,000 to a commit', values: plain }],
    peakMb: largest(peaks),
    processorSeconds: processor,
  };
  const idle: Figure[] = idlePeaks.includes(null)
    ? []
    : [{ what: 'Memory of the server once it answers', unit: 'MB', values: idlePeaks.map(Number) }];
  const unsealed: Figure = {
    what: `Everything, exported when the stream was answered: ${count}`,
    unit: 's',
    values: atOnce,
  };
  return {
    title: 'Entries in, over HTTP: a stream',
    figures: [stream, ...idle, unsealed],
    notes: [],
    verdicts: [atLeast('6. NDJSON stream', stream, 120_000)],
  };
}

/** Seconds to store the rows of the ledger in an empty one like it: nothing is parsed, encoded or sent. */
function storeAlone(stage: Stage, ledger: string): number {
  const source = new BetterSqlite3(stage.path(ledger), { readonly: true });
  const target = new BetterSqlite3(stage.path('alone.sqlite'));
  target.pragma(`page_size = ${source.pragma('page_size', { simple: true })}`);
  target.pragma('journal_mode = wal');
  target.pragma('synchronous = full');
  const tables = source
    .prepare<[], string>(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'`)
    .pluck();
  for (const table of tables.all()) target.exec(table);
  const read = source.prepare<[], unknown[]>('SELECT * FROM entries').raw().safeIntegers();
  const insert = target.prepare(`INSERT INTO entries VALUES (${read.columns().map(() => '?')})`);
  const store = target.transaction((rows: readonly unknown[][]) => {
    for (const row of rows) insert.run(...row);
  });
  let seconds = 0;
  let batch: unknown[][] = [];
  const timed = (): void => {
    const startedAt = performance.now();
    store.immediate(batch);
    seconds += (performance.now() - startedAt) / 1000;
    batch = [];
  };
  for (const row of read.iterate()) if (batch.push(row) === 1000) timed();
  timed();
  source.close();
  target.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(stage.path(`alone.sqlite${suffix}`), { force: true });
  return seconds;
}

interface SingleRun {
  readonly rate: number;
  readonly latenciesMs: readonly number[];
}

export async function measureSingles(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const server = await ground.server();
  const bodies = liveBodies(1000);
  const bare = await startBareServer(stage);
  const path = '/api/v1/entries';
  const own = bodies.map((body) => requestBytes({ method: 'POST', path, token: server.token, body }));
  const others = bodies.map((body) => requestBytes({ method: 'POST', path, body }));
  const runs: SingleRun[] = [];
  const bareRuns: SingleRun[] = [];
  await sendFor(server.url, own, 1000); // lets the compilers of both sides warm up
  server.resetPeak();
  for (let run = 0; run < plan.latencyRuns; run += 1) {
    runs.push(await sendFor(server.url, own, plan.steadyMs));
    bareRuns.push(await sendFor(bare.url, others, plan.steadyMs));
  }
  const part = (of: readonly SingleRun[], share: number): number[] => of.map((one) => quantile(one.latenciesMs, share));
  const versus = (values: readonly number[]) => [{ what: 'node:http that parses it and forgets it', values }];
  const name = `Single entries from ${connections} connections, durable`;
  const rate: Figure = {
    what: name,
    unit: 'requests/s',
    values: runs.map((run) => run.rate),
    references: versus(bareRuns.map((run) => run.rate)),
    peakMb: server.peakMb(),
  };
  const times: Figure[] = [
    { what: `${name}: p50`, unit: 'ms', values: part(runs, 0.5), references: versus(part(bareRuns, 0.5)) },
    { what: `${name}: p99`, unit: 'ms', values: part(runs, 0.99), references: versus(part(bareRuns, 0.99)) },
  ];
  return {
    title: 'Entries in, over HTTP: one by one',
    figures: [rate, ...times],
    notes: [],
    verdicts: [atLeast('6. Single entries', rate, 20_000)],
  };
}

/** Each connection sends its next request when the one before is answered. */
async function sendFor(url: string, requests: readonly Buffer[], ms: number): Promise<SingleRun> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      using connection = await Connection.open(url, 16 * 1024);
      while (performance.now() - startedAt < ms) {
        const bytes = requests[next++ % requests.length];
        if (bytes === undefined) throw new Error('there is nothing to send');
        const sentAt = performance.now();
        const { status, body } = await connection.request(bytes);
        latenciesMs.push(performance.now() - sentAt);
        if (status !== 200 || !body.startsWith('{"accepted":1,')) throw new Error(`HTTP ${status}: ${body}`);
      }
    }),
  );
  return { rate: latenciesMs.length / ((performance.now() - startedAt) / 1000), latenciesMs };
}
