import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { csvHeader } from '../../src/audit/line.ts';
import type { Job } from '../../src/export/jobs.ts';
import { keysOf } from '../results/contract.ts';
import { jobOf } from './job-setup.ts';
import { tinyLine } from './numbered-ledger.ts';
import { type PoolSetup, poolSetup, scriptRows, until } from './pool-setup.ts';

const wholeCsv = csvHeader + Array.from({ length: scriptRows }, (_, n) => tinyLine(n + 1)).join('');

suite('the pool of export workers', { timeout: 60_000 }, () => {
  test('runs a job to its end: the row says what was exported, and the file is there', async () => {
    await using setup = await poolSetup();
    setup.pool().start();
    const job = await setup.create('1');
    (await setup.nextStanding()).answer('go');
    const done = await ended(setup, job);
    assert.deepEqual([done.status, done.entries, done.attempts], ['finished', scriptRows, 1]);
    assert.equal(done.files?.[0]?.name, 'AuditLog.csv');
    assert.equal(await setup.csvOf(job), wholeCsv);
  });

  test('shows how far it is while it works', async () => {
    await using setup = await poolSetup({ rows: 30_000, askAt: 20_000 });
    const pool = setup.pool();
    pool.start();
    const job = await setup.create('1');
    const standing = await setup.nextStanding();
    await until(async () => (await jobOf(setup, job)).entries === 20_000);
    const { status, totalEntries } = await jobOf(setup, job);
    assert.deepEqual([status, totalEntries], ['progress', 30_000]);
    assert.deepEqual(pool.progressOf(job.id), { entries: 20_000, total: 30_000 });
    assert.equal(pool.progressOf('1'), null);
    standing.answer('go');
    await ended(setup, job);
  });

  test('is woken by a call, and needs none for jobs of other processes', async () => {
    await using setup = await poolSetup();
    const pool = setup.pool({ times: { pollMs: 3_600_000 } });
    pool.start();
    const job = await setup.create('1');
    pool.wake();
    (await setup.nextStanding()).answer('go');
    await ended(setup, job);
  });

  test('runs as many jobs at once as it has threads, and uses the threads again', async () => {
    await using setup = await poolSetup();
    const jobs = [await setup.create('1'), await setup.create('2'), await setup.create('3')];
    setup.pool({ threads: 2 }).start();
    const [first, second] = [await setup.nextStanding(), await setup.nextStanding()];
    assert.equal((await statuses(setup, jobs)).filter((status) => status === 'progress').length, 2);
    first.answer('go');
    const third = await setup.nextStanding();
    assert.equal(third.threadId, first.threadId);
    second.answer('go');
    third.answer('go');
    for (const job of jobs) await ended(setup, job);
  });

  test('lets go of threads that have nothing to do, except for one', async () => {
    await using setup = await poolSetup();
    setup.pool({ threads: 2, times: { pollMs: 5, idleMs: 0 } }).start();
    const seen = new Set<number>();
    // Two at once, again and again: a thread that was let go of is replaced by a new one, and one is always there.
    for (let round = 0; seen.size < 3; round += 1) {
      const jobs = [await setup.create(`${round} a`), await setup.create(`${round} b`)];
      const standing = [await setup.nextStanding(), await setup.nextStanding()];
      if (round > 0) assert.ok(standing.some(({ threadId }) => seen.has(threadId)));
      for (const one of standing) {
        seen.add(one.threadId);
        one.answer('go');
      }
      for (const job of jobs) await ended(setup, job);
    }
  });

  test('without threads, jobs stay scheduled', async () => {
    await using setup = await poolSetup();
    const pool = setup.pool({ threads: 0 });
    pool.start();
    const job = await setup.create('1');
    pool.wake();
    await pool.stop(0);
    assert.equal((await jobOf(setup, job)).status, 'scheduled');
  });
});

suite('an export that goes wrong', { timeout: 60_000 }, () => {
  for (const end of ['exit', 'oom', 'throw'] as const) {
    test(`is taken again when it ends by "${end}", and gives the same bytes`, async () => {
      await using setup = await poolSetup();
      setup.pool().start();
      const job = await setup.create('1');
      (await setup.nextStanding()).answer(end);
      (await setup.nextStanding()).answer('go');
      const done = await ended(setup, job);
      assert.deepEqual([done.status, done.attempts], ['finished', 2]);
      assert.equal(await setup.csvOf(job), wholeCsv);
      assert.deepEqual(await keysOf(setup.results), [done.resultKey]);
    });
  }

  test('fails after three tries: a reason for its owner, the cause in the log, and no files', async () => {
    await using setup = await poolSetup();
    setup.pool().start();
    const job = await setup.create('1');
    for (let n = 0; n < 3; n += 1) (await setup.nextStanding()).answer('throw');
    const done = await ended(setup, job);
    assert.equal(done.status, 'failed');
    assert.match(done.failure ?? '', /^After 3 tries: an internal error/);
    assert.ok(!done.failure?.includes('bug'), 'nothing internal leaks');
    const logged = setup.log.find((line) => line.level === 'error');
    assert.match(String(logged?.fields.err), /the ledger has a bug/);
    await until(async () => (await keysOf(setup.results)).length === 0);
  });

  test('waits before its next try when the store is full', async () => {
    await using setup = await poolSetup();
    setup.pool().start();
    const job = await setup.create('1');
    (await setup.nextStanding()).answer('full');
    await until(async () => (await jobOf(setup, job)).status === 'scheduled');
    assert.equal(await setup.jobs.claim('somebody'), null);
    setup.clock.now += 60_000;
    (await setup.nextStanding()).answer('go');
    assert.equal((await ended(setup, job)).attempts, 2);
  });

  test('stops when its lease is lost, and leaves the job to its new owner', async () => {
    await using setup = await poolSetup();
    setup.pool().start();
    const job = await setup.create('1');
    const standing = await setup.nextStanding();
    await setup.db.updateTable('export_jobs').set({ lease_owner: 'another' }).execute();
    standing.answer('wait');
    await until(() => setup.log.some((line) => /lease was lost/.test(line.message)));
    const row = await jobOf(setup, job);
    assert.deepEqual([row.status, row.failure, row.files], ['progress', null, null]);
    assert.deepEqual(await keysOf(setup.results), []);
  });

  test('drops its files when it finished after its lease was lost', async () => {
    await using setup = await poolSetup();
    setup.pool({ times: { pollMs: 5, heartbeatMs: 3_600_000 } }).start();
    const job = await setup.create('1');
    const standing = await setup.nextStanding();
    await setup.db.updateTable('export_jobs').set({ lease_owner: 'another' }).execute();
    standing.answer('go');
    await until(() => setup.log.some((line) => /its files are dropped/.test(line.message)));
    await until(async () => (await keysOf(setup.results)).length === 0);
    assert.equal((await jobOf(setup, job)).status, 'progress');
  });

  test('is tried again when its end could not be written to the database', async () => {
    await using setup = await poolSetup();
    const finish = setup.jobs.finish.bind(setup.jobs);
    let failures = 0;
    setup.jobs.finish = (...args) => {
      failures += 1;
      if (failures === 1) return Promise.reject(new Failure('SERVICE_UNAVAILABLE', 'the disk is full'));
      return finish(...args);
    };
    setup.pool().start();
    const job = await setup.create('1');
    (await setup.nextStanding()).answer('go');
    await until(async () => (await jobOf(setup, job)).status === 'scheduled');
    setup.clock.now += 60_000;
    (await setup.nextStanding()).answer('go');
    const done = await ended(setup, job);
    assert.equal(done.status, 'finished');
    assert.deepEqual(await keysOf(setup.results), [done.resultKey]);
  });
});

suite('stopping the pool', { timeout: 60_000 }, () => {
  test('lets an export finish within the grace time, and claims nothing more', async () => {
    await using setup = await poolSetup();
    const pool = setup.pool();
    pool.start();
    const job = await setup.create('1');
    const waiting = await setup.create('2');
    const standing = await setup.nextStanding();
    const stopped = pool.stop(60_000);
    standing.answer('go');
    await stopped;
    assert.deepEqual(await statuses(setup, [job, waiting]), ['finished', 'scheduled']);
  });

  for (const direction of ['wait', 'hang'] as const) {
    test(`gives a job back that is not done in time, also when its thread says "${direction}"`, async () => {
      await using setup = await poolSetup();
      const pool = setup.pool();
      pool.start();
      const job = await setup.create('1');
      (await setup.nextStanding()).answer(direction);
      await pool.stop(0);
      const row = await jobOf(setup, job);
      assert.deepEqual([row.status, row.attempts], ['scheduled', 0]);
      assert.deepEqual(await keysOf(setup.results), []);

      setup.pool().start();
      (await setup.nextStanding()).answer('go');
      await ended(setup, job);
      assert.equal(await setup.csvOf(job), wholeCsv);
    });
  }

  test('is harmless before the start and when it is repeated', async () => {
    await using setup = await poolSetup();
    const pool = setup.pool();
    await pool.stop(0);
    pool.start();
    await pool.stop(0);
    await pool.stop(0);
  });
});

async function ended(setup: PoolSetup, job: Job): Promise<Job> {
  await until(async () => ['finished', 'failed'].includes((await jobOf(setup, job)).status));
  return await jobOf(setup, job);
}

async function statuses(setup: PoolSetup, jobs: readonly Job[]): Promise<string[]> {
  return await Promise.all(jobs.map(async (job) => (await jobOf(setup, job)).status));
}
