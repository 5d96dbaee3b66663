import { shell } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { missingProgram } from './debian.ts';
import { missingPeer, type Peer } from './peer.ts';
import { columnsOf, rowsFile } from './rows.ts';

const name = 'sqlite3 -csv';
export const sqliteFile = 'peer.sqlite';

/** The `sqlite3` program. The table is clustered as the ledger is. */
export async function openSqlite(stage: Stage): Promise<Peer> {
  const missing = missingProgram(['sqlite3']);
  if (missing !== null) return missingPeer(name, missing);
  const input = `
    PRAGMA synchronous = off;
    PRAGMA journal_mode = off;
    CREATE TABLE entries (${columnsOf({ number: 'INTEGER', text: 'TEXT' })}, PRIMARY KEY (time, id)) WITHOUT ROWID;
.import --csv ${rowsFile} entries
    CREATE INDEX by_user ON entries ("Done By Id", time, id);
    ANALYZE;\n`;
  await shell(stage, `sqlite3 ${sqliteFile}`, { input });
  const dump = `sqlite3 -readonly -csv -header ${sqliteFile} "$SQL"`;
  return { name, missing: null, dump, sql: (query) => query, server: null };
}
