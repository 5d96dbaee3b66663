import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type ChangedJob, JobWatch, watchedJobs } from '../../src/export/job-watch.ts';
import type { ExportJobs, Progress } from '../../src/export/jobs.ts';
import { failedTry, jobSetup } from './job-setup.ts';

const org = '10001';

interface WatchSetup extends AsyncDisposable {
  readonly setup: Awaited<ReturnType<typeof jobSetup>>;
  readonly watch: JobWatch;
  readonly running: Map<string, Progress>;
  readonly log: unknown[];
  /** How often the jobs were read. */
  reads(): number;
  fail(error: Error | null): void;
  /** What is told of this organisation, one list for each call. */
  listen(org?: string): Promise<Disposable & { readonly told: string[][] }>;
}

/** A watch that looks when the test says so. */
async function watchSetup(): Promise<WatchSetup> {
  const setup = await jobSetup();
  const running = new Map<string, Progress>();
  const log: unknown[] = [];
  let reads = 0;
  let fault: Error | null = null;
  const jobs: Pick<ExportJobs, 'states' | 'statesOf'> = {
    states: (...given) => {
      reads += 1;
      return fault === null ? setup.jobs.states(...given) : Promise.reject(fault);
    },
    statesOf: (...given) => setup.jobs.statesOf(...given),
  };
  const watch = new JobWatch({
    jobs,
    changes: setup.db.changes,
    progressOf: (id) => running.get(id) ?? null,
    log: { warn: (fields) => void log.push(fields) },
    everyMs: 3_600_000,
  });
  return {
    setup,
    watch,
    running,
    log,
    reads: () => reads,
    fail: (error) => {
      fault = error;
    },
    async listen(of = org) {
      const told: string[][] = [];
      const listening = await watch.listen(of, (changed: readonly ChangedJob[]) =>
        told.push(changed.map(({ id }) => id)),
      );
      return { told, [Symbol.dispose]: () => listening[Symbol.dispose]() };
    },
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
}

suite('the watch of jobs', () => {
  test('tells what has changed since, once, and nothing of what was before', async () => {
    await using made = await watchSetup();
    const { setup, watch } = made;
    const old = await setup.create('1');
    using listening = await made.listen();
    await watch.look();
    assert.deepEqual(listening.told, []);
    const job = await setup.create('2');
    await watch.look();
    await watch.look();
    assert.deepEqual(listening.told, [[job.id]]);
    assert.equal((await setup.jobs.claim('a'))?.id, old.id);
    await setup.jobs.finish({ jobId: old.id, owner: 'a' }, { entries: 1, files: [], resultKey: 'x/y/z' });
    await watch.look();
    await setup.jobs.forgetResult(old.id);
    await watch.look();
    assert.deepEqual(listening.told.slice(1), [[old.id], [old.id]]);
  });

  test('tells every organisation its own', async () => {
    await using made = await watchSetup();
    using here = await made.listen();
    using there = await made.listen('10002');
    const job = await made.setup.create('1', '10002');
    await made.watch.look();
    assert.deepEqual([here.told, there.told], [[], [[job.id]]]);
  });

  test('a failure that ends a job is told', async () => {
    await using made = await watchSetup();
    await made.setup.create('1');
    using listening = await made.listen();
    for (const owner of ['a', 'b', 'c']) {
      const job = await made.setup.jobs.claim(owner);
      assert.ok(job);
      await made.setup.jobs.endTry({ jobId: job.id, owner }, job, failedTry(), 0);
      await made.watch.look();
    }
    // Scheduled, once with a start and then the same again, and at last failed.
    assert.equal(listening.told.length, 2);
  });

  test('progress is told as it is known here, before it stands in the row', async () => {
    await using made = await watchSetup();
    const job = await made.setup.create('1');
    await made.setup.jobs.claim('a');
    using listening = await made.listen();
    made.running.set(job.id, { entries: 0, total: 20 });
    await made.watch.look();
    made.running.set(job.id, { entries: 10, total: 20 });
    await made.watch.look();
    await made.watch.look();
    assert.deepEqual(listening.told, [[job.id], [job.id]]);
  });

  test('as long as nothing is written the jobs are not read again', async () => {
    await using made = await watchSetup();
    using _listening = await made.listen();
    const before = made.reads();
    for (let count = 0; count < 5; count += 1) await made.watch.look();
    assert.equal(made.reads(), before);
    await made.setup.create('1');
    await made.watch.look();
    assert.equal(made.reads(), before + 1);
  });

  test('the end of a job is told also when many newer ones stand before it', async () => {
    await using made = await watchSetup();
    const { setup } = made;
    const job = await setup.create('slow');
    await setup.jobs.claim('a');
    using listening = await made.listen();
    for (let count = 0; count < watchedJobs; count += 1) {
      setup.clock.now += 1;
      const other = await setup.create('quick');
      await setup.jobs.claim('b');
      await setup.jobs.finish({ jobId: other.id, owner: 'b' }, { entries: 0, files: [], resultKey: 'x/y/z' });
    }
    await made.watch.look();
    listening.told.length = 0;
    await setup.jobs.finish({ jobId: job.id, owner: 'a' }, { entries: 0, files: [], resultKey: 'x/y/z' });
    await made.watch.look();
    assert.deepEqual(listening.told, [[job.id]]);
  });

  test('who listens no more is told nothing, and when nobody does it is not looked', async () => {
    await using made = await watchSetup();
    const first = await made.listen();
    const second = await made.listen();
    first[Symbol.dispose]();
    await made.setup.create('1');
    await made.watch.look();
    assert.deepEqual([first.told.length, second.told.length], [0, 1]);
    second[Symbol.dispose]();
    const before = made.reads();
    await made.setup.create('2');
    await made.watch.look();
    assert.equal(made.reads(), before);
  });

  test('a look that fails is logged, and the next one tells what it would have', async () => {
    await using made = await watchSetup();
    using listening = await made.listen();
    const job = await made.setup.create('1');
    made.fail(new Error('the disk is gone'));
    await made.watch.look();
    assert.equal(made.log.length, 1);
    made.fail(null);
    await made.watch.look();
    assert.deepEqual(listening.told, [[job.id]]);
    made.fail(new Error('the disk is gone'));
    await assert.rejects(made.listen('10002'), /the disk is gone/);
  });
});
