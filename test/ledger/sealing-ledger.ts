import { join } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { BlockStore } from '../../src/ledger/sqlite/block-store.ts';
import { openForReading, openForWriting } from '../../src/ledger/sqlite/file.ts';
import { SqliteLedger, type SqliteLedgerOptions } from '../../src/ledger/sqlite/ledger.ts';
import { Sealer } from '../../src/ledger/sqlite/sealer.ts';
import { scratchFolder } from './scratch.ts';

/** Seals all that can be sealed, now, in blocks of that many rows. Returns how many blocks were stored. */
export function sealNow(file: string, rowsPerBlock: number): number {
  const reading = openForReading(file);
  const writing = openForWriting(file, null);
  try {
    const sealer = new Sealer(reading, { settleMs: 0, clock: () => Number.MAX_SAFE_INTEGER, rowsPerBlock });
    const store = new BlockStore(writing);
    let stored = 0;
    for (const block of sealer.blocks()) {
      const isStored = writing.transaction(() => store.insert([block])).immediate()[0] === true;
      sealer.stored(block.org, isStored);
      stored += Number(isStored);
    }
    return stored;
  } finally {
    reading.close();
    writing.close();
  }
}

/** How many entries of all organisations are in blocks. */
export function sealedRows(file: string): number {
  const reading = openForReading(file);
  try {
    return reading.prepare<[], number>('SELECT coalesce(sum(rows), 0) FROM blocks').pluck().get() ?? 0;
  } finally {
    reading.close();
  }
}

export interface SealingLedger extends Ledger {
  readonly file: string;
}

/** A ledger that is sealed as far as it goes after every append, in blocks of another size each time. */
export async function sealingLedger(options: Pick<SqliteLedgerOptions, 'reads'>): Promise<SealingLedger> {
  const folder = await scratchFolder();
  const file = join(folder.path, 'ledger.sqlite');
  const ledger = await SqliteLedger.open({ ...options, file });
  const [append, close] = [ledger.append.bind(ledger), ledger[Symbol.asyncDispose].bind(ledger)];
  const sizes = [3, 1, 20, 7, 1000, 2];
  let appends = 0;
  return Object.assign(ledger, {
    file,
    async append(...call: Parameters<Ledger['append']>) {
      const outcomes = await append(...call);
      sealNow(file, sizes[appends++ % sizes.length] ?? 1);
      return outcomes;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  });
}
