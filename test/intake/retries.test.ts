import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EntryInput } from '../../src/audit/entry.ts';
import { OrgZone } from '../../src/audit/time.ts';
import { newestFirst, storedRowsOf } from '../../src/intake/stored-rows.ts';
import type { LedgerRow } from '../../src/ledger/ledger.ts';
import { type House, now, openHouse } from './house.ts';
import { countsOf, importText } from './importing.ts';

function anEntry(id: bigint, change: Partial<EntryInput> = {}): EntryInput {
  return {
    id,
    time: now,
    action: 'added',
    doneBy: { id: 777_001n, name: null },
    module: { apiName: 'Leads', id: null },
    record: { id: '9', name: 'Zylker, Inc.' },
    related: null,
    accountName: '',
    source: 'api',
    changes: '',
    ...change,
  };
}

const bob = { id: 777_001n, name: 'Bob' };

function record(house: House, inputs: readonly EntryInput[], atomic = true) {
  return house.recorder.record(house, inputs, { client: 'test', atomic });
}

suite('an entry that is sent again', () => {
  for (const atomic of [true, false]) {
    const kind = atomic ? 'in an array' : 'line by line';
    test(`${kind} is harmless although its user has got a name meanwhile`, async () => {
      await using house = await openHouse();
      await record(house, [anEntry(1n)], atomic);
      await record(house, [anEntry(2n, { doneBy: bob })], atomic);
      const csv = await house.csv();
      assert.deepEqual(await record(house, [anEntry(2n), anEntry(1n)], atomic), ['duplicate', 'duplicate']);
      assert.ok((await house.csv()).equals(csv));
    });

    test(`${kind} is harmless although the organisation has moved to another time zone`, async () => {
      await using house = await openHouse();
      const entry = anEntry(1n, { doneBy: bob });
      await record(house, [entry], atomic);
      const csv = await house.csv();
      const org = { zgid: house.zgid, zone: new OrgZone('Asia/Kolkata') };
      const options = { client: 'test', atomic };
      assert.deepEqual(await house.recorder.record(org, [entry], options), ['duplicate']);
      assert.ok((await house.csv()).equals(csv));
    });

    test(`${kind} comes beside new ones, which are stored`, async () => {
      await using house = await openHouse();
      await record(house, [anEntry(1n)], atomic);
      const again = [anEntry(1n), anEntry(3n, { doneBy: bob }), anEntry(1n)];
      assert.deepEqual(await record(house, again, atomic), ['duplicate', 'new', 'duplicate']);
      assert.deepEqual(await record(house, again, atomic), ['duplicate', 'duplicate', 'duplicate']);
    });

    test(`${kind} conflicts when anything of the sender's is different`, async () => {
      await using house = await openHouse();
      await record(house, [anEntry(1n), anEntry(2n, { doneBy: bob })], atomic);
      const others = [
        { doneBy: { id: 777_001n, name: 'Eve' } },
        { action: 'deleted' },
        { doneBy: { id: 5n, name: null } },
      ];
      for (const change of others) {
        assert.deepEqual(await record(house, [anEntry(1n, change)], atomic), ['conflict']);
        assert.deepEqual(await record(house, [anEntry(2n, change)], atomic), ['conflict']);
      }
    });
  }

  test('in an array with a true conflict is a duplicate, and nothing is stored', async () => {
    await using house = await openHouse();
    await record(house, [anEntry(1n), anEntry(2n)]);
    const csv = await house.csv();
    const call = [anEntry(1n, { doneBy: bob }), anEntry(3n, { doneBy: bob }), anEntry(2n)];
    assert.deepEqual(await record(house, call), ['conflict', 'new', 'duplicate']);
    assert.ok((await house.csv()).equals(csv));
  });

  test('twice in one array, once with the name and once without, is one entry', async () => {
    await using house = await openHouse();
    await record(house, [anEntry(9n, { doneBy: { id: 777_001n, name: 'Robert' } })]);
    assert.deepEqual(await record(house, [anEntry(1n, { doneBy: bob }), anEntry(1n)]), ['new', 'duplicate']);
  });

  test('in a file that is imported twice is harmless although its users have got names meanwhile', async () => {
    await using house = await openHouse();
    const line = { action: 'added', audited_time: '2026-07-01T00:00:00Z', module: { api_name: 'Leads' } };
    const text = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ ...line, done_by: { id: String(700 + (index % 5)) }, record: { name: `R ${index}` } }),
    ).join('\n');
    assert.deepEqual(countsOf(await importText(house, text)), [3000, 0, 0]);
    const names = Array.from({ length: 5 }, (_, n) => ({ doneBy: { id: BigInt(700 + n), name: `N ${n}` } }));
    await record(
      house,
      names.map((change, index) => anEntry(BigInt(index + 1), change)),
    );
    assert.deepEqual(countsOf(await importText(house, text)), [0, 3000, 0]);
  });
});

suite('an array that is refused', () => {
  async function counts(house: House): Promise<[users: string[], modules: number]> {
    const query = { type: 'AllUsers', page: 1, perPage: 100, currentUserId: null } as const;
    const { users } = await house.directory.users(house.zgid, query);
    return [users.map((user) => user.fullName), (await house.directory.modules(house.zgid)).length];
  }
  const rocket = { apiName: 'Rockets', id: null };

  test('leaves neither users nor modules nor names behind', async () => {
    await using house = await openHouse();
    await record(house, [anEntry(1n), anEntry(2n, { doneBy: { id: null, name: 'Ada' } })]);
    const before = await counts(house);
    const calls: EntryInput[][] = [
      [anEntry(1n, { action: 'deleted' }), anEntry(5n, { doneBy: { id: null, name: 'New' }, module: rocket })],
      [anEntry(5n, { doneBy: bob }), anEntry(1n, { action: 'deleted' })],
      [anEntry(2n, { doneBy: { id: null, name: 'New' } })],
      [anEntry(6n, { module: rocket }), anEntry(6n, { doneBy: { id: 8n, name: null } })],
    ];
    for (const call of calls) {
      assert.ok((await record(house, call)).includes('conflict'));
      assert.deepEqual(await counts(house), before);
    }
  });

  test('is told of as when nobody is new in it', async () => {
    await using house = await openHouse();
    await record(house, [anEntry(1n), anEntry(2n)]);
    const call = (doneBy: EntryInput['doneBy']) => [
      anEntry(1n, { action: 'deleted' }),
      anEntry(2n),
      { ...anEntry(3n), id: null, doneBy },
      anEntry(4n, { doneBy }),
      anEntry(4n, { doneBy }),
    ];
    const outcomes = ['conflict', 'duplicate', 'new', 'new', 'duplicate'];
    assert.deepEqual(await record(house, call({ id: null, name: 'New' })), outcomes);
    assert.deepEqual(await record(house, call({ id: 777_001n, name: null })), outcomes);
  });

  test('is not one that brings someone new beside entries which are there', async () => {
    await using house = await openHouse();
    await record(house, [anEntry(1n), anEntry(2n, { doneBy: { id: null, name: 'Ada' } })]);
    const call = [anEntry(2n, { doneBy: { id: null, name: 'Ada' } }), anEntry(1n), anEntry(3n, { doneBy: bob })];
    assert.deepEqual(await record(house, call), ['duplicate', 'duplicate', 'new']);
    assert.deepEqual((await counts(house))[0].sort(), ['Ada', 'Administrator', 'Bob']);
  });

  test('by more new modules than there is room for, adds none of them', async () => {
    await using house = await openHouse();
    const [, there] = await counts(house);
    const others = Array.from({ length: 9_999 - there }, (_, n) => ({ apiName: `Module_${n}`, id: null }));
    await house.directory.resolveModules(house.zgid, others);
    const before = await counts(house);
    const call = ['Last', 'More'].map((apiName, n) => anEntry(BigInt(n + 1), { module: { apiName, id: null } }));
    await assert.rejects(record(house, call), { code: 'LIMIT_EXCEEDED' });
    assert.deepEqual(await counts(house), before);
  });
});

suite('looking up stored rows', () => {
  test('finds exactly those that are there, in few steps', async () => {
    await using house = await openHouse();
    const at = (time: number, id: number) => ({ time: now + time, id: BigInt(id) });
    const stored = Array.from({ length: 2000 }, (_, index) => at(Math.floor(index / 7), index + 1));
    await record(
      house,
      stored.map(({ time, id }) => anEntry(id, { time })),
    );
    const last = { time: now, id: 2n ** 63n - 1n };
    await record(house, [anEntry(last.id, { time: last.time })]);
    const find = async (keys: Pick<LedgerRow, 'time' | 'id'>[]) => {
      let steps = 0;
      const ledger: Pick<typeof house.ledger, 'page'> = {
        page: (...args) => {
          steps += 1;
          return house.ledger.page(...args);
        },
      };
      const rows = await Array.fromAsync(storedRowsOf(ledger, house.zgid, keys.toSorted(newestFirst)));
      return { found: rows.map(({ time, id }) => ({ time, id })), steps };
    };
    const all = await find([...stored, last]);
    assert.deepEqual(all.found, [...stored, last].toSorted(newestFirst));
    assert.ok(all.steps < 45, `${all.steps} steps`);
    const few = [at(3, 22), last, at(100, 701), at(285, 1996)];
    const missing = [at(3, 2200), at(0, 3000), at(100, 1), at(5000, 1)];
    assert.deepEqual((await find([...few, ...missing])).found, few.toSorted(newestFirst));
    const later = await find(Array.from({ length: 1000 }, (_, index) => at(1000 + index, 1)));
    assert.deepEqual([later.found, later.steps], [[], 1]);
    assert.deepEqual(await find([]), { found: [], steps: 0 });
  });
});
