import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import { Directory } from '../../src/directory/directory.ts';
import type { JobKey } from '../../src/export/jobs.ts';
import { jobOf, jobSetup, startOfTest, wholeLog } from './job-setup.ts';
import { anyQuery } from './numbered-ledger.ts';

suite('creating a job', () => {
  test('keeps all that was given, and starts as scheduled', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    assert.match(job.id, /^[0-9]{18,19}$/);
    assert.deepEqual(await setup.jobs.get('10001', job.id), {
      id: job.id,
      org: '10001',
      createdBy: { id: '7', name: 'User 7' },
      status: 'scheduled',
      criteria: '{"field":{"api_name":"action"},"comparator":"equal","value":"added"}',
      query: { ...anyQuery, actions: ['added'] },
      attempts: 0,
      createdAt: startOfTest,
      startedAt: null,
      endedAt: null,
      expiresAt: null,
      entries: null,
      totalEntries: null,
      files: null,
      resultKey: null,
      failure: null,
      failureKind: null,
      filter: { ...wholeLog, actions: ['added'] },
    });
  });

  test('a job of a time when there were no conditions on names and records has none', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    const { words: _words, record: _record, ...old } = anyQuery;
    await setup.db
      .updateTable('export_jobs')
      .set({ query: JSON.stringify(old) })
      .execute();
    assert.deepEqual((await setup.jobs.get('10001', job.id))?.query, anyQuery);
  });

  test('a user who has an open job is told its id, scheduled or in progress', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    const isAlreadyScheduled = (error: unknown): boolean => {
      assert.ok(error instanceof Failure);
      assert.deepEqual([error.code, error.message], ['ALREADY_SCHEDULED', 'Export is already scheduled']);
      assert.deepEqual([error.details, error.wrapped], [{ id: job.id }, true]);
      return true;
    };
    await assert.rejects(setup.create('7'), isAlreadyScheduled);
    await setup.jobs.claim('a');
    await assert.rejects(setup.create('7'), isAlreadyScheduled);
    await setup.create('8');
    await setup.create('7', '10002');
  });

  test('two requests of one user at the same moment make one job', async () => {
    await using setup = await jobSetup();
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => setup.create('7')));
    assert.equal(made.filter((each) => each.status === 'fulfilled').length, 1);
    for (const each of made) {
      if (each.status === 'rejected') assert.equal(each.reason.code, 'ALREADY_SCHEDULED');
    }
  });

  test('a user whose job has ended may have another', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    await setup.jobs.claim('a');
    await setup.jobs.finish({ jobId: job.id, owner: 'a' }, { entries: 0, files: [], resultKey: 'k/k/k' });
    await setup.create('7');
  });

  test('an organisation has a bound on open jobs, another one has its own', async () => {
    await using setup = await jobSetup({ openJobsPerOrganisation: 2 });
    await setup.create('1');
    await setup.create('2');
    await assert.rejects(setup.create('3'), (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.code, 'TOO_MANY_REQUESTS');
      assert.ok(error.retryAfterSeconds !== null);
      return true;
    });
    await assert.rejects(setup.create('1'), { code: 'ALREADY_SCHEDULED' }, 'the nearer reason comes first');
    await setup.create('3', '10002');
  });
});

suite('looking at jobs', () => {
  test('a job is found by its own organisation only, and by digits only', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    assert.equal(await setup.jobs.get('10002', job.id), null);
    for (const id of [
      '',
      '0',
      `${job.id}0`,
      ` ${job.id}`,
      `${job.id} `,
      `+${job.id}`,
      `${job.id}'--`,
      '٣',
      '1'.repeat(40),
    ]) {
      assert.equal(await setup.jobs.get('10001', id), null, JSON.stringify(id));
    }
  });

  test('they are listed newest first, of one user or of all, and not more than asked for', async () => {
    await using setup = await jobSetup();
    const ids: string[] = [];
    for (const user of ['1', '2', '3']) {
      setup.clock.now += 1;
      ids.unshift((await setup.create(user)).id);
    }
    await setup.create('1', '10002');
    const idsOf = async (createdBy: string | null, limit?: number) =>
      (await setup.jobs.list('10001', { createdBy }, limit)).map((job) => job.id);
    assert.deepEqual(await idsOf(null), ids);
    assert.deepEqual(await idsOf('2'), [ids[1]]);
    assert.deepEqual(await idsOf('9'), []);
    assert.deepEqual(await idsOf(null, 2), ids.slice(0, 2));
    const [newest] = await setup.jobs.list('10001', { createdBy: null });
    assert.ok(newest && !('query' in newest), 'a list of 200 does not carry all the people of 200 queries');
  });
});

suite('a page of jobs', () => {
  test('goes on where the one before ended, whatever is created meanwhile, to the end', async () => {
    await using setup = await jobSetup({ openJobsPerOrganisation: 100 });
    const ids: string[] = [];
    for (let user = 0; user < 7; user += 1) {
      // Two of the same moment each: then the id decides.
      if (user % 2 === 0) setup.clock.now += 1;
      ids.unshift((await setup.create(String(user))).id);
    }
    const seen: string[] = [];
    let before: JobKey | null = null;
    for (let more = true; more; ) {
      const page = await setup.jobs.page('10001', { createdBy: null, before, limit: 3 });
      seen.push(...page.keys.map(({ id }) => id));
      before = page.keys.at(-1) ?? null;
      more = page.hasMore;
      await setup.create(`later ${seen.length}`);
    }
    assert.deepEqual(seen, ids);
  });

  test('holds one user alone, where one is named', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('1');
    await setup.create('2');
    const page = await setup.jobs.page('10001', { createdBy: '1', before: null, limit: 1 });
    assert.deepEqual([page.keys.map(({ id }) => id), page.hasMore], [[job.id], false]);
  });
});

suite('finished jobs', () => {
  test('are kept as long as their organisation says, from the next that is finished on', async () => {
    await using setup = await jobSetup();
    const ids = new IdAllocator(setup.db, () => setup.clock.now);
    const directory = new Directory(setup.db, ids, () => setup.clock.now);
    const { zgid } = await directory.createOrganisation({ name: 'Zylker', timeZone: 'UTC' });
    const daysOf = async (user: string): Promise<number> => {
      const job = await setup.create(user, zgid);
      await setup.jobs.claim(user);
      await setup.jobs.finish({ jobId: job.id, owner: user }, { entries: 0, files: [], resultKey: `o/j/${user}` });
      return ((await jobOf(setup, job)).expiresAt ?? 0) / 86_400_000 - startOfTest / 86_400_000;
    };
    assert.equal(await daysOf('a'), 7);
    await directory.updateOrganisation(zgid, { resultDays: 3_650 });
    assert.equal(await daysOf('b'), 3_650);
    await directory.updateOrganisation(zgid, { resultDays: null });
    assert.equal(await daysOf('c'), 7);
  });

  test('say what was exported, where it is and until when', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    setup.clock.now += 1_000;
    await setup.jobs.claim('a');
    setup.clock.now += 2_000;
    const files = [{ name: 'AuditLog.csv', bytes: 9, sha256: 'ab', entries: 3 }];
    assert.ok(await setup.jobs.finish({ jobId: job.id, owner: 'a' }, { entries: 3, files, resultKey: 'o/j/a' }));
    const done = await jobOf(setup, job);
    assert.deepEqual([done.status, done.entries, done.files, done.resultKey], ['finished', 3, files, 'o/j/a']);
    assert.equal(done.totalEntries, 3);
    assert.deepEqual([done.startedAt, done.endedAt], [startOfTest + 1_000, startOfTest + 3_000]);
    assert.equal(done.expiresAt, startOfTest + 3_000 + 7 * 86_400_000);
  });

  test('are expired from their time on, once, and the row stays', async () => {
    await using setup = await jobSetup();
    const job = await setup.create('7');
    await setup.jobs.claim('a');
    await setup.jobs.finish({ jobId: job.id, owner: 'a' }, { entries: 0, files: [], resultKey: 'o/j/a' });
    setup.clock.now += 7 * 86_400_000 - 1;
    assert.deepEqual(await setup.jobs.expired(), []);
    setup.clock.now += 1;
    assert.deepEqual(await setup.jobs.expired(), [{ id: job.id, resultKey: 'o/j/a' }]);
    await setup.jobs.forgetResult(job.id);
    assert.deepEqual(await setup.jobs.expired(), []);
    const row = await jobOf(setup, job);
    assert.deepEqual([row.status, row.resultKey], ['finished', null]);
  });
});
