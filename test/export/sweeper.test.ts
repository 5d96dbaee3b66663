import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Job, resultKeyOf } from '../../src/export/jobs.ts';
import { Sweeper, type SweepOptions, sweepResults } from '../../src/export/sweeper.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { keysOf, publish } from '../results/contract.ts';
import { failedTry, type JobSetup, jobOf, jobSetup } from './job-setup.ts';

const dayMs = 86_400_000;
const csv = { 'AuditLog.csv': Buffer.from('x') };

suite('the sweep of results', () => {
  test('removes the files of a job whose time is over; its row stays', async (t) => {
    await using setup = await sweepSetup(t);
    const old = await finishedJob(setup, '1');
    setup.clock.now += dayMs;
    const young = await finishedJob(setup, '2');
    setup.clock.now += 6 * dayMs;
    assert.deepEqual(await sweepResults(setup), { expired: 1, orphans: 0 });
    assert.deepEqual(await keysOf(setup.results), [young.resultKey]);
    const row = await jobOf(setup, old);
    assert.deepEqual([row.status, row.resultKey], ['finished', null]);
    assert.deepEqual(await sweepResults(setup), { expired: 0, orphans: 0 });
  });

  test('removes files that no job knows, once they are old enough', async (t) => {
    await using setup = await sweepSetup(t);
    await publish(setup.results, '10001/1/1-gone', csv);
    const half = await setup.results.create('10001/2/1-dead');
    await (await half.file('AuditLog.csv')).finish();
    setup.clock.now = Date.now() + 3_500_000;
    assert.deepEqual(await sweepResults(setup), { expired: 0, orphans: 0 });
    setup.clock.now = Date.now() + 3_700_000;
    assert.deepEqual(await sweepResults(setup), { expired: 0, orphans: 2 });
    assert.deepEqual(await keysOf(setup.results), []);
  });

  test('leaves a run alone whose lease is held, but not an earlier run of the same job', async (t) => {
    await using setup = await sweepSetup(t);
    await setup.create('1');
    const first = await setup.jobs.claim('a');
    assert.ok(first);
    await publish(setup.results, resultKeyOf(first, 'a'), csv);
    await setup.jobs.endTry({ jobId: first.id, owner: 'a' }, first, failedTry(), 0);
    const second = await setup.jobs.claim('b');
    assert.ok(second);
    const running = await setup.results.create(resultKeyOf(second, 'b'));
    await (await running.file('AuditLog.csv')).finish();
    setup.clock.now = Date.now() + 2 * dayMs;
    assert.deepEqual(await sweepResults(setup), { expired: 0, orphans: 1 });
    assert.deepEqual(await keysOf(setup.results), [resultKeyOf(second, 'b')]);
  });

  test('what a sweep that died left is taken by the next', async (t) => {
    await using setup = await sweepSetup(t);
    await finishedJob(setup, '1');
    setup.clock.now = Math.max(setup.clock.now, Date.now()) + 8 * dayMs;
    const results = { keys: () => setup.results.keys(), remove: () => Promise.reject(new Error('killed')) };
    await assert.rejects(sweepResults({ ...setup, results }), /killed/);
    assert.deepEqual(await sweepResults(setup), { expired: 0, orphans: 1 });
    assert.deepEqual(await keysOf(setup.results), []);
  });

  test('runs by itself, one at a time, and is over when it was stopped', async (t) => {
    await using setup = await sweepSetup(t);
    await publish(setup.results, '10001/1/1-gone', csv);
    setup.clock.now = Date.now() + dayMs;
    const messages: string[] = [];
    const write = (_: object, message: string): void => void messages.push(message);
    const log = { info: write, warn: write, error: write };
    const sweeper = new Sweeper({ ...setup, log, everyMs: 3_600_000 });
    sweeper.start();
    while (messages.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sweeper.stop();
    assert.deepEqual(messages, ['old results removed']);
    assert.deepEqual(await keysOf(setup.results), []);
  });
});

suite('the first sweep after a start', () => {
  test('removes at once what a killed server left, but not what a run of this one writes', async (t) => {
    await using setup = await sweepSetup(t);
    await publish(setup.results, '10001/1/1-killed', csv);
    const half = await setup.results.create('10001/2/1-killed');
    await (await half.file('AuditLog.csv')).finish();
    await setup.create('1');
    const job = await setup.jobs.claim('b');
    assert.ok(job);
    const killed = await setup.results.create(resultKeyOf(job, 'a'));
    await (await killed.file('AuditLog.csv')).finish();
    const running = await setup.results.create(resultKeyOf(job, 'b'));
    await (await running.file('AuditLog.csv')).finish();
    setup.clock.now = Date.now() + 1000;
    await firstSweep(setup);
    assert.deepEqual(await keysOf(setup.results), [resultKeyOf(job, 'b')]);
  });

  test('that failed is made up for by the next', async (t) => {
    await using setup = await sweepSetup(t);
    await publish(setup.results, '10001/1/1-killed', csv);
    setup.clock.now = Date.now() + 1000;
    let failures = 1;
    const remove = async (key: string): Promise<void> => {
      failures -= 1;
      if (failures >= 0) throw new Error('disk away');
      await setup.results.remove(key);
    };
    const results = { keys: () => setup.results.keys(), remove };
    assert.deepEqual(await firstSweep({ ...setup, results }), [
      'old results could not be removed; trying again later',
      'old results removed',
    ]);
    assert.deepEqual(await keysOf(setup.results), []);
  });
});

/** Sweeps until something was removed; answers what was logged. */
async function firstSweep(options: Omit<SweepOptions, 'signal'>): Promise<readonly string[]> {
  const messages: string[] = [];
  const write = (_: object, message: string): void => void messages.push(message);
  const sweeper = new Sweeper({ ...options, log: { info: write, warn: write, error: write }, everyMs: 5 });
  sweeper.start();
  while (!messages.includes('old results removed')) await new Promise((resolve) => setImmediate(resolve));
  await sweeper.stop();
  return messages;
}

type SweepSetup = Omit<JobSetup, 'clock'> & {
  readonly results: FilesystemResults;
  readonly clock: (() => number) & { now: number };
};

/** The clock is a function, as the sweep wants it, whose `now` can be moved. */
async function sweepSetup(t: { after(fn: () => Promise<void>): void }): Promise<SweepSetup> {
  const dir = await mkdtemp(join(tmpdir(), 'annals-sweep-'));
  t.after(() => rm(dir, { recursive: true }));
  const setup = await jobSetup();
  const clock = Object.defineProperty(() => setup.clock.now, 'now', {
    get: () => setup.clock.now,
    set: (now: number) => {
      setup.clock.now = now;
    },
  }) as SweepSetup['clock']; // defineProperty does not tell the type of what it adds
  return { ...setup, clock, results: await FilesystemResults.open(dir) };
}

async function finishedJob(setup: SweepSetup, user: string): Promise<Job> {
  await setup.create(user);
  const job = await setup.jobs.claim(`owner-${user}`);
  assert.ok(job);
  const resultKey = resultKeyOf(job, `owner-${user}`);
  const files = (await publish(setup.results, resultKey, csv)).map((file) => ({ ...file, entries: 0 }));
  await setup.jobs.finish({ jobId: job.id, owner: `owner-${user}` }, { entries: 0, files, resultKey });
  return await jobOf(setup, job);
}
