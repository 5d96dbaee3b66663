import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import fc from 'fast-check';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { rowHash } from '../../src/ledger/sqlite/row-hash.ts';
import { aRow, org, sent } from './rows.ts';
import { scratchFolder } from './scratch.ts';

function plainHash(line: string): bigint {
  return createHash('sha256').update(line, 'utf8').digest().readBigInt64BE(0);
}

async function hashesIn(file: string): Promise<(bigint | null)[]> {
  const connection = new BetterSqlite3(file, { readonly: true });
  const found = connection.prepare<[], bigint | null>('SELECT hash FROM entries ORDER BY id').pluck().safeIntegers();
  try {
    return found.all();
  } finally {
    connection.close();
  }
}

suite('the hash of a row', () => {
  test('is the first 8 bytes of the SHA-256 of its line, of a string as of its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        assert.equal(rowHash(line), plainHash(line));
        assert.equal(rowHash(Buffer.from(line)), plainHash(line));
      }),
    );
  });

  test('is stored with every row', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    const lines = ['one\r\n', '"två, 😀"\r\n', `${'x'.repeat(100_000)}\r\n`];
    await ledger.append(
      org,
      lines.map((line, n) => aRow(n + 1, { line })),
      sent,
    );
    assert.deepEqual(await hashesIn(file), lines.map(plainHash));
  });

  test('is unknown of rows from before there was one', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    {
      await using ledger = await SqliteLedger.open({ file, reads: 'here' });
      await ledger.append(org, [aRow(1)], sent);
    }
    const old = new BetterSqlite3(file);
    // All that came later than the first version.
    const later = old.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'block*'");
    for (const table of later.pluck().all()) old.exec(`DROP TABLE ${table}`);
    old.exec('ALTER TABLE entries DROP COLUMN hash; PRAGMA user_version = 1');
    old.close();
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    assert.deepEqual(await ledger.append(org, [aRow(1), aRow(2)], sent), ['duplicate', 'new']);
    assert.deepEqual(await hashesIn(file), [null, plainHash(aRow(2).line)]);
  });
});
