/** How a server stops while work is running. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ExportWorkers } from '../src/export/worker.ts';
import { EventReader } from './http/event-reader.ts';
import { someRows } from './ledger/rows.ts';
import { closed, connected, type ServerFolder, served, serverFolder } from './server-setup.ts';

/** A request that has begun and never goes on: what the server waits for when it stops. */
async function stalledRequest(url: string, token: string) {
  const socket = await connected(url);
  const head = `Host: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/x-ndjson\r\n`;
  const begun = new Promise<void>((done) => socket.once('data', () => done()));
  socket.write(`POST /api/v1/entries HTTP/1.1\r\n${head}Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n`);
  await begun;
  return socket;
}

function refusalOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done, fail) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', (error) => done('code' in error ? String(error.code) : error.message));
    socket.once('connect', () => fail(new Error('the connection was accepted')));
  });
}

/** An export of everything, once it runs: asked for at the server, so that it starts at once. */
async function runningJob({ parts, org, token }: ServerFolder, url: string): Promise<string> {
  const asked = await fetch(`${url}/crm/v8/settings/audit_log_export`, {
    method: 'POST',
    headers: { authorization: `Zoho-oauthtoken ${token}` },
  });
  assert.equal(asked.status, 200);
  const [job] = await parts.jobs.list(org, { createdBy: null });
  assert.ok(job);
  while ((await parts.jobs.get(org, job.id))?.status === 'scheduled') await wait(5);
  return job.id;
}

suite('a server that is told to stop', () => {
  test('takes no more than its time, though an export and a request are running, and gives the job back', async () => {
    await using folder = await serverFolder();
    const { parts, org } = folder;
    const time = Math.floor(Date.now() / 1000) - 60;
    // More than can be exported within the time.
    for (let first = 0; first < 60_000; first += 20_000) {
      await parts.ledger.append(org, someRows(first, 20_000, { time }), { client: 'test', arrivedAt: 0 });
    }
    const graceMs = 50;
    await using server = await served({ ...folder.config, shutdownMs: graceMs });
    const socket = await stalledRequest(server.url, folder.token);
    const id = await runningJob(folder, server.url);
    const startedAt = performance.now();
    await server.stop();
    const took = performance.now() - startedAt;
    assert.ok(took < graceMs + 4_000, `it took ${Math.round(took)} ms`);
    await closed(socket);
    const job = await parts.jobs.get(org, id);
    assert.deepEqual([job?.status, job?.attempts], ['scheduled', 0]);
    assert.deepEqual(await Array.fromAsync(parts.results.keys()), []);
  });

  test('cuts a stream of entries off when the time is over, and keeps what it had recorded', async () => {
    await using folder = await serverFolder();
    const { parts, org } = folder;
    await using server = await served({ ...folder.config, shutdownMs: 50 });
    const socket = await stalledRequest(server.url, folder.token);
    const line = '{"action":"added","done_by":{"name":"Ada"},"module":{"api_name":"Leads"},"record":{"name":"R"}}\n';
    const body = line.repeat(500);
    socket.write(`${body.length.toString(16)}\r\n${body}\r\n`);
    while ((await parts.ledger.lastArrival(org)) < 500) await wait(5);
    const startedAt = performance.now();
    await server.stop();
    const took = performance.now() - startedAt;
    assert.ok(took < 4_050, `it took ${Math.round(took)} ms`);
    await closed(socket);
    assert.equal(await parts.ledger.lastArrival(org), 500);
  });

  test('ends streams of events at once, though it would wait long for a request', async () => {
    await using folder = await serverFolder({ ANNALS_SHUTDOWN_SECONDS: '30' });
    await using server = await served(folder.config);
    const headers = { authorization: `Bearer ${folder.token}` };
    await using reader = await EventReader.open(`${server.url}/api/v1/exports/events`, headers);
    const startedAt = performance.now();
    await server.stop();
    const took = performance.now() - startedAt;
    assert.ok(took < 4_000, `it took ${Math.round(took)} ms`);
    assert.equal(await reader.next(), null);
  });

  test('takes no new connection from then on, and gives requests and exports the same time, not one after the other', async (t) => {
    await using folder = await serverFolder({ ANNALS_SHUTDOWN_SECONDS: '30' });
    await using server = await served(folder.config);
    const exported = Promise.withResolvers<void>();
    // An export that takes as long as it likes.
    const end = ExportWorkers.prototype.stop;
    const stop = t.mock.method(ExportWorkers.prototype, 'stop', async function (this: ExportWorkers, graceMs: number) {
      await exported.promise;
      await end.call(this, graceMs);
    });
    const socket = await stalledRequest(server.url, folder.token);
    const stopped = server.stop();
    while ((await refusalOf(server.url).catch(() => null)) !== 'ECONNREFUSED') await wait(5);
    assert.equal(socket.closed, false);
    assert.deepEqual(
      stop.mock.calls.map((call) => call.arguments),
      [[30_000]],
    );
    socket.destroy();
    exported.resolve();
    await stopped;
  });
});
