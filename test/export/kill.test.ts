import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { csvHeader } from '../../src/audit/line.ts';
import { sweepResults } from '../../src/export/sweeper.ts';
import { ExportWorkers } from '../../src/export/worker.ts';
import type { LedgerRow } from '../../src/ledger/ledger.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { bytesOf, keysOf } from '../results/contract.ts';
import { type JobSetup, jobOf, jobSetup } from './job-setup.ts';
import { until } from './pool-setup.ts';

const rows: LedgerRow[] = Array.from({ length: 2_345 }, (_, n) => ({
  time: 1_700_000_000 + (n >> 2),
  id: BigInt(n + 1),
  action: n % 5 === 0 ? 'deleted' : 'added',
  doneBy: 7n,
  module: 'Leads',
  line: `line ${n},"with, a comma"\r\n`,
}));
const wholeCsv = csvHeader + rows.flatMap((row) => (row.action === 'added' ? [row.line] : [])).join('');

test('a job on the real ledger, in the real thread, ends in the file of its lines', { timeout: 60_000 }, async (t) => {
  const dir = await folder(t);
  await fillLedger(dir);
  await using setup = await jobSetup({}, join(dir, 'annals.sqlite'));
  const { id, org } = await setup.create('1');
  const pool = await startPool(dir, setup);
  await until(async () => (await jobOf(setup, { id, org })).status === 'finished');
  await pool.stop(1_000);
  assert.equal(await csvOf(dir, setup, { id, org }), wholeCsv);
});

test('a job whose process was killed in the middle of it ends after the next start', { timeout: 60_000 }, async (t) => {
  const dir = await folder(t);
  await fillLedger(dir);
  await using setup = await jobSetup({}, join(dir, 'annals.sqlite'));
  const { id, org } = await setup.create('1');

  const killed = spawn(process.execPath, [join(import.meta.dirname, 'killed-process.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const results = await FilesystemResults.open(join(dir, 'results'));
  assert.equal((await jobOf(setup, { id, org })).status, 'progress');
  const [leftOver] = await keysOf(results);
  assert.ok(leftOver?.startsWith(`${org}/${id}/1-`));

  assert.equal(await setup.jobs.releaseAll(), 1);
  const pool = await startPool(dir, setup);
  await until(async () => (await jobOf(setup, { id, org })).status === 'finished');
  await pool.stop(1_000);
  assert.equal(await csvOf(dir, setup, { id, org }), wholeCsv);

  const later = (): number => Date.now() + 86_400_000;
  assert.deepEqual(await sweepResults({ jobs: setup.jobs, results, clock: later }), { expired: 0, orphans: 1 });
  assert.deepEqual(await keysOf(results), [(await jobOf(setup, { id, org })).resultKey]);
});

async function fillLedger(dir: string): Promise<void> {
  await using ledger = await SqliteLedger.open({ file: join(dir, 'ledger.sqlite'), reads: 'here' });
  // Not in their order: the export puts them into it.
  await ledger.append('10001', rows.toReversed(), { client: 'test', arrivedAt: 0 });
}

async function startPool(dir: string, { jobs }: JobSetup): Promise<ExportWorkers> {
  const resultsDir = join(dir, 'results');
  const results = await FilesystemResults.open(resultsDir);
  const unexpected = (fields: object, message: string): void => console.error(message, fields);
  const log = { info: () => {}, warn: unexpected, error: unexpected };
  const threadData = { ledgerFile: join(dir, 'ledger.sqlite'), resultsDir };
  const pool = new ExportWorkers({ jobs, results, threads: 1, threadData, log });
  pool.start();
  return pool;
}

async function csvOf(dir: string, setup: JobSetup, job: { id: string; org: string }): Promise<string> {
  const { resultKey } = await jobOf(setup, job);
  const results = await FilesystemResults.open(join(dir, 'results'));
  return String(await bytesOf(await results.read(resultKey ?? '', 'AuditLog.csv')));
}

async function folder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'annals-kill-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}
