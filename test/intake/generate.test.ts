import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EntryInput } from '../../src/audit/entry.ts';
import { generate, generatedEntries } from '../../src/intake/generate.ts';
import { type House, now, openHouse } from './house.ts';

function run(house: House, entries: number, seed = 'one', until = now): Promise<{ readonly run: number }> {
  const { recorder, ledger } = house;
  return generate({ recorder, ledger, org: house, client: 'test' }, { entries, seed, until });
}

function all(entries: number): EntryInput[] {
  return [...generatedEntries({ entries, seed: 'shares', until: now }, 0)].flat();
}

suite('generated entries', () => {
  test('are the same bytes in two fresh organisations, also when repeated', async () => {
    await using one = await openHouse();
    await using other = await openHouse();
    for (const house of [one, other]) {
      await run(house, 1500);
      await run(house, 300);
      await run(house, 200, 'two');
    }
    const csv = await one.csv();
    assert.equal(csv.toString(), (await other.csv()).toString());
    assert.equal(await one.ledger.count(one.query()), 2000);
  });

  test('are exactly as many as asked for, each time', async () => {
    await using house = await openHouse();
    for (const [index, entries] of [1, 1000, 1001, 0, 7].entries()) {
      const before = await house.ledger.count(house.query());
      await run(house, entries);
      assert.equal((await house.ledger.count(house.query())) - before, entries, `run ${index}`);
    }
  });

  test('of another seed or another end are other entries', async () => {
    await using house = await openHouse();
    assert.equal((await run(house, 10)).run, 0);
    assert.equal((await run(house, 10, 'another')).run, 0);
    assert.equal((await run(house, 10, 'one', now + 1)).run, 0);
    assert.equal((await run(house, 10)).run, 1);
    assert.equal(await house.ledger.count(house.query()), 40);
  });

  test('lie in the 170 days before the end, spread evenly', () => {
    const entries = all(17_000);
    const start = now - 170 * 86_400;
    assert.equal(entries[0]?.time, start);
    assert.ok(entries.every(({ time }) => time !== null && time >= start && time < now));
    for (let day = 0; day < 170; day += 1) {
      const from = start + day * 86_400;
      const found = entries.filter(({ time }) => time !== null && time >= from && time < from + 86_400).length;
      assert.ok(Math.abs(found - 100) <= 1, `day ${day} has ${found}`);
    }
  });

  test('have the shares that they are documented to have', () => {
    const entries = all(60_000);
    const share = (is: (entry: EntryInput) => boolean): number => entries.filter(is).length / entries.length;
    assert.ok(Math.abs(share((entry) => entry.module.apiName === 'Leads') - 1 / 3) < 0.01);
    assert.ok(Math.abs(share((entry) => entry.action === 'deleted') - 1 / 5) < 0.01);
    assert.ok(share((entry) => entry.record.name.includes(',')) > 0.05);
    assert.ok(share((entry) => /[^\x20-\x7e]/.test(entry.record.name)) > 0.05);
    const byPerson = Map.groupBy(entries, (entry) => entry.doneBy.id);
    assert.equal(byPerson.size, 100);
    for (const those of byPerson.values()) assert.ok(Math.abs(those.length / entries.length - 0.01) < 0.003);
    assert.ok(entries.every((entry) => (entry.action === 'updated') === (entry.changes !== '')));
  });

  test('stop when the command is interrupted', async () => {
    await using house = await openHouse();
    const { recorder, ledger } = house;
    const stop = new AbortController();
    const parts = { recorder, ledger, org: house, client: 'test', signal: stop.signal, onProgress: () => stop.abort() };
    await assert.rejects(generate(parts, { entries: 1_000_000, seed: 'x', until: now }), { name: 'AbortError' });
    assert.equal((await run(house, 5)).run, 0);
  });

  test('refuse what cannot be', async () => {
    await using house = await openHouse();
    await assert.rejects(run(house, -1), { code: 'INVALID_DATA' });
    await assert.rejects(run(house, 10, 'one', 1000), { code: 'INVALID_DATA' });
  });
});
