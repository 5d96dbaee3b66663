/**
 * What someone with a database and a shell would do: the same rows in an ordinary table with a column for each cell,
 * written and read by the `sqlite3` program, and packed by `zip`. The table is clustered as the ledger is, and has its
 * index, so that the comparison is one of ways and not of missing indexes.
 */
import BetterSqlite3 from 'better-sqlite3';
import { csvColumns } from '../src/audit/line.ts';
import { OrgZone } from '../src/audit/time.ts';
import { timeZone } from './annals.ts';
import { entriesOf, type Portion } from './entries.ts';
import type { Reference } from './figures.ts';
import { missingProgram, shell } from './programs.ts';
import type { Stage } from './stage.ts';

const columns = csvColumns.map((name) => `"${name}"`);
const file = 'plain.sqlite';

/** Of an import. The times of our own CSV sort as text but for an hour in autumn. */
const importTable = `
  CREATE TABLE entries (${columns.map((name) => `${name} TEXT`).join(', ')},
    PRIMARY KEY ("Audited Time", "Entry Id")) WITHOUT ROWID;
  CREATE INDEX by_user ON entries ("Done By Id", "Audited Time", "Entry Id");`;

export function makePlainTable(stage: Stage, portions: readonly Portion[]): void {
  const db = new BetterSqlite3(stage.path(file));
  db.pragma('synchronous = off');
  db.exec(`
    CREATE TABLE entries (time INTEGER, id INTEGER, ${columns.map((name) => `${name} TEXT`).join(', ')},
      PRIMARY KEY (time, id)) WITHOUT ROWID;
    CREATE INDEX by_user ON entries ("Done By Id", time, id);
    BEGIN`);
  const insert = db.prepare(`INSERT INTO entries VALUES (${Array(columns.length + 2).fill('?')})`);
  const zone = new OrgZone(timeZone);
  for (const portion of portions) {
    for (const entry of [...entriesOf(portion)].flat()) {
      const { id, time, action, doneBy, module, record, related, accountName, source, changes } = entry;
      if (id === null || time === null) throw new Error('a generated entry has an id and a time');
      const names = [doneBy.name, action, module.apiName, record.name, related?.module ?? '', related?.name ?? ''];
      const rest = [accountName, zone.format(time), record.id, String(doneBy.id), String(id), source, changes];
      insert.run(time, id, ...names, ...rest);
    }
  }
  db.exec('COMMIT');
  db.close();
}

/** Seconds of each of the exports so far, of the rows that an SQL condition names. */
export class PlainExport {
  readonly #stage: Stage;
  readonly #where: string;
  readonly #container: 'zip' | 'csv';
  readonly #values: number[] = [];

  constructor(stage: Stage, where: string, container: 'zip' | 'csv') {
    this.#stage = stage;
    this.#where = where;
    this.#container = container;
  }

  async run(): Promise<void> {
    if (this.#missing() !== null) return;
    await this.#stage.remove('plain.zip', 'plain.csv');
    const query = `SELECT ${columns.join(', ')} FROM entries WHERE ${this.#where} ORDER BY time, id;`;
    const sink = this.#container === 'zip' ? '| zip -q -6 plain.zip -' : '> plain.csv';
    const line = `sqlite3 -readonly -csv -header ${file} ${sink}`;
    this.#values.push(await shell(this.#stage, line, query));
  }

  reference(): Reference {
    const what = `sqlite3 .mode csv${this.#container === 'zip' ? ' | zip -6' : ' > file'}`;
    return referenceOf(what, this.#values, this.#missing());
  }

  #missing(): string | null {
    return missingProgram(this.#container === 'zip' ? ['sqlite3', 'zip'] : ['sqlite3']);
  }
}

export type ImportKind = 'ndjson.gz' | 'csv' | 'zip';

/** Entries per second of each of the imports so far. */
export class PlainImport {
  readonly #stage: Stage;
  readonly #path: string;
  readonly #kind: ImportKind;
  readonly #entries: number;
  readonly #values: number[] = [];

  constructor(stage: Stage, source: { readonly path: string; readonly kind: ImportKind; readonly entries: number }) {
    this.#stage = stage;
    this.#path = source.path;
    this.#kind = source.kind;
    this.#entries = source.entries;
  }

  async run(): Promise<void> {
    if (this.#missing() !== null) return;
    await this.#stage.remove('imported.sqlite');
    const seconds = await shell(this.#stage, 'sqlite3 imported.sqlite', this.#script());
    this.#values.push(this.#entries / seconds);
    await this.#stage.remove('imported.sqlite');
  }

  reference(): Reference {
    const how = { 'ndjson.gz': '.import | json_extract', csv: '.import --csv', zip: 'unzip -p | .import --csv' };
    return referenceOf(`sqlite3 ${how[this.#kind]}`, this.#values, this.#missing());
  }

  #script(): string {
    // The headers of a ZIP's further files would be rows; the condition on the key drops all but one of them.
    const unpacked = this.#kind === 'zip' ? `|unzip -p ${this.#path}` : this.#path;
    if (this.#kind !== 'ndjson.gz') return `${importTable}\n.import --csv --skip 1 "${unpacked}" entries\n`;
    return `${importTable}
      CREATE TEMP TABLE raw (line TEXT);
.mode ascii
.separator "\\037" "\\n"
.import "|gzip -dc ${this.#path}" raw
      INSERT INTO entries SELECT ${jsonPaths.map((path) => `json_extract(line, '$.${path}')`).join(', ')} FROM raw;\n`;
  }

  #missing(): string | null {
    const unpackers = { 'ndjson.gz': ['gzip'], csv: [], zip: ['unzip'] } as const;
    return missingProgram(['sqlite3', ...unpackers[this.#kind]]);
  }
}

/** Where the cells of a line stand in an entry's JSON. */
const jsonPaths = [
  ...['done_by.name', 'action', 'module.api_name', 'record.name', 'related_record.module', 'related_record.name'],
  ...['account_name', 'audited_time', 'record.id', 'done_by.id', 'id', 'source', 'changes'],
];

function referenceOf(what: string, values: readonly number[], missing: string | null): Reference {
  return { what, values, ...(missing === null ? {} : { missing: `${missing} is not installed` }) };
}
