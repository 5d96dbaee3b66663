import { type Kysely, sql, type Transaction } from 'kysely';

/** One step of the tables' history. It is never edited once released; a change is a new step. */
export interface Migration {
  readonly name: string;
  up(trx: Transaction<unknown>): Promise<void>;
}

interface History {
  migrations: { version: number; name: string; applied_at: number };
}

/**
 * Applies the steps that the database lacks, in order, each in a transaction of its own. Kysely's own migrator takes no
 * lock on SQLite, so two processes that start at once would both run a step; here each looks at the history after it
 * has the write lock. A database with steps that this program does not know is refused.
 */
export async function migrate<T>(db: Kysely<T>, migrations: readonly Migration[]): Promise<void> {
  // The table of `History` is made by `step` itself.
  const history = db as unknown as Kysely<History>;
  while (await history.transaction().execute((trx) => step(trx, migrations)));
}

/** Applies the next step; false when there was none. */
async function step(trx: Transaction<History>, migrations: readonly Migration[]): Promise<boolean> {
  await sql`create table if not exists migrations (
    version integer primary key, name text not null, applied_at bigint not null)`.execute(trx);
  const applied = await trx.selectFrom('migrations').select(['version', 'name']).orderBy('version').execute();
  for (const [index, row] of applied.entries()) {
    if (migrations[index]?.name === row.name && row.version === index + 1) continue;
    throw new Error(
      `the database was made by a newer version of Annals: this one does not know its change ${row.version} ` +
        `("${row.name}"). Install the newer version, or go back to a copy of the data folder made before it.`,
    );
  }
  const next = migrations[applied.length];
  if (!next) return false;
  try {
    await next.up(trx as Transaction<unknown>);
  } catch (error) {
    throw new Error(`change ${applied.length + 1} ("${next.name}") of the database`, { cause: error });
  }
  const row = { version: applied.length + 1, name: next.name, applied_at: Date.now() };
  await trx.insertInto('migrations').values(row).execute();
  return true;
}
