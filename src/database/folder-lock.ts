import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * Lets one server at a time use a data folder. The lock is the operating system's, held through SQLite: it ends with the
 * process, however that ends, so none is ever left behind. Throws FolderInUse when another process holds it.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'serve.lock');
  closeSync(openSync(path, 'a', 0o600));
  const database = new BetterSqlite3(path, { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (error instanceof BetterSqlite3.SqliteError && error.code === 'SQLITE_BUSY') {
      throw new FolderInUse(`another server is running on ${folder}`, { cause: error });
    }
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}
