/** Puts the parts together, and takes them down in order. The only place that picks houses. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Access } from './access/access.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database/database.ts';
import { lockFolder } from './database/folder-lock.ts';
import { IdAllocator } from './database/ids.ts';
import { Directory } from './directory/directory.ts';
import { ExportJobs } from './export/jobs.ts';
import { Sweeper } from './export/sweeper.ts';
import { ExportWorkers } from './export/worker.ts';
import { addressOf, type Links, makeLinks } from './http/links.ts';
import { buildServer } from './http/server.ts';
import { Intake } from './intake/intake.ts';
import { Recorder } from './intake/recorder.ts';
import { SqliteLedger } from './ledger/sqlite/ledger.ts';
import { openLog } from './log.ts';
import type { Parts } from './parts.ts';
import { FilesystemResults } from './results/filesystem.ts';
import { Trail } from './trail/trail.ts';

/** Where things are in the data folder. */
export function placesIn(dataDir: string) {
  return {
    database: join(dataDir, 'annals.sqlite'),
    ledger: join(dataDir, 'ledger.sqlite'),
    results: join(dataDir, 'results'),
    address: join(dataDir, 'serve.json'),
  } as const;
}

/** Entries that came in together are sealed together: a stream, or an import, is followed so far behind. */
const settleMs = 2_000;

export type OpenParts = Parts & AsyncDisposable;

export interface PartsOptions {
  /** A server reads the ledger in a thread of its own, a command in its only one. */
  readonly mode: 'serve' | 'command';
  /** Epoch milliseconds; the system's clock unless given. */
  readonly clock?: () => number;
  readonly log?: Logger;
}

/** Opens what is in the data folder, and makes what is not there yet. */
export async function openParts(config: Config, options: PartsOptions): Promise<OpenParts> {
  const clock = options.clock ?? Date.now;
  const places = placesIn(config.dataDir);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await using opened = new AsyncDisposableStack();
  const log = options.log ?? opened.use(openLog(config, options.mode)).log;
  const db = opened.adopt(await openDatabase(places.database), (open) => open.destroy());
  const ledger = opened.use(
    await SqliteLedger.open({
      file: places.ledger,
      ...(options.mode === 'serve' ? { reads: 'thread', seals: { settleMs } } : { reads: 'here' }),
    }),
  );
  const results = opened.use(await FilesystemResults.open(places.results));
  const ids = new IdAllocator(db, clock);
  const directory = new Directory(db, ids, clock);
  const jobs = new ExportJobs({
    db,
    ids,
    clock,
    limits: {
      openJobsPerOrganisation: config.limits.openJobsPerOrganisation,
      resultDays: config.resultDays,
      maxAttempts: 3,
      leaseMs: 30_000,
    },
  });
  const intake = opened.use(new Intake());
  const recorder = new Recorder({ directory, ids, ledger, clock });
  const kept = opened.move();
  return {
    config,
    log,
    clock,
    db,
    ids,
    directory,
    access: new Access(db, clock),
    ledger,
    results,
    jobs,
    recorder,
    trail: new Trail({ recorder, log }),
    intake,
    wakeWorkers: () => {},
    progressOf: () => null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export interface RunningServer {
  /** The address that is listened on. */
  readonly url: string;
  /** Stops in order: no new work, then what runs gets `config.shutdownMs`, then everything is closed. */
  stop(): Promise<void>;
}

/** Throws FolderInUse when another server has the folder, and what listening throws. */
export async function startServer(config: Config): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  opened.use(await lockFolder(config.dataDir));
  const places = placesIn(config.dataDir);
  const base = opened.use(await openParts(config, { mode: 'serve' }));
  // The folder is ours alone, so whoever holds a lease on a job is gone.
  await base.jobs.releaseAll();
  const workers = new ExportWorkers({
    jobs: base.jobs,
    results: base.results,
    threads: config.workers,
    threadData: { ledgerFile: places.ledger, resultsDir: places.results },
    log: base.log,
  });
  const parts: Parts = { ...base, wakeWorkers: () => workers.wake(), progressOf: (id) => workers.progressOf(id) };
  let links: Links | null = null;
  const server = buildServer(parts, () => {
    if (links === null) throw new Error('a request came before the address was known');
    return links;
  });
  opened.defer(() => server.close());
  const port = await listen(server, config);
  const url = addressOf(config, port);
  links = makeLinks(config.publicUrl ?? url, config.downloadUrl);
  await writeFile(places.address, JSON.stringify({ url: config.publicUrl ?? url, pid: process.pid }), { mode: 0o600 });
  opened.defer(() => rm(places.address, { force: true }));
  const sweeper = new Sweeper({
    jobs: base.jobs,
    results: base.results,
    clock: base.clock,
    log: base.log,
  });
  sweeper.start();
  opened.defer(() => sweeper.stop());
  opened.use(repeat(() => housekeep(base), housekeepingMs));
  workers.start();
  const running = opened.move();
  return {
    url,
    async stop() {
      // Side by side: no new connection and no new job from now on, and one time for all that runs.
      await Promise.all([closeServer(server, config.shutdownMs), workers.stop(config.shutdownMs)]);
      await running.disposeAsync();
    },
  };
}

const housekeepingMs = 600_000;
const housekeepingBatch = 1000;

/** Deletes what is over: expired tokens and codes. Best effort, for the next turn does what this one could not. */
async function housekeep({ access, log }: Parts): Promise<void> {
  try {
    while ((await access.housekeep(housekeepingBatch)) === housekeepingBatch) await wait(10);
  } catch (error) {
    log.warn({ err: error }, 'expired tokens could not be deleted');
  }
}

function repeat(work: () => Promise<void>, everyMs: number): AsyncDisposable {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(work);
  }, everyMs).unref();
  return {
    [Symbol.asyncDispose]: () => {
      clearInterval(timer);
      return running;
    },
  };
}

async function listen(server: FastifyInstance, config: Config): Promise<number> {
  server.server.maxConnections = config.limits.connections;
  await server.listen({ host: config.host, port: config.port });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Requests that run may end; what is still open after the time is cut off. */
async function closeServer(server: FastifyInstance, graceMs: number): Promise<void> {
  const closed = server.close();
  const giveUp = new AbortController();
  const cut = wait(graceMs, undefined, { signal: giveUp.signal }).then(
    () => server.server.closeAllConnections(),
    () => {}, // closed in time
  );
  await closed;
  giveUp.abort();
  await cut;
}
