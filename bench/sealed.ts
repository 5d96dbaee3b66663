/** How far the log is sealed, as the ledger's own file tells it, beside the running server. */
import { setTimeout as wait } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { rowsPerBlock } from '../src/ledger/sqlite/sealer.ts';
import { patienceMs } from './plan.ts';
import type { Stage } from './stage.ts';

const lookEveryMs = 50;

export class SealedLog implements Disposable {
  readonly #db: BetterSqlite3.Database;

  constructor(stage: Stage, dataDir: string) {
    this.#db = new BetterSqlite3(stage.path(`${dataDir}/ledger.sqlite`), { readonly: true });
  }

  /** Entries that lie in blocks. */
  sealedEntries(): number {
    return this.#number('SELECT total(rows) FROM blocks');
  }

  entries(): number {
    return this.#number('SELECT total(last) FROM arrivals');
  }

  /** Of the blocks, in percent of what the ledger takes without them. */
  percentOfDisk(): number {
    const blocks = `name GLOB 'block*'`;
    return this.#number(`
      SELECT 100.0 * total(pgsize) FILTER (WHERE ${blocks}) / total(pgsize) FILTER (WHERE NOT ${blocks})
      FROM dbstat WHERE aggregate = true`);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #number(sql: string): number {
    const found: unknown = this.#db.prepare(sql).pluck().get();
    if (typeof found !== 'number') throw new Error(`${sql} gave no number`);
    return found;
  }
}

/** Waits until all has been sealed but the newest entries, which do not fill a block yet. */
export async function untilSealed(stage: Stage, dataDir: string): Promise<void> {
  using log = new SealedLog(stage, dataDir);
  const startedAt = performance.now();
  while (log.entries() - log.sealedEntries() >= rowsPerBlock) {
    if (performance.now() - startedAt > patienceMs) throw new Error(`${dataDir} is not sealed after ${patienceMs} ms`);
    await wait(lookEveryMs);
  }
}
