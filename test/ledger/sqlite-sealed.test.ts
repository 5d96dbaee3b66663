import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import type { LedgerQuery } from '../../src/ledger/ledger.ts';
import { BlockStore } from '../../src/ledger/sqlite/block-store.ts';
import { openForReading, openForWriting } from '../../src/ledger/sqlite/file.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { Sealer } from '../../src/ledger/sqlite/sealer.ts';
import { ledgerContract } from './contract.ts';
import { aQuery, aRow, chunksOf, linesOf, org, sent, someRows, textOf } from './rows.ts';
import { scratchFolder } from './scratch.ts';
import { sealedRows, sealingLedger, sealNow } from './sealing-ledger.ts';

ledgerContract('sqlite, sealed after every append, reads in this thread,', () => sealingLedger({ reads: 'here' }));
ledgerContract('sqlite, sealed after every append, reads in a thread,', () => sealingLedger({ reads: 'thread' }));

/** A ledger with so many rows of the series, sealed in blocks of ten. */
async function ledgerOf(rows: number) {
  const folder = await scratchFolder();
  const file = join(folder.path, 'ledger.sqlite');
  const ledger = await SqliteLedger.open({ file, reads: 'here' });
  await ledger.append(org, someRows(1, rows), sent);
  sealNow(file, 10);
  return {
    file,
    ledger,
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function kindsOf(ledger: SqliteLedger, query: LedgerQuery, rowsPerFile?: number): Promise<string[]> {
  const chunks = await chunksOf(ledger, query, rowsPerFile);
  return chunks.map(({ kind, rows }) => `${kind} ${rows}`);
}

suite('a sealed log', () => {
  test('is exported as its blocks, with lines for what is in none yet', async () => {
    await using log = await ledgerOf(57);
    assert.equal(sealedRows(log.file), 50);
    assert.deepEqual(await kindsOf(log.ledger, aQuery()), [...Array(5).fill('sealed 10'), 'text 7']);
    assert.equal(await textOf(log.ledger, aQuery()), linesOf(someRows(1, 57)));
  });

  test('gives lines where a time range or the end of a file cuts a block, and only there', async () => {
    await using log = await ledgerOf(50);
    const cut = aQuery({ from: aRow(6).time, to: aRow(43).time });
    assert.deepEqual(await kindsOf(log.ledger, cut), ['text 5', 'sealed 10', 'sealed 10', 'sealed 10', 'text 3']);
    assert.equal(await textOf(log.ledger, cut), linesOf(someRows(6, 38)));
    const files = await kindsOf(log.ledger, aQuery(), 25);
    assert.deepEqual(files, ['sealed 10', 'sealed 10', 'text 5', 'text 5', 'sealed 10', 'sealed 10']);
  });

  test('hands out whole what a filter takes all of, passes over what it takes none of, and picks from the rest', async () => {
    await using log = await ledgerOf(0);
    const rows = someRows(1, 40).map((row, n) => ({
      ...row,
      module: n < 10 ? 'Leads' : n < 20 ? 'Deals' : n % 2 === 0 ? 'Leads' : 'Deals',
    }));
    await log.ledger.append(org, rows, sent);
    sealNow(log.file, 10);
    const leads = aQuery({ modules: ['Leads'] });
    assert.deepEqual(await kindsOf(log.ledger, leads), ['sealed 10', 'text 10']);
    assert.equal(await textOf(log.ledger, leads), linesOf(rows.filter((row) => row.module === 'Leads')));
    assert.equal(await log.ledger.count(leads), 20);
  });

  test('loses the block that a late entry falls into, and no other; it is sealed anew', async () => {
    await using log = await ledgerOf(50);
    const late = aRow(25, { id: 5n, line: 'late\r\n' });
    await log.ledger.append(org, [late], sent);
    assert.equal(sealedRows(log.file), 40);
    const expected = linesOf([...someRows(1, 24), late, ...someRows(25, 26)]);
    assert.equal(await textOf(log.ledger, aQuery()), expected);
    assert.equal(sealNow(log.file, 10), 1);
    assert.equal(sealedRows(log.file), 51);
    assert.equal(await textOf(log.ledger, aQuery()), expected);
  });

  test('loses a block also to an entry that comes before its first or between it and the one before', async () => {
    await using log = await ledgerOf(0);
    await log.ledger.append(
      org,
      someRows(1, 20).map((row) => ({ ...row, time: row.time * 10 })),
      sent,
    );
    sealNow(log.file, 10);
    const before = aRow(0, { line: 'before all\r\n' });
    const between = aRow(10, { time: aRow(10).time * 10 + 5, line: 'between\r\n' });
    await log.ledger.append(org, [before, between], sent);
    assert.equal(sealedRows(log.file), 0);
    assert.match(
      await textOf(log.ledger, aQuery({ to: 99_999_999_999 })),
      /^before all.*line 10\r\nbetween\r\nline 11/s,
    );
  });

  test('keeps its blocks when what comes late is there already, or is refused', async () => {
    await using log = await ledgerOf(50);
    const conflict = aRow(25, { line: 'another line\r\n' });
    await log.ledger.append(org, [aRow(25), conflict], sent);
    await log.ledger.append(org, [aRow(26, { id: 7n }), conflict], { ...sent, atomic: true });
    assert.equal(await textOf(log.ledger, aQuery()), linesOf(someRows(1, 50)));
    sealNow(log.file, 10);
    assert.equal(sealedRows(log.file), 50);
  });

  test('shows a query with asOf what was there, however it is sealed afterwards', async () => {
    await using log = await ledgerOf(50);
    const query = aQuery({ asOf: await log.ledger.lastArrival(org) });
    const late = someRows(1, 50).map((row) => ({ ...row, id: row.id + 10_000n, line: 'late\r\n' }));
    const reading = log.ledger.chunks(query, { rowsPerFile: 1000 })[Symbol.asyncIterator]();
    const first = await reading.next();
    await log.ledger.append(org, late, sent);
    sealNow(log.file, 10);
    const chunks = first.done ? [] : [first.value];
    for (let next = await reading.next(); !next.done; next = await reading.next()) chunks.push(next.value);
    assert.equal(
      chunks.reduce((sum, { rows }) => sum + rows, 0),
      50,
    );
    assert.equal(await textOf(log.ledger, query), linesOf(someRows(1, 50)));
    assert.equal(await log.ledger.count(query), 50);
    assert.equal(await log.ledger.count(aQuery()), 100);
  });
});

suite('a block that is not what it should be', () => {
  for (const [what, change] of [
    ['bytes', `packed = CAST(substr(packed, 1, 9) || x'00' || substr(packed, 11) AS BLOB)`],
    ['format', 'format = 99'],
  ] as const) {
    test(`by its ${what} is passed over for its rows, dropped, and made anew`, async () => {
      await using log = await ledgerOf(50);
      damage(log.file, `UPDATE block_contents SET ${change} WHERE id = 3`);
      assert.equal(await textOf(log.ledger, aQuery()), linesOf(someRows(1, 50)));
      assert.equal(sealedRows(log.file), 40);
      assert.equal(sealNow(log.file, 10), 1);
      assert.deepEqual(await kindsOf(log.ledger, aQuery()), Array(5).fill('sealed 10'));
    });
  }

  test('by its columns is passed over when a filter needs them', async () => {
    await using log = await ledgerOf(50);
    damage(log.file, `UPDATE block_contents SET columns = CAST(x'0300' AS BLOB) WHERE id = 3`);
    const query = aQuery({ from: aRow(6).time, doneBy: [String(aRow(1).doneBy)] });
    assert.equal(await textOf(log.ledger, query), linesOf(someRows(6, 45)));
    assert.equal(await log.ledger.count(query), 45);
  });

  test('by a content that is gone is read from its rows', async () => {
    await using log = await ledgerOf(50);
    damage(log.file, 'DELETE FROM block_contents');
    assert.equal(await textOf(log.ledger, aQuery()), linesOf(someRows(1, 50)));
  });
});

suite('sealing', () => {
  test('waits until nothing arrives in a run any more', async () => {
    await using log = await ledgerOf(0);
    await log.ledger.append(org, someRows(1, 20), { ...sent, arrivedAt: 1_000_000 });
    const reading = openForReading(log.file);
    try {
      for (const [now, blocks] of [
        [1_001_999, 0],
        [1_002_000, 2],
      ] as const) {
        const sealer = new Sealer(reading, { settleMs: 2_000, clock: () => now, rowsPerBlock: 10 });
        assert.equal([...sealer.blocks()].length, blocks);
      }
    } finally {
      reading.close();
    }
  });

  test('stores no block into whose span an entry has come since it was made', async () => {
    await using log = await ledgerOf(0);
    await log.ledger.append(org, someRows(1, 20), sent);
    const reading = openForReading(log.file);
    const writing = openForWriting(log.file, null);
    try {
      const options = { settleMs: 0, clock: () => Number.MAX_SAFE_INTEGER, rowsPerBlock: 10 };
      const made = [...new Sealer(reading, options).blocks()];
      await log.ledger.append(org, [aRow(5, { id: 5n })], sent);
      const insert = () => writing.transaction(() => new BlockStore(writing).insert(made)).immediate();
      assert.deepEqual(insert(), [false, true]);
      assert.deepEqual(insert(), [false, false], 'and none twice');
    } finally {
      reading.close();
      writing.close();
    }
  });

  test('makes a block anew that was not taken, also when others behind it were', async () => {
    await using log = await ledgerOf(0);
    await log.ledger.append(org, someRows(1, 40), sent);
    const reading = openForReading(log.file);
    const writing = openForWriting(log.file, null);
    try {
      const sealer = new Sealer(reading, { settleMs: 0, clock: () => Number.MAX_SAFE_INTEGER, rowsPerBlock: 10 });
      const store = new BlockStore(writing);
      let made = 0;
      for (let pass = 0; pass < 3; pass += 1) {
        for (const block of sealer.blocks()) {
          made += 1;
          const isTaken = made !== 2 && writing.transaction(() => store.insert([block])).immediate()[0] === true;
          sealer.stored(block.org, isTaken);
        }
      }
      assert.equal(made, 5);
      assert.equal(sealedRows(log.file), 40);
    } finally {
      reading.close();
      writing.close();
    }
  });

  test('finds the gaps that another process left, and does not look again at what is whole', async () => {
    await using log = await ledgerOf(50);
    const reading = openForReading(log.file);
    const writing = openForWriting(log.file, null);
    const store = new BlockStore(writing);
    try {
      const sealer = new Sealer(reading, { settleMs: 0, clock: () => Number.MAX_SAFE_INTEGER, rowsPerBlock: 10 });
      const seal = () => {
        let rows = 0;
        for (const block of sealer.blocks()) {
          const [isStored = false] = writing.transaction(() => store.insert([block])).immediate();
          sealer.stored(block.org, isStored);
          rows += block.head.rows;
        }
        return rows;
      };
      assert.equal(seal(), 0);
      await log.ledger.append(org, someRows(51, 25), sent);
      assert.equal(seal(), 20);
      await log.ledger.append(org, [aRow(5, { id: 5n }), ...someRows(76, 5)], sent);
      assert.equal(seal(), 21);
      assert.equal(seal(), 0);
      assert.equal(sealedRows(log.file), 81);
    } finally {
      reading.close();
      writing.close();
    }
  });

  test('goes on beside a ledger that is written to, in a thread of its own', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await using ledger = await SqliteLedger.open({ file, reads: 'thread', seals: { settleMs: 0 } });
    const append = (first: number) =>
      ledger.append(org, someRows(first, 1_000), { ...sent, arrivedAt: Date.now() - 1 });
    for (let first = 1; first <= 5_000; first += 1_000) await append(first);
    await ledger.append(org, [aRow(2_500, { id: 3n, line: 'late\r\n' })], sent);
    const until = performance.now() + 30_000;
    // The last one may be alone behind five whole blocks.
    while (sealedRows(file) < 5_000 && performance.now() < until) await wait(50);
    assert.ok(sealedRows(file) >= 5_000);
    const rows = [...someRows(1, 2_499), aRow(2_500, { line: 'late\r\n' }), ...someRows(2_500, 2_501)];
    assert.equal(await textOf(ledger, aQuery()), linesOf(rows));
  });
});

function damage(file: string, statement: string): void {
  const connection = new BetterSqlite3(file);
  try {
    assert.ok(connection.prepare(statement).run().changes > 0);
  } finally {
    connection.close();
  }
}
