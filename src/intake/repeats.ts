import { hash } from 'node:crypto';
import Sqlite from 'better-sqlite3';

/**
 * Ids for lines that come without one, made of the line's content and of how many equal lines came before it in the same
 * file: so that equal lines of a file are entries of their own, and the same file read again gives the same ids.
 *
 * The counts stand in a scratch database that SQLite keeps in memory up to a few megabytes and beyond that in an unnamed
 * temporary file: a file of any length, in any order, is counted in bounded memory.
 */
export class RepeatIds implements Disposable {
  readonly #db: Sqlite.Database;
  readonly #count: Sqlite.Statement<[bigint], { seen: number }>;
  #pending = 0;

  constructor() {
    this.#db = new Sqlite('');
    this.#db.pragma('journal_mode = OFF');
    this.#db.pragma('cache_size = -16384');
    this.#db.exec('CREATE TABLE seen (content INTEGER PRIMARY KEY, seen INTEGER NOT NULL)');
    this.#count = this.#db.prepare<[bigint], { seen: number }>(
      'INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET seen = seen + 1 RETURNING seen',
    );
    this.#db.exec('BEGIN');
  }

  /** 18 digits, the first not 0. */
  idOf(content: string): bigint {
    const first = digest(content);
    const { seen } = this.#count.get(first.readBigInt64BE()) ?? { seen: 1 };
    this.#pending += 1;
    return idFrom(seen === 1 ? first : digest(`${seen}\0${content}`));
  }

  /** The next file: no line of it came before. */
  restart(): void {
    if (this.#pending === 0) return;
    this.#db.exec('DELETE FROM seen');
    this.#pending = 0;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

const smallestId = 10n ** 17n;

function idFrom(digested: Buffer): bigint {
  return smallestId + (digested.readBigUInt64BE() % (9n * smallestId));
}

function digest(content: string): Buffer {
  return hash('sha256', content, 'buffer');
}
