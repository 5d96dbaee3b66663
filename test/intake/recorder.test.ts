import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EntryInput } from '../../src/audit/entry.ts';
import { decodeLine } from '../../src/audit/line.ts';
import { type House, linesOf, now, openHouse } from './house.ts';

function anEntry(change: Partial<EntryInput> = {}): EntryInput {
  return {
    id: null,
    time: now,
    action: 'added',
    doneBy: { id: 700n, name: 'Ada Sample' },
    module: { apiName: 'Leads', id: null },
    record: { id: '9', name: 'Zylker, Inc.' },
    related: { module: 'Accounts', name: 'Zylker' },
    accountName: 'Zylker',
    source: 'api',
    changes: '',
    ...change,
  };
}

function record(house: House, inputs: readonly EntryInput[]) {
  return house.recorder.record(house, inputs, { client: 'test' });
}

suite('the recorder', () => {
  test('encodes an entry as its line, with the time as the organisation’s clock showed it', async () => {
    await using house = await openHouse('Asia/Kolkata');
    assert.deepEqual(await record(house, [anEntry({ id: 5n })]), ['new']);
    assert.deepEqual(linesOf(await house.csv()), [
      'Ada Sample,added,Leads,"Zylker, Inc.",Accounts,Zylker,Zylker,2026-07-01T05:30:00+05:30,9,700,5,api,',
    ]);
  });

  test('gives the time of its clock and ever increasing ids to entries without them', async () => {
    await using house = await openHouse();
    await Promise.all([record(house, [anEntry(), anEntry({ time: null })]), record(house, [anEntry({ time: null })])]);
    const rows = await house.ledger.page(house.query(), null, 10);
    assert.deepEqual(
      rows.map((row) => row.time),
      [now, now, now],
    );
    const byArrival = rows.toSorted((one, other) => one.arrival - other.arrival).map((row) => row.id);
    assert.deepEqual(
      byArrival,
      byArrival.toSorted((one, other) => (one < other ? -1 : 1)),
    );
  });

  test('appends calls in the order in which they were made, also when an earlier one takes longer to prepare', async () => {
    await using house = await openHouse();
    const many = Array.from({ length: 500 }, (_, index) =>
      anEntry({ id: BigInt(index + 1), doneBy: { id: null, name: `New ${index}` } }),
    );
    const [, second] = await Promise.all([record(house, many), record(house, [anEntry({ id: 1n })])]);
    assert.deepEqual(second, ['conflict']);
  });

  test('keeps that order between calls that have to look someone up and calls that do not', async () => {
    await using house = await openHouse();
    await record(house, [anEntry()]);
    const names = Array.from({ length: 40 }, (_, index) => (index % 7 < 3 ? `New ${index}` : 'Ada Sample'));
    await Promise.all(
      names.map((name, index) => {
        const doneBy = { id: name === 'Ada Sample' ? 700n : null, name };
        return record(house, [anEntry({ doneBy, record: { id: null, name: String(index) } })]);
      }),
    );
    const rows = (await house.ledger.page(house.query(), null, 50)).toSorted(
      (one, other) => one.arrival - other.arrival,
    );
    const added = rows.slice(1);
    assert.deepEqual(
      added.map((row) => decodeLine(row.line).recordName),
      names.map((_, index) => String(index)),
    );
    assert.ok(added.every((row, index) => index === 0 || row.id > (added[index - 1]?.id ?? 0n)));
  });

  test('goes on after a call that failed', async () => {
    await using house = await openHouse();
    const bad = record(house, [anEntry({ doneBy: { id: null, name: null } })]);
    const good = record(house, [anEntry()]);
    await assert.rejects(bad);
    assert.deepEqual(await good, ['new']);
  });

  test('adds the users and modules that the directory lacks', async () => {
    await using house = await openHouse();
    await record(house, [anEntry({ module: { apiName: 'Spaceships', id: null }, doneBy: { id: null, name: 'Bo' } })]);
    const module = (await house.directory.modules(house.zgid)).find(({ apiName }) => apiName === 'Spaceships');
    assert.equal(module?.isImported, true);
    const [row] = await house.ledger.page(house.query(), null, 1);
    const user = await house.directory.user(house.zgid, String(row?.doneBy));
    assert.deepEqual([user?.fullName, user?.isImported], ['Bo', true]);
  });
});
