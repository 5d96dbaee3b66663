import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { openForWriting, prepareFile } from '../../src/ledger/sqlite/file.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { aQuery, aRow, linesOf, org, sent, someRows, textOf } from './rows.ts';
import { scratchFolder, scratchLedger } from './scratch.ts';

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

suite("the ledger's file", () => {
  test('only its owner can read it, nor the files that SQLite puts beside it, nor the folder', async () => {
    await using folder = await scratchFolder();
    const data = join(folder.path, 'made', 'data');
    await using ledger = await SqliteLedger.open({ file: join(data, 'ledger.sqlite'), reads: 'thread' });
    await ledger.append(org, [aRow(1)], sent);
    assert.equal(await ledger.lastArrival(org), 1);
    assert.equal(await modeOf(data), '700');
    const files = (await readdir(data)).sort();
    assert.deepEqual(files, ['ledger.sqlite', 'ledger.sqlite-shm', 'ledger.sqlite-wal']);
    for (const name of files) assert.equal(await modeOf(join(data, name)), '600');
  });

  test('a commit reaches the disk before it is acknowledged: each is synced, in a write-ahead log', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await prepareFile(file);
    const connection = openForWriting(file, null);
    try {
      assert.equal(connection.pragma('synchronous', { simple: true }), 2); // FULL
      assert.equal(connection.pragma('journal_mode', { simple: true }), 'wal');
    } finally {
      connection.close();
    }
  });

  test('a closed ledger is one file, and opens again with all that it held', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    for (const reads of ['here', 'thread', 'here'] as const) {
      await using ledger = await SqliteLedger.open({ file, reads });
      await ledger.append(org, someRows(0, 2500), sent);
      assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(0, 2500)));
    }
    assert.deepEqual(await readdir(folder.path), ['ledger.sqlite']);
  });

  test('a ledger of a newer version, a file of another program and a file that is no database are refused', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await (await SqliteLedger.open({ file, reads: 'here' }))[Symbol.asyncDispose]();
    const newer = new BetterSqlite3(file);
    newer.pragma('user_version = 99');
    newer.close();
    await assert.rejects(SqliteLedger.open({ file, reads: 'here' }), /newer version of Annals.*99/);

    const foreign = join(folder.path, 'foreign.sqlite');
    new BetterSqlite3(foreign).exec('CREATE TABLE bookmarks (url TEXT)').close();
    await assert.rejects(SqliteLedger.open({ file: foreign, reads: 'here' }), /not a ledger/);
    await assert.rejects(SqliteLedger.open({ file: join(import.meta.dirname, 'rows.ts'), reads: 'here' }), {
      code: 'SERVICE_UNAVAILABLE',
    });
  });

  test('a read that is under way does not keep the log from being moved into the file', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await using ledger = await SqliteLedger.open({ file, reads: 'thread' });
    await ledger.append(org, someRows(0, 3000), sent);
    const chunks = ledger.chunks(aQuery(), { rowsPerFile: 100_000 })[Symbol.asyncIterator]();
    assert.equal((await chunks.next()).value?.rows, 1000);
    const other = new BetterSqlite3(file, { timeout: 0 });
    assert.deepEqual(other.pragma('wal_checkpoint(TRUNCATE)'), [{ busy: 0, log: 0, checkpointed: 0 }]);
    other.close();
    assert.equal((await chunks.next()).value?.rows, 1000);
    await chunks.return?.();
  });

  test('a long search does not hold up the reads beside it', async () => {
    await using ledger = await scratchLedger({ reads: 'thread' });
    for (let n = 0; n < 40; n += 1) await ledger.append(org, someRows(n * 1000, 1000), sent);
    const order: string[] = [];
    const search = ledger.count(aQuery({ modules: ['None'] })).then(() => order.push('search'));
    const question = ledger.lastArrival(org).then(() => order.push('question'));
    await Promise.all([search, question]);
    assert.deepEqual(order, ['question', 'search']);
  });
});

suite('a full disk', () => {
  test('refuses the call, stores none of it, and goes on with what still fits', async () => {
    await using ledger = await scratchLedger({ reads: 'here', maxBytes: 1024 * 1024 });
    const long = `${'x'.repeat(20_000)}\r\n`;
    let stored = 0;
    const isFull = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5, message: /full/ };
    await assert.rejects(async () => {
      for (; stored < 1000; stored += 10) await ledger.append(org, someRows(stored, 10, { line: long }), sent);
    }, isFull);
    assert.ok(stored > 0 && stored < 100, `${stored}`);
    await assert.rejects(ledger.append(org, someRows(stored, 10, { line: long }), { ...sent, client: 'new' }), isFull);
    assert.equal(await ledger.lastArrival(org), stored);
    assert.equal(await ledger.count(aQuery()), stored);
    assert.deepEqual(await ledger.append(org, someRows(0, 1, { line: long }), sent), ['duplicate']);
    assert.deepEqual(await ledger.append(org, [aRow(5000)], { ...sent, client: 'new' }), ['new']);
    const [newest] = await ledger.page(aQuery(), null, 1);
    const kept = { arrival: stored + 1, arrivedAt: sent.arrivedAt, client: 'new' };
    assert.deepEqual(newest, { ...aRow(5000), ...kept });
  });
});
