/** Runs SQL on a DuckDB file: duckdb.mjs FILE SQL. `MODE=READ_WRITE` lets it write. */
import { DuckDBInstance } from '@duckdb/node-api';

const [file, sql] = process.argv.slice(2);
const instance = await DuckDBInstance.create(file, { access_mode: process.env.MODE ?? 'READ_ONLY' });
const connection = await instance.connect();
await connection.run(sql);
connection.closeSync();
instance.closeSync();
