/** What the parts promise only once they are put together. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { placesIn } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import type { WholeJob } from '../src/export/jobs.ts';
import { failedTry, wholeLog } from './export/job-setup.ts';
import { answered, closed, connected, type ServerFolder, served, serverFolder } from './server-setup.ts';

function newJob({ parts, org, adminId }: ServerFolder): Promise<WholeJob> {
  const query = {
    org,
    from: 0,
    to: 1e9,
    actions: null,
    modules: null,
    doneBy: null,
    words: null,
    record: null,
    visibleTo: null,
    asOf: 0,
  };
  return parts.jobs.create({ org, createdBy: { id: adminId, name: 'Admin' }, criteria: null, filter: wholeLog, query });
}

/** The job once it is. A lease that a dead process holds would last for 30 seconds. */
async function finished({ parts, org }: ServerFolder, id: string): Promise<WholeJob> {
  for (const startedAt = performance.now(); ; await wait(10)) {
    const job = await parts.jobs.get(org, id);
    if (job?.status === 'finished') return job;
    assert.ok(performance.now() - startedAt < 15_000, `after 15 seconds it is ${job?.status}`);
  }
}

suite('a server', () => {
  test('takes up at its start what a dead process was exporting, and does not count it as a try', async () => {
    await using folder = await serverFolder();
    const { id } = await newJob(folder);
    assert.equal((await folder.parts.jobs.claim('dead'))?.status, 'progress');
    await using _server = await served(folder.config);
    assert.equal((await finished(folder, id)).attempts, 1);
  });

  test('makes links of the origins in its settings, and keeps results for as many days as they say', async () => {
    await using folder = await serverFolder({
      ANNALS_PUBLIC_URL: 'https://audit.example.com',
      ANNALS_DOWNLOAD_URL: 'https://files.example.com',
      ANNALS_RESULT_DAYS: '3',
    });
    const { id } = await newJob(folder);
    await using server = await served(folder.config);
    const { endedAt, expiresAt } = await finished(folder, id);
    assert.equal((expiresAt ?? 0) - (endedAt ?? 0), 3 * 86_400_000);
    const answer = await fetch(`${server.url}/crm/v8/settings/audit_log_export/${id}`, {
      headers: { authorization: `Zoho-oauthtoken ${folder.token}` },
    });
    const link = `https://files.example.com/v2/crm/${folder.org}/auditlog/${id}/AuditLog.csv`;
    assert.ok((await answer.text()).includes(`"${link}"`));
    const told = JSON.parse(await readFile(placesIn(folder.config.dataDir).address, 'utf8'));
    assert.equal(told.url, 'https://audit.example.com');
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
      ends.push(await folder.parts.jobs.endTry({ jobId: job.id, owner }, job, failedTry(), 0));
    }
    assert.deepEqual(ends, ['scheduled', 'scheduled', 'failed']);
    assert.equal(await folder.parts.jobs.claim('four'), null);
  });
});
