import { join } from 'node:path';
import { shell } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { missingPackage } from './node-packages.ts';
import { missingPeer, type Peer } from './peer.ts';
import { columnsOf, rowsFile } from './rows.ts';

export const duckdbName = 'DuckDB';
const file = 'peer.duckdb';
const run = `${process.execPath} ${join(import.meta.dirname, 'duckdb.mjs')} ${file} "$SQL"`;

/** Through its Node package, for Debian has no program of it: a process that runs one COPY. */
export async function openDuckdb(stage: Stage): Promise<Peer> {
  const missing = missingPackage('@duckdb/node-api');
  if (missing !== null) return missingPeer(duckdbName, missing);
  const table = `
    CREATE TABLE entries (${columnsOf({ number: 'BIGINT', text: 'VARCHAR' })});
    COPY entries FROM '${rowsFile}' (FORMAT csv, HEADER false);
    CREATE INDEX by_user ON entries ("Done By Id");
    CHECKPOINT`;
  await shell(stage, run, { env: { SQL: table, MODE: 'READ_WRITE' } });
  const sql = (query: string): string => `COPY (${query}) TO '/dev/stdout' (FORMAT csv, HEADER)`;
  return { name: duckdbName, missing: null, dump: run, sql, server: null };
}

/** The same with its own compressor, on all processors, instead of a pipe. */
export function duckdbGzip(query: string, path: string): string {
  return `COPY (${query}) TO '${path}' (FORMAT csv, HEADER, COMPRESSION gzip)`;
}
