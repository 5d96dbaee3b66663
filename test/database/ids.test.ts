import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { openDatabase } from '../../src/database/database.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import { rival, scratchFolder } from './scratch.ts';

const noon = Date.UTC(2026, 6, 13, 12);

suite('ids', () => {
  test('they have 18 or 19 digits, whatever the clock says', async () => {
    for (const now of [0, Date.UTC(2020, 0, 1), noon, Date.UTC(2088, 0, 1)]) {
      await using db = await openDatabase(':memory:');
      assert.match(await new IdAllocator(db, () => now).next(), /^[1-9][0-9]{17,18}$/, String(now));
    }
  });

  test('they follow each other, and a count is a gapless run', async () => {
    await using db = await openDatabase(':memory:');
    const ids = new IdAllocator(db, () => noon);
    const first = await ids.take(1);
    assert.equal(await ids.take(10), first + 1n);
    assert.equal(await ids.take(1), first + 11n);
  });

  test('a count bigger than a block is one run', async () => {
    await using db = await openDatabase(':memory:');
    const ids = new IdAllocator(db, () => noon);
    const first = await ids.take(1);
    const many = await ids.take(1_000_000);
    assert.ok(many > first);
    assert.ok((await ids.take(1)) >= many + 1_000_000n);
  });

  test('calls at the same time get ids in the order of the calls', async () => {
    await using db = await openDatabase(':memory:');
    const ids = new IdAllocator(db, () => noon);
    const taken = await Promise.all(Array.from({ length: 500 }, () => ids.take(300)));
    for (const [index, id] of taken.entries()) {
      if (index > 0) assert.ok(id >= (taken[index - 1] ?? 0n) + 300n);
    }
  });
});

suite('ids of several allocators, and of a clock that jumps', () => {
  test('they increase while the clock goes backwards', async () => {
    await using db = await openDatabase(':memory:');
    let now = noon;
    const ids = new IdAllocator(db, () => now);
    let last = 0n;
    for (let n = 0; n < 20; n += 1) {
      now -= 7_000;
      const id = await ids.take(5);
      assert.ok(id > last);
      last = id + 4n;
    }
    const restarted = await new IdAllocator(db, () => 0).take(1);
    assert.ok(restarted > last);
  });

  test('of two that share a database, who asks a second later gets the greater id', async () => {
    await using db = await openDatabase(':memory:');
    let now = noon;
    const [one, other] = [new IdAllocator(db, () => now), new IdAllocator(db, () => now)];
    let last = await one.take(1);
    for (let n = 0; n < 10; n += 1) {
      now += 1_001;
      const id = await (n % 2 === 0 ? other : one).take(1);
      assert.ok(id > last);
      last = id;
    }
  });

  test('no id is given twice by several processes', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await (await openDatabase(file)).destroy();
    const others = [rival(file, 'ids'), rival(file, 'ids')];
    for (const other of others) await other.ready;
    for (const other of others) other.start();
    const runs: { first: bigint; count: bigint }[] = [];
    for (const other of others) {
      const taken = (await other.result) as string[];
      assert.deepEqual(taken, taken.toSorted());
      runs.push(...taken.map((id, n) => ({ first: BigInt(id), count: n % 10 === 0 ? 70_000n : 1n })));
    }
    runs.sort((a, b) => (a.first < b.first ? -1 : 1));
    for (const [index, run] of runs.entries()) {
      const before = runs[index - 1];
      if (before) assert.ok(before.first + before.count <= run.first);
    }
  });

  test('a clock beyond what ids can hold is an error, and does no lasting harm', async () => {
    await using db = await openDatabase(':memory:');
    await assert.rejects(new IdAllocator(db, () => Date.UTC(2100, 0, 1)).take(1), /clock/);
    assert.match(await new IdAllocator(db, () => noon).next(), /^[1-9][0-9]{17}$/);
  });

  test('what is at hand is given at once, in one order with what is waited for', async () => {
    await using db = await openDatabase(':memory:');
    let now = noon;
    const ids = new IdAllocator(db, () => now);
    assert.equal(ids.takeAtHand(1), null);
    const first = await ids.take(3);
    assert.equal(ids.takeAtHand(2), first + 3n);
    assert.equal(await ids.take(1), first + 5n);
    // More than there is: nothing is taken.
    assert.equal(ids.takeAtHand(70_000), null);
    const waiting = ids.take(70_000);
    const atHand = ids.takeAtHand(1);
    assert.equal(atHand, first + 6n);
    assert.ok((await waiting) > first + 6n);
    now += 1_001;
    assert.equal(ids.takeAtHand(1), null);
    for (const count of [0, 1.5]) assert.throws(() => ids.takeAtHand(count), RangeError);
  });

  test('a count that is no count is refused, and the next call is served', async () => {
    await using db = await openDatabase(':memory:');
    const ids = new IdAllocator(db, () => noon);
    for (const count of [0, -1, 1.5, Number.NaN]) await assert.rejects(ids.take(count), RangeError);
    assert.ok((await ids.take(1)) > 0n);
  });
});
