/** What the parts promise only once they are put together. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { placesIn } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import type { WholeJob } from '../src/export/jobs.ts';
import { answered, closed, connected, type ServerFolder, served, serverFolder } from './server-setup.ts';

function newJob({ parts, org, adminId }: ServerFolder): Promise<WholeJob> {
  const query = { org, from: 0, to: 1e9, actions: null, modules: null, doneBy: null, visibleTo: null, asOf: 0 };
  return parts.jobs.create({ org, createdBy: { id: adminId, name: 'Admin' }, criteria: null, query });
}

suite('a server', () => {
  test('takes up at its start what a dead process was exporting, and does not count it as a try', async () => {
    await using folder = await serverFolder();
    const { id } = await newJob(folder);
    assert.equal((await folder.parts.jobs.claim('dead'))?.status, 'progress');
    await using _server = await served(folder.config);
    const startedAt = performance.now();
    for (;;) {
      const job = await folder.parts.jobs.get(folder.org, id);
      if (job?.status === 'finished') {
        assert.equal(job.attempts, 1);
        break;
      }
      // The dead process's lease would last for 30 seconds.
      assert.ok(performance.now() - startedAt < 15_000, `after 15 seconds it is ${job?.status}`);
      await wait(10);
    }
  });

  test('writes its address where only the owner of the folder can read it', async () => {
    await using folder = await serverFolder();
    await using _server = await served(folder.config);
    assert.equal(((await stat(placesIn(folder.config.dataDir).address)).mode & 0o777).toString(8), '600');
  });

  test('takes so many connections and drops the next one, until there is room', async () => {
    await using folder = await serverFolder({ ANNALS_MAX_CONNECTIONS: '2' });
    await using server = await served(folder.config);
    const first = await connected(server.url);
    await answered(first);
    const second = await connected(server.url);
    await answered(second);
    const third = await connected(server.url);
    third.on('data', () => assert.fail('it was answered'));
    await closed(third);
    await answered(second);
    first.destroy();
    for (let isAnswered = false; !isAnswered; ) {
      const next = await connected(server.url);
      isAnswered = await answered(next).then(
        () => true,
        () => false, // dropped: the first one's place is not free yet
      );
      next.destroy();
    }
    second.destroy();
  });

  test('cuts a connection on which nothing moves', async () => {
    assert.equal(loadConfig({ ANNALS_CONNECTION_IDLE_SECONDS: '5' }).limits.connectionIdleMs, 5_000);
    await using folder = await serverFolder();
    const limits = { ...folder.config.limits, connectionIdleMs: 50 };
    await using server = await served({ ...folder.config, limits });
    const startedAt = performance.now();
    const socket = await connected(server.url);
    socket.resume();
    await closed(socket);
    assert.ok(performance.now() - startedAt < 10_000);
  });
});

suite('an export job', () => {
  test('fails for good at its third try', async () => {
    await using folder = await serverFolder();
    await newJob(folder);
    const ends: string[] = [];
    for (const owner of ['one', 'two', 'three']) {
      const job = await folder.parts.jobs.claim(owner);
      assert.ok(job);
      ends.push(await folder.parts.jobs.endTry({ jobId: job.id, owner }, job, 'the disk was full', 0));
    }
    assert.deepEqual(ends, ['scheduled', 'scheduled', 'failed']);
    assert.equal(await folder.parts.jobs.claim('four'), null);
  });
});
