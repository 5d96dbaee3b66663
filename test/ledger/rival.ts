/** Runs as a process of its own: `rival.ts FILE TASK`. Says `ready`, waits for a message, works, reports. */
import { once } from 'node:events';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { aQuery, org, rawOf, sent, someRows } from './rows.ts';

const [file = '', task = ''] = process.argv.slice(2);
process.send?.('ready');
await once(process, 'message');
process.send?.(await work());
process.disconnect?.();

async function work(): Promise<unknown> {
  if (task === 'append-and-leave') {
    const left = await SqliteLedger.open({ file, reads: 'thread' });
    await left.append(org, someRows(0, 10), sent);
    return left.lastArrival(org);
  }
  if (task === 'close-while-reading') {
    const closed = await SqliteLedger.open({ file, reads: 'thread' });
    const asked = closed.lastArrival(org);
    await closed[Symbol.asyncDispose]();
    return asked;
  }
  await using ledger = await SqliteLedger.open({ file, reads: 'here' });
  if (task === 'open') return await ledger.lastArrival(org);
  // Every second row of the hundred after it is its own, the others the neighbour sends as well.
  if (task === 'append') {
    let stored = 0;
    for (let n = 0; n < 60; n += 1) {
      const calls = [someRows(1_000_000 + n * 50, 50), someRows(n * 100, 100)];
      const outcomes = await Promise.all(calls.map((rows) => ledger.append(org, rows, sent)));
      stored += outcomes.flat().filter((one) => one === 'new').length;
    }
    return stored;
  }
  if (task === 'append-without-end') {
    const append = async (first: number, step: number): Promise<never> => {
      for (let n = first; ; n += step) {
        await ledger.append(org, someRows(n * 20, 20), sent);
        process.send?.(n);
      }
    };
    return await Promise.race(Array.from({ length: 4 }, (_, index) => append(index, 4)));
  }
  if (task === 'read') {
    const before = process.resourceUsage().maxRSS;
    let bytes = 0;
    for await (const chunk of ledger.chunks(aQuery(), { rowsPerFile: 100_000 })) bytes += rawOf(chunk).length;
    return { bytes, grownByKilobytes: process.resourceUsage().maxRSS - before };
  }
  throw new Error(`unknown task ${task}`);
}
