import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { type Rival, rival, runTogether } from './rival-process.ts';
import { aQuery, linesOf, org, pagesOf, sent, someRows, textOf } from './rows.ts';
import { scratchFolder } from './scratch.ts';

async function diedEarly(one: Rival): Promise<never> {
  throw new Error(`the other process ended by itself with ${await one.ended}`);
}

suite('a ledger that several processes share', () => {
  test('two that open a new file at once both get a ledger', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'data', 'ledger.sqlite');
    using one = rival(file, 'open');
    using other = rival(file, 'open');
    assert.deepEqual(await runTogether([one, other]), [0, 0]);
  });

  test('two that append at once lose nothing, and no arrival number is given twice or left out', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    using one = rival(file, 'append');
    using other = rival(file, 'append');
    const stored = await runTogether([one, other]);
    assert.equal(Number(stored[0]) + Number(stored[1]), 9000);
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    assert.equal(await ledger.lastArrival(org), 9000);
    const rows = await pagesOf(ledger, aQuery(), 1000);
    const arrivals = (await ledger.page(aQuery(), null, 9000)).map((row) => row.arrival).sort((a, b) => a - b);
    assert.deepEqual(
      arrivals,
      Array.from({ length: 9000 }, (_, n) => n + 1),
    );
    assert.equal(linesOf(rows.reverse()), linesOf([...someRows(0, 6000), ...someRows(1_000_000, 3000)]));
  });

  test('after kill -9 every acknowledged row is there, and every call is there whole or not at all', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    using victim = rival(file, 'append-without-end');
    await victim.ready;
    victim.start();
    while (victim.said.length < 40) await Promise.race([once(victim.process, 'message'), diedEarly(victim)]);
    victim.process.kill('SIGKILL');
    await victim.ended;
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    const found = new Set((await ledger.page(aQuery(), null, 1_000_000)).map((row) => row.line));
    assert.ok(victim.said.length >= 40);
    for (const n of victim.said) for (const row of someRows(Number(n) * 20, 20)) assert.ok(found.has(row.line));
    assert.equal(found.size % 20, 0);
    assert.equal(await ledger.lastArrival(org), found.size);
    assert.deepEqual(await ledger.append(org, someRows(0, 20), sent), Array(20).fill('duplicate'));
  });

  test('a process that closes its ledger while it is read goes on behind that', async () => {
    await using folder = await scratchFolder();
    using one = rival(join(folder.path, 'ledger.sqlite'), 'close-while-reading');
    assert.deepEqual(await runTogether([one]), [0]);
  });

  test('a process that does not close its ledger ends all the same, and what it appended is there', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    using one = rival(file, 'append-and-leave');
    assert.deepEqual(await runTogether([one]), [10]);
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(0, 10)));
  });

  test('reading long lines does not take the memory of a thousand of them', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    const line = `${'x'.repeat(159_998)}\r\n`;
    {
      await using ledger = await SqliteLedger.open({ file, reads: 'here' });
      for (let n = 0; n < 30; n += 1) await ledger.append(org, someRows(n * 20, 20, { line }), sent);
    }
    using reader = rival(file, 'read');
    const [read] = (await runTogether([reader])) as [{ bytes: number; grownByKilobytes: number }];
    assert.equal(read.bytes, 600 * line.length);
    // Read at one go they would take twice 96 MB. Node lets some 60 MB of used-up buffers gather before it frees them.
    assert.ok(read.grownByKilobytes < 90 * 1024, `${read.grownByKilobytes} KB`);
  });
});
