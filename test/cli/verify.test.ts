import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { sealedRows, sealNow } from '../ledger/sealing-ledger.ts';
import { type Console, openReadyConsole } from './console.ts';

interface Verified {
  readonly entries: number;
  readonly sealed: number;
  readonly without_hash: number;
  readonly problem_count: number;
  readonly problems: readonly { readonly entry_id: string | null; readonly message: string }[];
}

/** A log of 2,500 entries, 2,000 of them sealed. */
async function sealedConsole(): Promise<Console & { readonly ledger: string }> {
  const console = await openReadyConsole();
  await console.json(['generate', '--entries', '2500', '--seed', 's', '--until', '2026-07-01']);
  const ledger = join(console.dataDir, 'ledger.sqlite');
  sealNow(ledger, 1_000);
  return Object.assign(console, { ledger });
}

async function verified(console: Console): Promise<Verified & { exitCode: number }> {
  const { exitCode, stdout } = await console.run(['verify', '--json']);
  return { exitCode, ...(JSON.parse(stdout) as Verified) };
}

function change(ledger: string, statement: string): void {
  const connection = new BetterSqlite3(ledger);
  try {
    assert.equal(connection.prepare(statement).run().changes, 1);
  } finally {
    connection.close();
  }
}

/** The key of an entry in the middle of the first block. */
const inBlock = '(org, time, id) = (SELECT org, time, id FROM entries ORDER BY time, id LIMIT 1 OFFSET 500)';

const firstBlock = 'SELECT last_id FROM blocks WHERE content = 1';

suite('annals verify', () => {
  test('finds nothing wrong with a log that is as it was stored, and says what it looked at', async () => {
    await using console = await sealedConsole();
    const { exitCode, ...found } = await verified(console);
    assert.equal(exitCode, 0);
    assert.deepEqual(found, {
      organisations: 1,
      entries: 2500,
      without_hash: 0,
      sealed: 2000,
      problem_count: 0,
      problems: [],
    });
    const { stdout } = await console.run(['verify']);
    assert.match(
      stdout,
      /^2,500 entries of 1 organisation read, 2,000 of them in sealed blocks .* nothing is wrong\.\n$/,
    );
  });

  for (const [what, statement, expected] of [
    ['a line', `UPDATE entries SET line = replace(line, '-0', '-1') WHERE ${inBlock}`, /not the one that was stored/],
    ['a line in its length', `UPDATE entries SET line = line || ' ' WHERE ${inBlock}`, /not the one that was stored/],
    ['a column', `UPDATE entries SET module = 'Other' WHERE ${inBlock}`, /something else than the columns/],
    ['a user', `UPDATE entries SET done_by = done_by + 1 WHERE ${inBlock}`, /something else than the columns/],
  ] as const) {
    test(`names the entry of which ${what} was changed, and drops the block that says otherwise`, async () => {
      await using console = await sealedConsole();
      change(console.ledger, statement);
      const { exitCode, problems, sealed } = await verified(console);
      assert.equal(exitCode, 1);
      assert.ok(problems.some(({ entry_id, message }) => entry_id !== null && expected.test(message)));
      assert.ok(problems.some(({ message }) => /sealed block .* dropped/.test(message)));
      assert.equal(sealed, 1000);
      assert.equal(sealedRows(console.ledger), 1000);
    });
  }

  test('misses an entry that was removed, sealed or not', async () => {
    for (const place of [500, 2400]) {
      await using console = await sealedConsole();
      const key = inBlock.replace('500', String(place));
      change(console.ledger, `DELETE FROM entries WHERE ${key}`);
      const { exitCode, problems } = await verified(console);
      assert.equal(exitCode, 1);
      assert.ok(problems.some(({ message }) => message.startsWith('2500 entries have arrived, and 2499 are there')));
    }
  });

  for (const [what, statement] of [
    ['bytes', `UPDATE block_contents SET packed = CAST(x'00' || substr(packed, 2) AS BLOB) WHERE id = 1`],
    ['hash', `UPDATE block_contents SET hash = CAST(x'00' || substr(hash, 2) AS BLOB) WHERE id = 1`],
    ['columns', `UPDATE block_contents SET columns = CAST(x'00' || substr(columns, 2) AS BLOB) WHERE id = 1`],
    ['names of records', `UPDATE block_records SET names = CAST(x'00' || substr(names, 2) AS BLOB) WHERE content = 1`],
    ['ids of records', `UPDATE block_records SET ids_bytes = ids_bytes + 1 WHERE content = 1`],
    ['tally', `UPDATE blocks SET tally = '[[1000,"added","Leads"]]' WHERE content = 1`],
    ['CRC-32', `UPDATE blocks SET raw_crc32 = raw_crc32 + 1 WHERE content = 1`],
    ['length', `UPDATE blocks SET raw_bytes = raw_bytes + 1 WHERE content = 1`],
    ['rows', `UPDATE blocks SET rows = rows + 1 WHERE content = 1`],
    ['first key', `UPDATE blocks SET first_id = first_id + 1 WHERE content = 1`],
    ['arrival number', `UPDATE blocks SET arrival = arrival - 1 WHERE content = 1`],
    [
      'place in the index of names',
      `DELETE FROM block_names WHERE kind = 1 AND name = 'Leads' AND last_id IN (${firstBlock})`,
    ],
    ['place among the gaps', `UPDATE blocks SET attached = 1 WHERE content = 1`],
  ] as const) {
    test(`drops a block that is wrong by its ${what}, and leaves the entries as they are`, async () => {
      await using console = await sealedConsole();
      change(console.ledger, statement);
      const wrong = await verified(console);
      assert.deepEqual([wrong.exitCode, wrong.problem_count, wrong.sealed], [1, 1, 1000]);
      assert.match(wrong.problems[0]?.message ?? '', /sealed block .* dropped/);
      sealNow(console.ledger, 1_000);
      const { exitCode, sealed } = await verified(console);
      assert.deepEqual([exitCode, sealed], [0, 2000]);
    });
  }

  test('takes a log whose blocks were made before they had an index', async () => {
    await using console = await sealedConsole();
    const connection = new BetterSqlite3(console.ledger);
    connection.exec(
      `DROP TABLE block_records; DROP TABLE block_names; DROP INDEX blocks_unattached; DROP INDEX blocks_by_arrival;
       ALTER TABLE blocks DROP COLUMN attached; PRAGMA user_version = 3`,
    );
    connection.close();
    const { exitCode, sealed } = await verified(console);
    assert.deepEqual([exitCode, sealed], [0, 2000]);
  });

  test('counts what was stored before there were hashes', async () => {
    await using console = await sealedConsole();
    change(console.ledger, `UPDATE entries SET hash = NULL WHERE ${inBlock}`);
    const { exitCode, without_hash } = await verified(console);
    assert.deepEqual([exitCode, without_hash], [0, 1]);
  });
});
