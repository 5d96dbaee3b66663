import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Kysely, sql } from 'kysely';
import { Failure } from '../../src/audit/failure.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Migration, migrate } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/all.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { rival, scratchFolder } from './scratch.ts';

async function emptyDatabase(location = ':memory:'): Promise<Kysely<Record<string, Record<string, unknown>>>> {
  const { dialect } = await openSqlite(location);
  return new Kysely({ dialect });
}

suite('the database', () => {
  test('a new one is made with its folder, readable by its owner only', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'data', 'annals.sqlite');
    await using db = await openDatabase(file);
    await db.insertInto('id_allocator').values({ name: 'x', next: '1' }).execute();
    assert.equal((await stat(join(scratch.path, 'data'))).mode & 0o777, 0o700);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) assert.equal((await stat(name)).mode & 0o777, 0o600, name);
  });

  test('what was committed is there when it is opened again', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    {
      await using db = await openDatabase(file);
      await db.insertInto('id_allocator').values({ name: 'x', next: '1' }).execute();
    }
    await using db = await openDatabase(file);
    assert.deepEqual(await db.selectFrom('id_allocator').selectAll().execute(), [{ name: 'x', next: '1' }]);
  });

  test('a commit reaches the disk, and foreign keys hold', async () => {
    await using scratch = await scratchFolder();
    await using db = await openDatabase(join(scratch.path, 'annals.sqlite'));
    const pragma = async (name: string): Promise<unknown> => (await sql.raw(`pragma ${name}`).execute(db)).rows;
    assert.deepEqual(await pragma('journal_mode'), [{ journal_mode: 'wal' }]);
    assert.deepEqual(await pragma('synchronous'), [{ synchronous: 2 }]);
    assert.deepEqual(await pragma('foreign_keys'), [{ foreign_keys: 1 }]);
    await assert.rejects(
      db
        .insertInto('profiles')
        .values({ org: '1', id: '1', name: 'x', is_administrator: 0, may_use_audit_log: 0 })
        .execute(),
      /FOREIGN KEY/,
    );
  });

  test('a place that cannot be written is a failure that says so', async () => {
    await using scratch = await scratchFolder();
    await mkdir(join(scratch.path, 'annals.sqlite'));
    await assert.rejects(openDatabase(join(scratch.path, 'annals.sqlite')), { code: 'EISDIR' });
  });

  test('a full disk is SERVICE_UNAVAILABLE, and the transaction leaves nothing behind', async () => {
    await using scratch = await scratchFolder();
    await using db = await openDatabase(join(scratch.path, 'annals.sqlite'));
    await sql`pragma max_page_count = 1`.execute(db);
    const text = 'x'.repeat(1_000);
    const filling = db.transaction().execute(async (trx) => {
      for (let n = 0; n < 1_000; n += 1) {
        await trx
          .insertInto('id_allocator')
          .values({ name: `${n} ${text}`, next: text })
          .execute();
      }
    });
    await assert.rejects(filling, (error) => error instanceof Failure && error.code === 'SERVICE_UNAVAILABLE');
    assert.deepEqual(await db.selectFrom('id_allocator').selectAll().execute(), []);
  });
});

suite('transactions', () => {
  test('reading and then writing in one is safe beside another process that does the same', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using db = await openDatabase(file);
    await db.insertInto('id_allocator').values({ name: 'test', next: '0' }).execute();
    const others = [rival(file, 'count'), rival(file, 'count')];
    for (const other of others) await other.ready;
    for (const other of others) other.start();
    for (const other of others) assert.equal(await other.result, 'counted');
    assert.deepEqual(await db.selectFrom('id_allocator').select('next').execute(), [{ next: '200' }]);
  });

  test('one that throws is undone', async () => {
    await using db = await openDatabase(':memory:');
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto('id_allocator').values({ name: 'x', next: '1' }).execute();
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.deepEqual(await db.selectFrom('id_allocator').selectAll().execute(), []);
  });
});

suite('migrations', () => {
  const failing: Migration = {
    name: '9999-fails',
    up: async (trx) => {
      await sql`create table half_done (id text)`.execute(trx);
      throw new Error('no');
    },
  };

  test('running them again changes nothing', async () => {
    await using db = await emptyDatabase();
    await migrate(db, migrations);
    const before = await sql`select * from migrations`.execute(db);
    await migrate(db, migrations);
    assert.deepEqual(await sql`select * from migrations`.execute(db), before);
    assert.equal(before.rows.length, migrations.length);
  });

  test('two processes that open a new file at once both get on', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    const others = [rival(file, 'open'), rival(file, 'open'), rival(file, 'open')];
    for (const other of others) await other.ready;
    for (const other of others) other.start();
    for (const other of others) assert.equal(await other.result, 'opened');
    await using db = await openDatabase(file);
    const applied = await sql<{ version: number }>`select version from migrations`.execute(db);
    assert.deepEqual(
      applied.rows,
      migrations.map((_, index) => ({ version: index + 1 })),
    );
  });

  test('a database of a newer version is refused, and left as it is', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    const later: Migration = {
      name: '9999-later',
      up: async (trx) => void (await sql`create table later (id text)`.execute(trx)),
    };
    {
      await using db = await emptyDatabase(file);
      await migrate(db, [...migrations, later]);
    }
    await assert.rejects(openDatabase(file), /newer version of Annals.*"9999-later"/);
    await using db = await emptyDatabase(file);
    await migrate(db, [...migrations, later]);
  });

  test('a step that fails is named and leaves nothing; the steps before it stay', async () => {
    await using db = await emptyDatabase();
    const number = migrations.length + 1;
    await assert.rejects(migrate(db, [...migrations, failing]), new RegExp(`change ${number} \\("9999-fails"\\)`));
    const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db);
    const names = tables.rows.map((row) => row.name);
    assert.ok(names.includes('users'));
    assert.ok(!names.includes('half_done'));
    await migrate(db, migrations);
  });

  test('their names are numbered in their order', () => {
    for (const [index, { name }] of migrations.entries()) {
      assert.match(name, new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z-]+$`));
    }
  });
});
