/** What statements need of the queries that are running: each under a number of its own. */
import type { Connection } from './file.ts';
import type { Filter } from './filter.ts';
import type { LineMatch } from './line-match.ts';
import { type Statements, sql } from './statements.ts';

export interface RunningQuery extends Disposable {
  /** For `$list`; null: its statements need nothing. */
  readonly list: number | null;
}

export class RunningQueries {
  readonly #connection: Connection;
  readonly #statements: Statements;
  readonly #matches = new Map<number, LineMatch>();
  #last = 0;

  constructor(connection: Connection, statements: Statements) {
    this.#connection = connection;
    this.#statements = statements;
    connection.exec(sql.makePeople);
    const isInLine = (list: number, line: Buffer) => Number(this.#matches.get(list)?.isInLine(line) ?? false);
    connection.function('line_matches', { deterministic: true, directOnly: true }, isInLine);
  }

  /** The users of a query stand in a table of this connection while it runs: thousands are no burden on each statement. */
  begin({ users, match }: Filter): RunningQuery {
    if (!users && !match) return { list: null, [Symbol.dispose]: () => {} };
    this.#last += 1;
    const list = this.#last;
    if (match) this.#matches.set(list, match);
    if (users) this.#statements.run(sql.addPeople, { list, users: `[${users.join(',')}]` });
    return {
      list,
      [Symbol.dispose]: () => {
        this.#matches.delete(list);
        // Closing the connection has removed the table already.
        if (users && this.#connection.open) this.#statements.run(sql.removePeople, { list });
      },
    };
  }
}
