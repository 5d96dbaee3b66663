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
  /** The list in `temp.people`. */
  readonly list: number | null;
  readonly limit: number;
  readonly skip: number;
}

const inSpan = `e.org = $org AND (e.time, e.id) >= ($lowTime, $lowId) AND (e.time, e.id) <= ($highTime, $highId)`;

type Conditions = Pick<Filter, 'actions' | 'modules' | 'users'>;

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

function matching(way: Way, { actions, modules, users }: Conditions): string {
  const conditions = [source(way, users), 'e.arrival <= $asOf'];
  if (actions) conditions.push('e.action IN (SELECT value FROM json_each($actions))');
  if (modules) conditions.push('e.module IN (SELECT value FROM json_each($modules))');
  return conditions.join(' AND ');
}

const order = {
  'oldest-first': 'ORDER BY e.time, e.id',
  'newest-first': 'ORDER BY e.time DESC, e.id DESC',
} as const satisfies Record<Direction, string>;

/** The texts, each by itself, so that a test can ask SQLite how it would run them. */
export const sql = {
  /**
   * The key of the row that has `skip` rows of the span before it: by the sweep of all rows, by the index of the user's,
   * who must then be a single one.
   */
  edge: (way: Way, users: Filter['users'], direction: Direction) =>
    `SELECT e.time, e.id ${source(way, way === 'sweep' ? null : users)} ${order[direction]} LIMIT 1 OFFSET $skip`,
  /** How many rows of the listed users lie in the span; does not count beyond `limit`. */
  entriesOfUsers: (users: Filter['users']) => `SELECT count(*) FROM (SELECT 1 ${source('users', users)} LIMIT $limit)`,
  count: (way: Way, conditions: Conditions) => `SELECT count(*) ${matching(way, conditions)}`,
  measure: (way: Way, conditions: Conditions) =>
    `SELECT count(*), coalesce(sum(e.bytes), 0) ${matching(way, conditions)}`,
  /** As a blob, which the driver hands over as bytes; text would be made a string of UTF-16 first. */
  lines: (way: Way, conditions: Conditions) => `
    SELECT CAST(group_concat(line, '') AS BLOB)
    FROM (SELECT e.line ${matching(way, conditions)} ${order['oldest-first']})`,
  rows: (way: Way, conditions: Conditions) => `
    SELECT e.time, e.id, e.done_by, e.arrival, e.arrived_at, e.action, e.module, e.line, c.name
    FROM (SELECT e.* ${matching(way, conditions)} ${order['newest-first']} LIMIT $limit) e
    LEFT JOIN clients c ON c.id = e.client ${order['newest-first']}`,
};

export type RowColumns = [bigint, bigint, bigint, bigint, bigint, string, string, string, string];

/** Prepares each statement once. There are few texts: conditions vary in kind, never in number. */
export class Statements {
  readonly #connection: Connection;
  readonly #prepared = new Map<string, BetterSqlite3.Statement<[Parameters]>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  number(text: string, parameters: Parameters): number {
    const [value] = this.#get(text, parameters) ?? [];
    return Number(value);
  }

  numbers(text: string, parameters: Parameters): readonly number[] {
    return (this.#get(text, parameters) ?? []).map(Number);
  }

  key(text: string, parameters: Parameters): { time: number; id: bigint } | null {
    const row = this.#get(text, parameters);
    return row ? { time: Number(row[0]), id: BigInt(row[1] as bigint) } : null; // an INTEGER column, read as bigint
  }

  bytes(text: string, parameters: Parameters): Uint8Array {
    const [value] = this.#get(text, parameters) ?? [];
    return value instanceof Uint8Array ? value : new Uint8Array(0);
  }

  rows(text: string, parameters: Parameters): readonly RowColumns[] {
    return this.#statement(text).all(parameters) as RowColumns[]; // the columns of `sql.rows`, in STRICT tables
  }

  #get(text: string, parameters: Parameters): readonly unknown[] | undefined {
    return this.#statement(text).get(parameters) as readonly unknown[] | undefined; // raw(): a row is an array
  }

  #statement(text: string): BetterSqlite3.Statement<[Parameters]> {
    const prepared = this.#prepared.get(text);
    if (prepared) return prepared;
    const statement = this.#connection.prepare<[Parameters]>(text).raw().safeIntegers();
    this.#prepared.set(text, statement);
    return statement;
  }
}
