import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Failure } from '../../src/audit/failure.ts';
import type { IntakeDesk } from '../../src/intake/desk.ts';
import { Intake, type StreamTask } from '../../src/intake/intake.ts';
import { type House, now, openHouse } from './house.ts';
import { PushedFeed } from './pushed-feed.ts';

function aLine(change: object = {}): string {
  const line = {
    action: 'added',
    done_by: { id: '7', name: 'Ada' },
    module: { api_name: 'Leads' },
    record: { name: 'R' },
  };
  return `${JSON.stringify({ ...line, ...change })}\n`;
}

function numbered(first: number, count: number, change: object = {}): string {
  const at = (n: number) => ({ id: String(n), audited_time: '2026-06-01T10:00:00Z', record: { name: `R ${n}` } });
  return Array.from({ length: count }, (_, index) => aLine({ ...at(first + index), ...change })).join('');
}

function taskOf(house: House, change: Partial<StreamTask> = {}): StreamTask {
  return {
    desk: house.recorder.deskOf(house.zgid, 'test'),
    timeZone: house.zone.timeZone,
    maxLineBytes: 100_000,
    maxRejected: 1000,
    maxDepth: 32,
    onProgress: () => {},
    ...change,
  };
}

async function arrived(house: House) {
  const rows = await house.ledger.page(house.query(), null, 100_000);
  return rows.toSorted((one, other) => one.arrival - other.arrival);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

suite('the intake', () => {
  test('records a stream line by line, completes what it lacks and names the bad lines', async () => {
    await using house = await openHouse('Asia/Kolkata');
    await using intake = new Intake();
    const feed = new PushedFeed();
    const progress: number[] = [];
    const counts = intake.record(feed, taskOf(house, { onProgress: ({ accepted }) => progress.push(accepted) }));
    const [first = '', second = ''] = [numbered(1, 1), numbered(2, 1)];
    feed.push(`\ufeff${first.slice(0, 30)}`);
    feed.push(`${first.slice(30)}no JSON\r\n\n${first}${aLine({ done_by: { name: 'Bo' }, extra: 1 })}`);
    feed.push(aLine({ done_by: { id: '7' } }) + aLine({ done_by: { name: 'Bo' } }) + numbered(1, 1, { action: 'x' }));
    feed.push(second.trimEnd());
    feed.end();
    const { accepted, duplicates, rejected } = await counts;
    assert.deepEqual([accepted, duplicates, progress.at(-1)], [4, 1, 4]);
    assert.deepEqual(
      rejected.map(({ line, code, jsonPath }) => [line, code, jsonPath]),
      [
        [2, 'INVALID_DATA', '$'],
        [5, 'INVALID_DATA', '$.extra'],
        [8, 'DUPLICATE_DATA', '$.id'],
      ],
    );
    const rows = await arrived(house);
    assert.deepEqual(
      rows.map(({ line }) => line.split(',').slice(0, 4).join()),
      ['Ada,added,Leads,R 1', 'Ada,added,Leads,R', 'Bo,added,Leads,R', 'Ada,added,Leads,R 2'],
    );
    assert.deepEqual([rows[1]?.time, rows[2]?.time], [now, now]);
    assert.ok((rows[1]?.id ?? 0n) < (rows[2]?.id ?? 0n));
    assert.match(rows[0]?.line ?? '', /2026-06-01T15:30:00\+05:30/);
    assert.ok(feed.isClosed);
  });

  test('takes an entry that is sent again for what it is, although its user has got a name meanwhile', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const send = async (text: string) => {
      const feed = new PushedFeed();
      const counts = intake.record(feed, taskOf(house));
      feed.push(text);
      feed.end();
      const { accepted, duplicates, rejected } = await counts;
      return [accepted, duplicates, rejected.length];
    };
    const nameless = numbered(1, 3, { done_by: { id: '9' } });
    assert.deepEqual(await send(nameless), [3, 0, 0]);
    assert.deepEqual(await send(numbered(4, 1, { done_by: { id: '9', name: 'Eve' } })), [1, 0, 0]);
    assert.deepEqual(await send(nameless), [0, 3, 0]);
    assert.deepEqual(await send(numbered(1, 1, { done_by: { id: '9', name: 'Bob' } })), [0, 0, 1]);
  });

  test('keeps the order of each of two streams at once, and leaves no gap between their arrivals', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const feeds = [new PushedFeed(), new PushedFeed()];
    const counts = feeds.map((feed) => intake.record(feed, taskOf(house)));
    for (let part = 0; part < 20; part += 1) {
      for (const [place, feed] of feeds.entries()) feed.push(numbered(1 + place * 1_000_000 + part * 300, 300));
      await turn();
    }
    for (const feed of feeds) feed.end();
    assert.deepEqual(
      (await Promise.all(counts)).map(({ accepted }) => accepted),
      [6000, 6000],
    );
    const rows = await arrived(house);
    assert.deepEqual(
      rows.map((row) => row.arrival),
      Array.from({ length: 12_000 }, (_, index) => index + 1),
    );
    for (const isOf of [(id: bigint) => id < 1_000_000n, (id: bigint) => id > 1_000_000n]) {
      const ids = rows.map((row) => row.id).filter(isOf);
      assert.deepEqual(
        ids,
        ids.toSorted((one, other) => Number(one - other)),
      );
    }
  });

  test('holds the body up while the disk is slow, and goes on when it is not', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const slow = Promise.withResolvers<void>();
    const { desk } = taskOf(house);
    const append: IntakeDesk['append'] = async (columns) => {
      await slow.promise;
      return desk.append(columns);
    };
    const feed = new PushedFeed();
    const counts = intake.record(feed, taskOf(house, { desk: { ...desk, append } }));
    let sent = 0;
    let next = 1;
    const chunk = () => numbered(next, 50, { record: { name: 'x'.repeat(5000) } });
    // As a socket would: as long as it is not held up. What is held is bounded, though the body has no end.
    for (let quiet = 0; quiet < 200; ) {
      if (feed.isPaused) {
        await turn();
        quiet += 1;
        continue;
      }
      quiet = 0;
      feed.push(chunk());
      next += 50;
      sent += 250_000;
      assert.ok(sent < 20_000_000, 'the body piles up in memory');
      await turn();
    }
    slow.resolve();
    feed.end();
    assert.equal((await counts).accepted, next - 1);
    assert.equal(await house.ledger.lastArrival(house.zgid), next - 1);
  });

  test('stops at too many bad lines, also when the source does not end', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const feed = new PushedFeed();
    const counts = intake.record(feed, taskOf(house, { maxRejected: 3 }));
    feed.push(numbered(1, 1) + 'bad\n'.repeat(5) + numbered(2, 1));
    await assert.rejects(counts, (error: Failure) => {
      assert.equal(error.code, 'LIMIT_EXCEEDED');
      assert.deepEqual([error.details.line, error.details.accepted], [5, 1]);
      return true;
    });
    assert.ok(feed.isClosed);
    assert.equal(await house.ledger.lastArrival(house.zgid), 1);
  });

  test('has recorded what came before a source that breaks off, and throws what broke it', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const feed = new PushedFeed();
    const counts = intake.record(feed, taskOf(house));
    feed.push(numbered(1, 3) + numbered(4, 1).trimEnd());
    const gone = new Error('the client is gone');
    feed.end(gone);
    await assert.rejects(counts, (error) => error === gone);
    assert.equal(await house.ledger.lastArrival(house.zgid), 3);
  });

  test('throws what the ledger throws, and goes on with other streams', async () => {
    await using house = await openHouse();
    await using intake = new Intake();
    const feed = new PushedFeed();
    const full = new Error('the disk is full');
    const refusing: IntakeDesk = { ...taskOf(house).desk, append: () => Promise.reject(full) };
    const refused = intake.record(feed, taskOf(house, { desk: refusing }));
    feed.push(numbered(1, 3));
    const other = new PushedFeed();
    const counts = intake.record(other, taskOf(house));
    other.push(numbered(1, 3));
    feed.end();
    await assert.rejects(refused, (error) => error === full);
    other.end();
    assert.equal((await counts).accepted, 3);
  });

  test('fails the streams of a thread that dies with a clear answer, and replaces the thread', async () => {
    await using house = await openHouse();
    await using intake = new Intake(new URL('./mortal-thread.ts', import.meta.url));
    const feeds = [new PushedFeed(), new PushedFeed()];
    let recorded = 0;
    const onProgress: StreamTask['onProgress'] = ({ accepted }) => {
      recorded = accepted;
    };
    const streams = feeds.map((feed) => intake.record(feed, taskOf(house, { onProgress })));
    feeds[0]?.push(numbered(1, 3));
    await until(() => recorded === 3);
    feeds[1]?.push(aLine({ record: { name: 'deadly' } }));
    for (const stream of await Promise.allSettled(streams)) {
      assert.ok(stream.status === 'rejected');
      const { code, retryAfterSeconds, cause } = stream.reason as Failure;
      assert.deepEqual([code, retryAfterSeconds], ['SERVICE_UNAVAILABLE', 1]);
      assert.match(String(cause), /a deadly line/);
    }
    assert.ok(feeds.every((feed) => feed.isClosed));
    const feed = new PushedFeed();
    const counts = intake.record(feed, taskOf(house));
    feed.push(numbered(1, 5));
    feed.end();
    const { accepted, duplicates } = await counts;
    assert.deepEqual([accepted, duplicates], [2, 3]);
  });

  test('that is closed fails what is open', async () => {
    await using house = await openHouse();
    const intake = new Intake();
    const open = intake.record(new PushedFeed(), taskOf(house));
    await Promise.all([assert.rejects(open, { code: 'SERVICE_UNAVAILABLE' }), intake[Symbol.asyncDispose]()]);
  });
});
