/** Entries in, over HTTP: one long stream, and many single requests. */
import { createReadStream, rmSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import BetterSqlite3 from 'better-sqlite3';
import { init, Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { Connection, requestBytes } from './connection.ts';
import { liveBodies } from './entries.ts';
import { type Figure, largest, quantile } from './figures.ts';
import { connections, type Plan } from './plan.ts';
import type { Stage } from './stage.ts';

/** Answers the seconds from the first byte to the answer, which comes when all is durable. */
export async function streamNdjson(server: Server, path: string, entries: number): Promise<number> {
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { authorization: `Zoho-oauthtoken ${server.token}`, 'content-type': 'application/x-ndjson' };
  const sent = request(`${server.url}/api/v1/entries`, { method: 'POST', headers }, (answer) => {
    text(answer).then(resolve, reject);
  });
  // A server that refuses answers before it has all, and hangs up: what it said tells more than that it did.
  sent.on('error', (error) => setTimeout(reject, 1000, error));
  pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), sent).catch((error: unknown) => {
    setTimeout(reject, 1000, error);
  });
  const answer = await promise.catch((error: unknown) => {
    throw new Error(`the stream was not taken. ${server.lastLog()}`, { cause: error });
  });
  const { accepted } = JSON.parse(answer) as { accepted?: number }; // checked in the next line
  if (accepted !== entries) throw new Error(`${entries} entries were sent: ${answer}. ${server.lastLog()}`);
  return (performance.now() - startedAt) / 1000;
}

/** Streams the file into a fresh folder, several times. The last folder stays, for what comes next. */
export async function measureStreams(stage: Stage, plan: Plan, file: string): Promise<Figure[]> {
  const rates: number[] = [];
  const plain: number[] = [];
  const peaks: (number | null)[] = [];
  const idlePeaks: (number | null)[] = [];
  const processor: number[] = [];
  for (let run = 0; run < plan.intakeRuns; run += 1) {
    await init(stage, 'log');
    await using server = await Server.start(stage, 'log');
    idlePeaks.push(server.peakMb());
    const before = server.processorSeconds();
    rates.push(plan.entries / (await streamNdjson(server, stage.path(file), plan.entries)));
    peaks.push(server.peakMb());
    processor.push(server.processorSeconds() - before);
    await server[Symbol.asyncDispose]();
    plain.push(plan.entries / storeAlone(stage, 'log/ledger.sqlite'));
  }
  return [
    {
      what: `NDJSON, one stream of ${plan.entries.toLocaleString('en')}, durable`,
      unit: 'entries/s',
      values: rates,
      references: [{ what: 'SQLite alone, the same rows, 1,000 to a commit', values: plain }],
      peakMb: largest(peaks),
      processorSeconds: processor,
    },
    ...(idlePeaks.includes(null)
      ? []
      : [{ what: 'Memory of the server once it answers', unit: 'MB', values: idlePeaks.map(Number) } as const]),
  ];
}

/** Seconds to store the rows of the ledger in an empty one like it: nothing is parsed, encoded or sent. */
function storeAlone(stage: Stage, ledger: string): number {
  const source = new BetterSqlite3(stage.path(ledger), { readonly: true });
  const target = new BetterSqlite3(stage.path('alone.sqlite'));
  target.pragma(`page_size = ${source.pragma('page_size', { simple: true })}`);
  target.pragma('journal_mode = wal');
  target.pragma('synchronous = full');
  const tables = source.prepare<[], string>(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL`).pluck();
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

export async function measureSingles(stage: Stage, plan: Plan, server: Server): Promise<Figure[]> {
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
  return [
    {
      what: name,
      unit: 'requests/s',
      values: runs.map((run) => run.rate),
      references: versus(bareRuns.map((run) => run.rate)),
      peakMb: server.peakMb(),
    },
    { what: `${name}: p50`, unit: 'ms', values: part(runs, 0.5), references: versus(part(bareRuns, 0.5)) },
    { what: `${name}: p99`, unit: 'ms', values: part(runs, 0.99), references: versus(part(bareRuns, 0.99)) },
  ];
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
