import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { SqliteLedger, type SqliteLedgerOptions } from '../../src/ledger/sqlite/ledger.ts';

/** A folder of its own for a test, removed at the end of the scope. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'annals-ledger-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** An empty ledger, removed from the disk when it is disposed of. */
export async function scratchLedger(options: Omit<SqliteLedgerOptions, 'file'>): Promise<Ledger> {
  const folder = await scratchFolder();
  const ledger = await SqliteLedger.open({ ...options, file: join(folder.path, 'ledger.sqlite') });
  const close = ledger[Symbol.asyncDispose].bind(ledger);
  return Object.assign(ledger, {
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  });
}
