/**
 * What someone with a file and a shell would do to get it into a database: the `sqlite3` program and an ordinary table with
 * a column for each cell, clustered as the ledger is, so that the comparison is one of ways and not of missing indexes.
 */
import { csvColumns } from '../src/audit/line.ts';
import type { Reference } from './figures.ts';
import { missingProgram, type Program } from './peers/debian.ts';
import { shell } from './programs.ts';
import type { Stage } from './stage.ts';

const columns = csvColumns.map((name) => `"${name}"`);

/** Of an import. The times of our own CSV sort as text but for an hour in autumn. */
const importTable = `
  CREATE TABLE entries (${columns.map((name) => `${name} TEXT`).join(', ')},
    PRIMARY KEY ("Audited Time", "Entry Id")) WITHOUT ROWID;
  CREATE INDEX by_user ON entries ("Done By Id", "Audited Time", "Entry Id");`;

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
    const { seconds } = await shell(this.#stage, 'sqlite3 imported.sqlite', { input: this.#script() });
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
    const programs: readonly Program[] = this.#kind === 'zip' ? ['sqlite3', 'unzip'] : ['sqlite3'];
    return missingProgram(programs);
  }
}

/** Where the cells of a line stand in an entry's JSON. */
const jsonPaths = [
  ...['done_by.name', 'action', 'module.api_name', 'record.name', 'related_record.module', 'related_record.name'],
  ...['account_name', 'audited_time', 'record.id', 'done_by.id', 'id', 'source', 'changes'],
];

function referenceOf(what: string, values: readonly number[], missing: string | null): Reference {
  return { what, values, ...(missing === null ? {} : { missing }) };
}
