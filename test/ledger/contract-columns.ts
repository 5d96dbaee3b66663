import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnsBuilder } from '../../src/ledger/columns.ts';
import type { Ledger, LedgerRow } from '../../src/ledger/ledger.ts';
import { aQuery, aRow, linesOf, org, sent, someRows, textOf } from './rows.ts';

function columnsOf(rows: readonly LedgerRow[]) {
  const builder = new ColumnsBuilder();
  for (const row of rows) builder.add(row);
  return builder.build();
}

export function columnsContract(open: () => Promise<Ledger>): void {
  test('rows as columns are read back as they were sent, and get the next arrival numbers', async () => {
    await using ledger = await open();
    const rows = [
      aRow(1, { id: 2n ** 63n - 1n, doneBy: 2n ** 63n - 1n, line: 'Ünïcode, "quotes",\r\n😀\t\r\n' }),
      ...someRows(2, 3000),
    ];
    await ledger.append(org, [aRow(0)], sent);
    const { outcomes, conflicts } = await ledger.appendColumns(org, columnsOf(rows), sent);
    assert.deepEqual([outcomes.length, outcomes.every((code) => code === 0), conflicts.length], [3001, true, 0]);
    const found = (await ledger.page(aQuery(), null, 5000)).toSorted((one, other) => one.arrival - other.arrival);
    assert.deepEqual(
      found,
      [aRow(0), ...rows].map((row, place) => ({
        ...row,
        arrival: place + 1,
        arrivedAt: sent.arrivedAt,
        client: sent.client,
      })),
    );
  });

  test('of columns, each row has its own outcome, and a conflict names what is stored', async () => {
    await using ledger = await open();
    await ledger.append(org, [aRow(1), aRow(2)], sent);
    const rows = [aRow(3), aRow(1), aRow(2, { line: 'another\r\n' }), aRow(3), aRow(4)];
    // The calls share a commit: the places are each call's own.
    const [, { outcomes, conflicts }] = await Promise.all([
      ledger.appendColumns(org, columnsOf(someRows(100, 10)), sent),
      ledger.appendColumns(org, columnsOf(rows), sent),
    ]);
    assert.deepEqual([...outcomes], [0, 1, 2, 1, 0]);
    assert.deepEqual(conflicts, [{ place: 2, line: 'another\r\n', stored: aRow(2).line }]);
    assert.equal(await textOf(ledger, aQuery()), linesOf([...someRows(1, 4), ...someRows(100, 10)]));
    assert.equal(await ledger.lastArrival(org), 14);
  });

  test('columns without rows have no outcomes', async () => {
    await using ledger = await open();
    assert.deepEqual(await ledger.appendColumns(org, columnsOf([]), sent), {
      outcomes: new Uint8Array(0),
      conflicts: [],
    });
  });

  test('a call of few rows does not wait for all the columns that came before it', async () => {
    await using ledger = await open();
    const order: string[] = [];
    const calls = Array.from({ length: 12 }, (_, n) =>
      ledger.appendColumns(org, columnsOf(someRows(n * 1000, 1000)), sent).then(() => order.push('many')),
    );
    const single = ledger.append(org, [aRow(1_000_000)], sent).then(() => order.push('few'));
    await Promise.all([...calls, single]);
    assert.ok(order.indexOf('few') < 9, `${order}`);
    assert.equal(await ledger.lastArrival(org), 12_001);
  });

  test('closing stores the columns that were accepted, and refuses what comes later', async () => {
    const ledger = await open();
    const accepted = Array.from({ length: 8 }, (_, n) =>
      ledger.appendColumns(org, columnsOf(someRows(n * 1000, 1000)), sent),
    );
    await ledger[Symbol.asyncDispose]();
    for (const { outcomes } of await Promise.all(accepted)) assert.ok(outcomes.every((code) => code === 0));
    await assert.rejects(ledger.appendColumns(org, columnsOf([aRow(1)]), sent), { code: 'SERVICE_UNAVAILABLE' });
  });
}
