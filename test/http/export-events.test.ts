import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { streamLimits } from '../../src/http/event-streams.ts';
import type { Parts } from '../../src/parts.ts';
import type { ExportBody } from './console-exports.test.ts';
import { EventReader } from './event-reader.ts';
import { anEntry, Fixture, type FixtureOptions } from './fixture.ts';

const path = '/api/v1/exports/events';

/** A fixture that listens. */
async function listening(
  options: FixtureOptions = {},
): Promise<{ fixture: Fixture; address: string } & AsyncDisposable> {
  const fixture = await Fixture.open(options);
  const address = await fixture.server.listen({ host: '127.0.0.1', port: 0 });
  return { fixture, address, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

function follow(address: string, token: string): Promise<EventReader> {
  return EventReader.open(`${address}${path}`, { authorization: `Bearer ${token}` });
}

async function nextExport(reader: EventReader): Promise<ExportBody> {
  const event = await reader.next();
  assert.equal(event?.event, 'export');
  return JSON.parse(event?.data ?? '');
}

async function created(fixture: Fixture, token = fixture.org.token): Promise<string> {
  const answer = await fixture.inject({ method: 'POST', url: '/api/v1/exports', token });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().export.id;
}

suite('the stream of events', () => {
  test('tells of an export from its creation to its end, as reading it does', async () => {
    await using server = await listening();
    const { fixture } = server;
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: [anEntry(), anEntry()] });
    await using reader = await follow(server.address, fixture.org.token);
    assert.equal(reader.headers.get('content-type'), 'text/event-stream;charset=UTF-8');
    assert.equal(reader.headers.get('cache-control'), 'no-store');
    assert.equal(reader.headers.get('x-accel-buffering'), 'no');
    const id = await created(fixture);
    const first = await nextExport(reader);
    assert.deepEqual([first.id, first.status], [id, 'scheduled']);
    await fixture.runJobs();
    let last = first;
    while (last.status !== 'finished') last = await nextExport(reader);
    assert.deepEqual(last, (await fixture.inject({ url: `/api/v1/exports/${id}` })).json().export);
    assert.deepEqual([last.entries, last.total_entries], [2, 2]);
  });

  test('tells of a change that a command beside the server makes', async () => {
    await using server = await listening();
    const { fixture, address } = server;
    await using reader = await follow(address, fixture.org.token);
    const { openParts } = await import('../../src/app.ts');
    await using beside = await openParts(fixture.parts.config, { mode: 'command', log: fixture.parts.log });
    const id = await created(fixture);
    assert.equal((await nextExport(reader)).status, 'scheduled');
    assert.equal((await beside.jobs.claim('beside'))?.id, id);
    assert.equal((await nextExport(reader)).status, 'progress');
  });

  test('tells how far a run is while the row says nothing of it', async () => {
    const done = { entries: 0, total: 9 };
    const wrap = (parts: Parts): Parts => ({ ...parts, progressOf: () => ({ ...done }) });
    await using server = await listening({ wrap });
    const { fixture, address } = server;
    await created(fixture);
    await fixture.parts.jobs.claim('a');
    await using reader = await follow(address, fixture.org.token);
    for (const entries of [3, 6]) {
      done.entries = entries;
      const told = await nextExport(reader);
      assert.deepEqual([told.entries, told.total_entries], [entries, 9]);
    }
  });

  test("tells a user of their own, an administrator of all, and nobody of another organisation's", async () => {
    await using server = await listening();
    const { fixture, address } = server;
    const member = await fixture.addUser('member@example.com');
    const other = await fixture.addOrg('other@example.org');
    await using own = await follow(address, member.token);
    await using all = await follow(address, fixture.org.token);
    await using foreign = await follow(address, other.token);
    const another = await created(fixture, other.token);
    const admins = await created(fixture);
    // One after the other: what the member must not be told would come first.
    assert.equal((await nextExport(all)).id, admins);
    const members = await created(fixture, member.token);
    assert.equal((await nextExport(all)).id, members);
    assert.equal((await nextExport(own)).id, members);
    assert.equal((await nextExport(foreign)).id, another);
    await created(fixture, (await fixture.addUser('third@example.com')).token);
    assert.notEqual((await nextExport(all)).id, members);
    await fixture.parts.access.revoke(member.token);
    await fixture.parts.access.revoke(other.token);
    assert.deepEqual([await own.next(), await foreign.next()], [null, null]);
  });

  test('ends when its token is revoked, its user is not active any more, or its profile loses the audit log', async () => {
    await using server = await listening();
    const { fixture, address } = server;
    const { directory, access } = fixture.parts;
    const org = fixture.org.zgid;
    const barred = (await directory.profiles(org)).find(({ mayUseAuditLog }) => !mayUseAuditLog);
    const ways: ((user: { id: string; token: string }) => Promise<unknown>)[] = [
      ({ token }) => access.revoke(token),
      ({ id }) => directory.updateUser(org, id, { status: 'inactive' }),
      ({ id }) => directory.updateUser(org, id, { profileId: barred?.id ?? '' }),
    ];
    for (const [index, end] of ways.entries()) {
      const user = await fixture.addUser(`user${index}@example.com`);
      await using reader = await follow(address, user.token);
      await end(user);
      assert.equal(await reader.next(), null);
    }
  });

  test('ends when the time of its token is over', async () => {
    await using server = await listening();
    await using reader = await follow(server.address, server.fixture.org.token);
    server.fixture.now += 3_600_000;
    assert.equal(await reader.next(), null);
  });

  test('takes a session, ends with it, and is no use of it', async () => {
    await using server = await listening();
    const { fixture, address } = server;
    const headers = await fixture.session();
    await using reader = await EventReader.open(`${address}${path}`, headers);
    fixture.now += 3_600_000;
    const id = await created(fixture, await fixture.token());
    assert.equal((await nextExport(reader)).id, id);
    const seen = await fixture.parts.db.selectFrom('sessions').select('seen_at').executeTakeFirstOrThrow();
    assert.equal(seen.seen_at, fixture.now - 3_600_000);
    const out = await fixture.inject({ method: 'DELETE', url: '/api/v1/session', token: null, headers });
    assert.equal(out.statusCode, 204);
    assert.equal(await reader.next(), null);
  });

  test('is open so many times for one user, and has room again when one is left', async () => {
    await using server = await listening();
    const { fixture, address } = server;
    const readers: EventReader[] = [];
    for (let count = 0; count < streamLimits.perUser; count += 1) {
      readers.push(await follow(address, fixture.org.token));
    }
    const refused = await fixture.inject({ url: path });
    assert.deepEqual([refused.statusCode, refused.json().code], [429, 'TOO_MANY_REQUESTS']);
    assert.equal(refused.headers['retry-after'], '5');
    const { token } = await fixture.addUser('member@example.com');
    await using _other = await follow(address, token);
    await readers.pop()?.[Symbol.asyncDispose]();
    let status = 429;
    while (status === 429) {
      const answer = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${fixture.org.token}` } });
      status = answer.status;
      await answer.body?.cancel();
    }
    assert.equal(status, 200);
    for (const reader of readers) await reader[Symbol.asyncDispose]();
  });

  test('tells in a HEAD what a GET would say, and ends at once', async () => {
    await using fixture = await Fixture.open();
    const answer = await fixture.inject({ method: 'HEAD', url: path });
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'text/event-stream;charset=UTF-8']);
  });

  test('ends when the database cannot be read, so that the client comes again', async () => {
    let isBroken = false;
    const wrap = (parts: Parts): Parts => ({
      ...parts,
      jobs: new Proxy(parts.jobs, {
        get: (jobs, name) => {
          if (name === 'listed' && isBroken) return () => Promise.reject(new Error('the disk is gone'));
          const value: unknown = Reflect.get(jobs, name);
          return typeof value === 'function' ? value.bind(jobs) : value;
        },
      }),
    });
    await using server = await listening({ wrap });
    await using reader = await follow(server.address, server.fixture.org.token);
    isBroken = true;
    await created(server.fixture);
    assert.equal(await reader.next(), null);
  });
});
