import { Kysely } from 'kysely';
import type { Changes } from './changes.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import type { Database } from './schema.ts';
import { openSqlite } from './sqlite.ts';

/** The database, and what tells that it has changed. */
export type WatchedDatabase = Kysely<Database> & { readonly changes: Changes };

/**
 * Opens the database of organisations, access and jobs, and brings its tables up to date. Several processes may have
 * the same file open, each with one handle: a second one in the same thread would wait for the first without letting it
 * end. A transaction holds the write lock from its first moment on, so what it has read stays true until
 * it commits; inside one, use the transaction's own handle only, for the database has a single connection.
 * Close with `await db.destroy()` or `await using`.
 */
export async function openDatabase(location: string): Promise<WatchedDatabase> {
  const { dialect, changes } = await openSqlite(location);
  const db = Object.assign(new Kysely<Database>({ dialect }), { changes });
  try {
    await migrate(db, migrations);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
