import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { openDatabase, type WatchedDatabase } from '../../src/database/database.ts';
import { Kept } from '../../src/database/kept.ts';
import { rival, scratchFolder } from './scratch.ts';

async function put(db: Pick<WatchedDatabase, 'insertInto'>, next: string): Promise<void> {
  await db
    .insertInto('id_allocator')
    .values({ name: 'test', next })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ next }))
    .execute();
}

async function stored(db: Pick<WatchedDatabase, 'selectFrom'>): Promise<string> {
  const row = await db.selectFrom('id_allocator').select('next').where('name', '=', 'test').executeTakeFirst();
  return row?.next ?? '';
}

suite('the mark of changes', () => {
  test('changes with every write of either of two connections, and with nothing else', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using here = await openDatabase(file);
    await using there = await openDatabase(file);
    let last = 0;
    const steps = {
      'write here': () => put(here, String(++last)),
      'write there': () => put(there, String(++last)),
      'write in a transaction here': () => here.transaction().execute((trx) => put(trx, String(++last))),
      'write in a transaction there': () => there.transaction().execute((trx) => put(trx, String(++last))),
      'read here': () => stored(here),
      'read there': () => stored(there),
      'an empty transaction there': () => there.transaction().execute(() => Promise.resolve()),
    } as const;
    const names = Object.keys(steps) as (keyof typeof steps)[]; // the keys of the literal above
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 12 }), async (taken) => {
        const before = here.changes.mark();
        for (const step of taken) await steps[step]();
        const hasWritten = taken.some((step) => step.startsWith('write'));
        assert.equal(here.changes.mark() !== before, hasWritten);
      }),
      { numRuns: 60 },
    );
  });

  test('changes when another process has written', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using db = await openDatabase(file);
    await put(db, '0');
    const other = rival(file, 'count');
    await other.ready;
    const before = db.changes.mark();
    other.start();
    assert.equal(await other.result, 'counted');
    assert.notEqual(db.changes.mark(), before);
  });

  test('counts what an open transaction has written, also when it is undone', async () => {
    await using db = await openDatabase(':memory:');
    const before = db.changes.mark();
    let within: number | null = before;
    const failing = db.transaction().execute(async (trx) => {
      await put(trx, '1');
      within = db.changes.mark();
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.notEqual(within, before);
  });
});

suite('a kept value', () => {
  test('is made once, until something is written, here or elsewhere', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using here = await openDatabase(file);
    await using there = await openDatabase(file);
    await put(here, 'first');
    const kept = new Kept<string>(here.changes, 10);
    let made = 0;
    const get = () =>
      kept.get('a', () => {
        made += 1;
        return stored(here);
      });
    assert.deepEqual([await get(), await get(), made], ['first', 'first', 1]);
    await put(there, 'second');
    assert.deepEqual([await get(), await get(), made], ['second', 'second', 2]);
    await put(here, 'third');
    assert.deepEqual([await get(), await get(), made], ['third', 'third', 3]);
  });

  test('is made once for all who ask while it is being made', async () => {
    await using db = await openDatabase(':memory:');
    const kept = new Kept<string>(db.changes, 10);
    let made = 0;
    const make = async () => {
      made += 1;
      return stored(db);
    };
    await Promise.all(Array.from({ length: 64 }, () => kept.get('a', make)));
    assert.equal(made, 1);
  });

  test('is never older than a write that was over before it was asked for, however they interleave', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using here = await openDatabase(file);
    await using there = await openDatabase(file);
    const kept = new Kept<number>(here.changes, 2);
    let committed = 0;
    const write = async (db: WatchedDatabase): Promise<void> => {
      await sql`update id_allocator set next = next + 1 where name = 'test'`.execute(db);
      committed += 1;
    };
    const ask = async (key: string): Promise<void> => {
      const atLeast = committed;
      const found = await kept.get(key, async () => {
        const first = Number(await stored(here));
        await Promise.resolve();
        return Math.min(first, Number(await stored(here)));
      });
      assert.ok(found !== null && found >= atLeast, `${found} is older than ${atLeast}`);
    };
    const step = fc.constantFrom('here', 'there', 'a', 'b', 'c', 'wait');
    await put(here, '0');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (taken) => {
        const open: Promise<void>[] = [];
        for (const one of taken) {
          // One at a time, as another process would do it: two of the same thread would wait for each other.
          if (one === 'there') await write(there);
          else if (one === 'here') open.push(write(here));
          else if (one === 'wait') await Promise.all(open);
          else open.push(ask(one));
        }
        await Promise.all(open);
      }),
      { numRuns: 60 },
    );
  });

  test('is forgotten when it is nothing, or could not be made', async () => {
    await using db = await openDatabase(':memory:');
    const kept = new Kept<string>(db.changes, 10);
    assert.equal(await kept.get('a', () => Promise.resolve(null)), null);
    await assert.rejects(
      kept.get('a', () => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal(await kept.get('a', () => Promise.resolve('there')), 'there');
  });

  test('makes room for newer ones beyond the limit', async () => {
    await using db = await openDatabase(':memory:');
    const kept = new Kept<string>(db.changes, 2);
    const made: string[] = [];
    const get = (key: string) =>
      kept.get(key, async () => {
        made.push(key);
        return key;
      });
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) assert.equal(await get(key), key);
    assert.deepEqual(made, ['a', 'b', 'c', 'a']);
  });

  test('is not kept at all where changes cannot be told', async () => {
    const kept = new Kept<string>({ mark: () => null }, 2);
    let made = 0;
    for (let n = 0; n < 2; n += 1) await kept.get('a', async () => String(++made));
    assert.equal(made, 2);
  });
});
