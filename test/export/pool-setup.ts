import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { type ExportLog, ExportWorkers, type ExportWorkersOptions } from '../../src/export/worker.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { bytesOf } from '../results/contract.ts';
import type { Direction, Question, Script } from './directed-ledger.ts';
import { type JobSetup, jobSetup } from './job-setup.ts';

export const scriptRows = 1_000;
const fast = { pollMs: 5, heartbeatMs: 5, retryPauseMs: 0, fullStorePauseMs: 60_000, abortMs: 200 };

/** One export that stands at its row and waits for what to do. */
export interface Standing {
  readonly threadId: number;
  answer(direction: Direction): void;
}

export interface PoolSetup extends JobSetup {
  readonly results: FilesystemResults;
  readonly log: { level: string; fields: { err?: unknown }; message: string }[];
  pool(options?: Partial<ExportWorkersOptions>): ExportWorkers;
  /** The next export that comes to the row where it asks. */
  nextStanding(): Promise<Standing>;
  /** The bytes of the finished job's file. */
  csvOf(job: { readonly org: string; readonly id: string }): Promise<string>;
}

/** Pools over a directed ledger, with everything else real. At the end no pool, thread, lease or half-written file is left. */
export async function poolSetup(script: Partial<Script> = {}): Promise<PoolSetup> {
  const setup = await jobSetup();
  const dir = await mkdtemp(join(tmpdir(), 'annals-pool-'));
  const results = await FilesystemResults.open(join(dir, 'results'));
  const channel = randomUUID();
  const director = new Director(channel);
  const pools: ExportWorkers[] = [];
  const log: PoolSetup['log'] = [];
  const threadData = {
    ledgerFile: JSON.stringify({ channel, rows: scriptRows, askAt: 500, ...script } satisfies Script),
    resultsDir: join(dir, 'results'),
  };
  return {
    ...setup,
    results,
    log,
    pool(options = {}) {
      const threadFile = new URL('./directed-thread.ts', import.meta.url);
      const base = { jobs: setup.jobs, results, threads: 1, threadData, log: logInto(log), times: fast, threadFile };
      const pool = new ExportWorkers({ ...base, ...options });
      pools.push(pool);
      return pool;
    },
    nextStanding: () => director.next(),
    async csvOf(job) {
      const { resultKey } = (await setup.jobs.get(job.org, job.id)) ?? {};
      if (typeof resultKey !== 'string') throw new Error(`job ${job.id} has no result`);
      return String(await bytesOf(await results.read(resultKey, 'AuditLog.csv')));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pools.map((pool) => pool.stop(0)));
      director.close();
      await setup[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

/** Waits for a condition, without saying how long it should take; a test that waits for ever is ended by the runner. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await pause(2);
}

class Director {
  readonly #channel: BroadcastChannel;
  readonly #standing: Standing[] = [];
  readonly #waiting: ((standing: Standing) => void)[] = [];

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (event) => {
      const { reply, threadId } = event.data as Question; // from `directed-thread.ts`
      const standing = { threadId, answer: (direction: Direction) => answer(reply, direction) };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#standing.push(standing);
      else waiting(standing);
    };
  }

  next(): Promise<Standing> {
    const standing = this.#standing.shift();
    if (standing !== undefined) return Promise.resolve(standing);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#channel.close();
  }
}

function answer(reply: string, direction: Direction): void {
  const channel = new BroadcastChannel(reply);
  channel.postMessage(direction);
  channel.close();
}

function logInto(log: PoolSetup['log']): ExportLog {
  const at = (level: string) => (fields: object, message: string) => void log.push({ level, fields, message });
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
