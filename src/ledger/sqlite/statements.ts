/**
 * The statements of the reader, each for a span of keys and a filter. There are two ways to a span's rows:
 *
 * - `sweep`: through the table, in its own order. Costs what lies in the span.
 * - `users`: through the index `by_user`, user by user. Costs a search for each user and a visit to the table for each
 *   line that is handed out; its rows have to be sorted.
 *
 * CROSS JOIN is how SQLite is told the order of a join: which way is cheaper is decided in walk.ts, not by guesses of
 * its planner. A test holds the plans.
 */
import type BetterSqlite3 from 'better-sqlite3';
import { inOurWords, unavailable } from './failures.ts';
import type { Connection } from './file.ts';
import type { Filter } from './filter.ts';

export type Way = 'sweep' | 'users';
export type Direction = 'oldest-first' | 'newest-first';

/** Names of the parameters as they stand in the SQL. Those that a statement does not name are ignored. */
export interface Parameters {
  readonly org: number;
  readonly lowTime: number;
  readonly lowId: bigint;
  readonly highTime: number;
  readonly highId: bigint;
  readonly asOf: number;
  readonly actions: string | null;
  readonly modules: string | null;
  /** The query's number, see running-queries.ts, and the users that it gets, as a JSON array. */
  readonly list: number | null;
  readonly users: string;
  readonly limit: number;
  readonly skip: number;
  /** Of a histogram. */
  readonly start: number;
  readonly bucketSeconds: number;
}

const inSpan = `e.org = $org AND (e.time, e.id) >= ($lowTime, $lowId) AND (e.time, e.id) <= ($highTime, $highId)`;

type Conditions = Pick<Filter, 'actions' | 'modules' | 'users' | 'match'>;

/** Where the rows of a span come from, the users' condition included. */
function source(way: Way, users: Filter['users']): string {
  if (!users) return `FROM entries e WHERE ${inSpan}`;
  if (users.length === 1) {
    // Against a single value the index gives the rows in order. The plus keeps the sweep from using the index.
    const user = '(SELECT id FROM temp.people WHERE list = $list)';
    return way === 'sweep'
      ? `FROM entries e WHERE ${inSpan} AND +e.done_by = ${user}`
      : `FROM entries e INDEXED BY by_user WHERE ${inSpan} AND e.done_by = ${user}`;
  }
  const joined =
    way === 'sweep' ? 'entries e CROSS JOIN temp.people p' : 'temp.people p CROSS JOIN entries e INDEXED BY by_user';
  return `FROM ${joined} WHERE ${inSpan} AND p.list = $list AND p.id = e.done_by`;
}

function matching(way: Way, { actions, modules, users, match }: Conditions): string {
  const conditions = [source(way, users), 'e.arrival <= $asOf'];
  if (actions) conditions.push('e.action IN (SELECT value FROM json_each($actions))');
  if (modules) conditions.push('e.module IN (SELECT value FROM json_each($modules))');
  // Last, so that it is asked of as few lines as can be. As bytes: only some cells of the line are looked at.
  if (match) conditions.push('line_matches($list, CAST(e.line AS BLOB))');
  return conditions.join(' AND ');
}

const order = {
  'oldest-first': 'ORDER BY e.time, e.id',
  'newest-first': 'ORDER BY e.time DESC, e.id DESC',
} as const satisfies Record<Direction, string>;

/** The texts, each by itself, so that a test can ask SQLite how it would run them. */
export const sql = {
  lastArrival: 'SELECT last FROM arrivals WHERE org = $org',
  /** The users of the queries that are running, each query's under a number of its own. */
  makePeople:
    'CREATE TEMP TABLE people (list INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (list, id)) WITHOUT ROWID',
  addPeople: 'INSERT INTO temp.people SELECT $list, value FROM json_each($users)',
  removePeople: 'DELETE FROM temp.people WHERE list = $list',
  /**
   * The key of the row that has `skip` rows of the span before it: by the sweep of all rows, by the index of the user's,
   * who must then be a single one.
   */
  edge: (way: Way, users: Filter['users'], direction: Direction) =>
    `SELECT e.time, e.id ${source(way, way === 'sweep' ? null : users)} ${order[direction]} LIMIT 1 OFFSET $skip`,
  /** How many rows of the listed users lie in the span; does not count beyond `limit`. */
  entriesOfUsers: (users: Filter['users']) => `SELECT count(*) FROM (SELECT 1 ${source('users', users)} LIMIT $limit)`,
  /** The first and the last time in the span. */
  span: (users: Filter['users']) => {
    const end = (direction: Direction, from: string) => `(SELECT e.time ${from} ${order[direction]} LIMIT 1)`;
    if (!users) {
      const from = source('sweep', null);
      return `SELECT ${end('oldest-first', from)}, ${end('newest-first', from)}`;
    }
    const from = `FROM entries e INDEXED BY by_user WHERE ${inSpan} AND e.done_by = p.id`;
    return `
      SELECT min(first), max(last)
      FROM (SELECT ${end('oldest-first', from)} AS first, ${end('newest-first', from)} AS last
        FROM temp.people p WHERE p.list = $list)`;
  },
  /** How many rows there are in the span, whatever they are. */
  rowsIn: `SELECT count(*) ${source('sweep', null)}`,
  histogram: (way: Way, conditions: Conditions) => `
    SELECT (e.time - CAST($start AS INTEGER)) / CAST($bucketSeconds AS INTEGER), e.action, count(*) ${matching(way, conditions)} GROUP BY 1, 2`,
  count: (way: Way, conditions: Conditions) => `SELECT count(*) ${matching(way, conditions)}`,
  measure: (way: Way, conditions: Conditions) =>
    `SELECT count(*), coalesce(sum(e.bytes), 0) ${matching(way, conditions)}`,
  /** As a blob, which the driver hands over as bytes; text would be made a string of UTF-16 first. */
  lines: (way: Way, conditions: Conditions) => `
    SELECT CAST(group_concat(line, '') AS BLOB)
    FROM (SELECT e.line ${matching(way, conditions)} ${order['oldest-first']})`,
  /** The row that has `skip` rows of the span behind it. */
  nthLast: `
    SELECT e.time, e.id, e.done_by, e.arrival, e.arrived_at, e.action, e.module, e.line, c.name
    FROM (SELECT e.* ${source('sweep', null)} ${order['newest-first']} LIMIT 1 OFFSET $skip) e
    LEFT JOIN clients c ON c.id = e.client`,
  rows: (way: Way, conditions: Conditions) => `
    SELECT e.time, e.id, e.done_by, e.arrival, e.arrived_at, e.action, e.module, e.line, c.name
    FROM (SELECT e.* ${matching(way, conditions)} ${order['newest-first']} LIMIT $limit) e
    LEFT JOIN clients c ON c.id = e.client ${order['newest-first']}`,
};

export type RowColumns = [bigint, bigint, bigint, bigint, bigint, string, string, string, string];

export type CountColumns = [bucket: bigint, action: string, rows: bigint];

type Statement = BetterSqlite3.Statement<[Partial<Parameters>]>;

/** Prepares each statement once. There are few texts: conditions vary in kind, never in number. */
export class Statements {
  readonly #connection: Connection;
  readonly #prepared = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Of one row and column; 0 without a row. */
  number(text: string, parameters: Partial<Parameters>): number {
    const [value] = this.#get(text, parameters) ?? [];
    return Number(value ?? 0);
  }

  run(text: string, parameters: Partial<Parameters>): void {
    this.#run(text, (statement) => statement.run(parameters));
  }

  numbers(text: string, parameters: Partial<Parameters>): readonly number[] {
    return (this.#get(text, parameters) ?? []).map(Number);
  }

  /** Of one row that has no NULL; else null. */
  numbersOrNone(text: string, parameters: Partial<Parameters>): readonly number[] | null {
    const row = this.#get(text, parameters) ?? [null];
    return row.includes(null) ? null : row.map(Number);
  }

  key(text: string, parameters: Partial<Parameters>): { time: number; id: bigint } | null {
    const row = this.#get(text, parameters);
    return row ? { time: Number(row[0]), id: BigInt(row[1] as bigint) } : null; // an INTEGER column, read as bigint
  }

  bytes(text: string, parameters: Partial<Parameters>): Uint8Array {
    const [value] = this.#get(text, parameters) ?? [];
    return value instanceof Uint8Array ? value : new Uint8Array(0);
  }

  rows(text: string, parameters: Partial<Parameters>): readonly RowColumns[] {
    return this.#run(text, (statement) => statement.all(parameters)) as RowColumns[]; // the columns of `sql.rows`
  }

  counts(text: string, parameters: Partial<Parameters>): readonly CountColumns[] {
    return this.#run(text, (statement) => statement.all(parameters)) as CountColumns[]; // those of `sql.histogram`
  }

  #get(text: string, parameters: Partial<Parameters>): readonly unknown[] | undefined {
    return this.#run(text, (statement) => statement.get(parameters)) as readonly unknown[] | undefined; // raw: an array
  }

  #run(text: string, work: (statement: Statement) => unknown): unknown {
    if (!this.#connection.open) throw unavailable('The ledger is closed');
    try {
      return work(this.#statement(text));
    } catch (error) {
      throw inOurWords(error);
    }
  }

  #statement(text: string): Statement {
    const prepared = this.#prepared.get(text);
    if (prepared) return prepared;
    const statement = this.#connection.prepare<[Partial<Parameters>]>(text).safeIntegers();
    if (statement.reader) statement.raw();
    this.#prepared.set(text, statement);
    return statement;
  }
}
