import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Job, Lease } from '../../src/export/jobs.ts';
import { failedTry, type JobSetup, jobOf, jobSetup, startOfTest, testLimits } from './job-setup.ts';

suite('a claim', () => {
  test('takes the oldest job and says that it is in progress', async () => {
    await using setup = await jobSetup();
    const first = await setup.create('1');
    setup.clock.now += 10;
    await setup.create('2');
    const job = await setup.jobs.claim('a');
    assert.equal(job?.id, first.id);
    assert.deepEqual([job?.status, job?.attempts, job?.startedAt, job?.entries], ['progress', 1, startOfTest + 10, 0]);
  });

  test('finds nothing when there is nothing, or all is taken', async () => {
    await using setup = await jobSetup();
    assert.equal(await setup.jobs.claim('a'), null);
    await setup.create('1');
    await setup.jobs.claim('a');
    assert.equal(await setup.jobs.claim('b'), null);
  });

  test('a job is given to one of many that ask at the same moment', async () => {
    await using setup = await jobSetup();
    await setup.create('1');
    const claims = await Promise.all(Array.from({ length: 10 }, (_, n) => setup.jobs.claim(`o${n}`)));
    assert.equal(claims.filter((job) => job !== null).length, 1);
  });

  test('two processes on one database never get the same job', async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'annals-jobs-'));
    t.after(() => rm(dir, { recursive: true }));
    await using here = await jobSetup({ openJobsPerOrganisation: 40 }, join(dir, 'annals.sqlite'));
    await using there = await jobSetup({}, join(dir, 'annals.sqlite'));
    for (let user = 1; user <= 20; user += 1) await here.create(String(user));
    const claims = Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? here : there).jobs.claim(`o${n}`));
    const ids = (await Promise.all(claims)).flatMap((job) => (job === null ? [] : [job.id]));
    assert.equal(ids.length, 20);
    assert.equal(new Set(ids).size, 20);
  });

  test('an organisation with many jobs does not starve the others', async () => {
    await using setup = await jobSetup();
    for (const user of ['1', '2', '3', '4']) {
      setup.clock.now += 1;
      await setup.create(user, '10001');
    }
    setup.clock.now += 1;
    await setup.create('1', '10002');
    setup.clock.now += 1;
    await setup.create('1', '10003');
    const orgs: (string | undefined)[] = [];
    for (let n = 0; n < 6; n += 1) orgs.push((await setup.jobs.claim(`o${n}`))?.org);
    assert.deepEqual(orgs, ['10001', '10002', '10003', '10001', '10001', '10001']);
  });
});

suite('a lease', () => {
  test('runs out unless it is renewed, and then the job can be taken again', async () => {
    await using setup = await jobSetup();
    const { lease } = await claimed(setup);
    setup.clock.now += testLimits.leaseMs - 1;
    assert.ok(await setup.jobs.renew(lease, { entries: 1_000, total: null }));
    setup.clock.now += testLimits.leaseMs - 1;
    assert.equal(await setup.jobs.claim('b'), null);
    setup.clock.now += 1;
    const again = await setup.jobs.claim('b');
    assert.deepEqual([again?.id, again?.attempts, again?.startedAt], [lease.jobId, 2, startOfTest]);
  });

  test('progress is written with the renewal', async () => {
    await using setup = await jobSetup();
    const { job, lease } = await claimed(setup);
    await setup.jobs.renew(lease, { entries: 123_456, total: 200_000 });
    const { entries, totalEntries } = await jobOf(setup, job);
    assert.deepEqual([entries, totalEntries], [123_456, 200_000]);
  });

  test('who has lost it can neither renew, finish, fail nor give back', async () => {
    await using setup = await jobSetup();
    const { job, lease } = await claimed(setup);
    setup.clock.now += testLimits.leaseMs;
    await setup.jobs.claim('b');
    const before = await jobOf(setup, job);
    assert.equal(await setup.jobs.renew(lease, { entries: 5, total: null }), false);
    assert.equal(await setup.jobs.finish(lease, { entries: 1, files: [], resultKey: 'x/y/z' }), false);
    assert.equal(await setup.jobs.endTry(lease, job, failedTry(), 0), 'lost');
    assert.equal(await setup.jobs.release(lease, job), false);
    assert.deepEqual(await jobOf(setup, job), before);
    assert.ok(await setup.jobs.renew({ jobId: job.id, owner: 'b' }, { entries: 5, total: null }));
  });

  test('a finished job can be changed by nobody', async () => {
    await using setup = await jobSetup();
    const { job, lease } = await claimed(setup);
    await setup.jobs.finish(lease, { entries: 1, files: [], resultKey: 'x/y/z' });
    const done = await jobOf(setup, job);
    setup.clock.now += 10 * testLimits.leaseMs;
    assert.equal(await setup.jobs.finish(lease, { entries: 2, files: [], resultKey: 'p/q/r' }), false);
    assert.equal(await setup.jobs.endTry(lease, job, failedTry(), 0), 'lost');
    assert.equal(await setup.jobs.renew(lease, { entries: 7, total: null }), false);
    assert.equal(await setup.jobs.claim('b'), null);
    assert.deepEqual(await jobOf(setup, job), done);
  });
});

suite('tries', () => {
  test('a try that failed leaves the job free after its pause', async () => {
    await using setup = await jobSetup();
    const { job, lease } = await claimed(setup);
    assert.equal(await setup.jobs.endTry(lease, job, failedTry(), 5_000), 'scheduled');
    const row = await jobOf(setup, job);
    assert.deepEqual([row.status, row.failure], ['scheduled', null]);
    assert.equal(await setup.jobs.claim('b'), null);
    setup.clock.now += 5_000;
    assert.equal((await setup.jobs.claim('b'))?.attempts, 2);
  });

  test('the third that fails ends the job with its reason', async () => {
    await using setup = await jobSetup();
    await setup.create('1');
    for (const [owner, next] of [
      ['a', 'scheduled'],
      ['b', 'scheduled'],
      ['c', 'failed'],
    ] as const) {
      const job = await setup.jobs.claim(owner);
      assert.ok(job);
      assert.equal(await setup.jobs.endTry({ jobId: job.id, owner }, job, failedTry(), 0), next);
    }
    const [job] = await setup.jobs.list('10001', { createdBy: null });
    assert.deepEqual([job?.status, job?.failure, job?.endedAt], ['failed', 'the disk is full', startOfTest]);
    assert.equal(job?.failureKind, 'store');
    assert.equal(await setup.jobs.claim('d'), null);
  });

  test('a job whose every holder vanished fails as well', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('1');
    for (const owner of ['a', 'b', 'c']) {
      assert.ok(await setup.jobs.claim(owner));
      setup.clock.now += testLimits.leaseMs;
    }
    assert.equal(await setup.jobs.claim('d'), null);
    const row = await jobOf(setup, job);
    assert.equal(row.status, 'failed');
    assert.match(row.failure ?? '', /3 times/);
  });

  test('a run that was given back does not count', async () => {
    await using setup = await jobSetup();
    const { job, lease } = await claimed(setup);
    assert.ok(await setup.jobs.release(lease, job));
    const again = await setup.jobs.claim('b');
    assert.deepEqual([again?.id, again?.attempts], [job.id, 1]);
  });
});

suite('after a kill of the process', () => {
  test('its jobs are free at once, and the others are left as they are', async () => {
    await using setup = await jobSetup();
    const { job } = await claimed(setup);
    setup.clock.now += 1;
    const waiting = await setup.create('2');
    assert.equal(await setup.jobs.releaseAll(), 1);
    assert.equal((await setup.jobs.claim('b'))?.id, job.id);
    assert.equal((await jobOf(setup, waiting)).status, 'scheduled');
  });

  test('a few kills cost no try, endless ones do', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('1');
    let runs = 0;
    while ((await setup.jobs.claim(`o${runs}`)) !== null) {
      runs += 1;
      await setup.jobs.releaseAll();
      assert.ok(runs < 100, 'it ends at some time');
    }
    assert.equal(runs, 13);
    assert.equal((await jobOf(setup, job)).status, 'failed');
  });
});

async function claimed(setup: JobSetup): Promise<{ job: Job; lease: Lease }> {
  await setup.create('1');
  const job = await setup.jobs.claim('a');
  assert.ok(job);
  return { job, lease: { jobId: job.id, owner: 'a' } };
}
