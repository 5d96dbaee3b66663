/**
 * What people write in Node: rows from better-sqlite3, each made a line by csv-stringify, and the lines packed by archiver
 * or yazl, all as streams. node-rows.mjs csv|archiver|yazl DATABASE SQL FILE
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';
import BetterSqlite3 from 'better-sqlite3';
import { stringify } from 'csv-stringify';
import yazl from 'yazl';

const [how, database, sql, file] = process.argv.slice(2);
const db = new BetterSqlite3(database, { readonly: true });
db.defaultSafeIntegers(true);
const rows = Readable.from(db.prepare(sql).iterate());
const lines = stringify({ header: true, record_delimiter: '\r\n' });
const target = createWriteStream(file);

if (how === 'csv') {
  await pipeline(rows, lines, target);
} else if (how === 'archiver') {
  const archive = new ZipArchive({ zlib: { level: 6 } });
  archive.append(lines, { name: 'AuditLog.csv' });
  await Promise.all([pipeline(rows, lines), archive.finalize(), pipeline(archive, target)]);
} else {
  const archive = new yazl.ZipFile();
  archive.addReadStream(lines, 'AuditLog.csv');
  archive.end();
  await Promise.all([pipeline(rows, lines), pipeline(archive.outputStream, target)]);
}
db.close();
