import { hash } from 'node:crypto';
// biome-ignore lint/style/noRestrictedImports: what is counted here may exceed the memory, so it has a SQLite of its own
import Sqlite from 'better-sqlite3';

/** Contents that are counted in memory: 12 bytes each, and a third as many places left free. */
const countedInMemory = 700_000;
const places = 2 ** 20;

/**
 * Ids for lines that come without one, made of the line's content and of how many equal lines came before it in the same
 * file: so that equal lines of a file are entries of their own, and the same file read again gives the same ids.
 *
 * A file of any length, in any order, is counted in bounded memory: the first contents in a table, the rest in a scratch
 * database, which SQLite keeps in an unnamed temporary file. The table is five times as fast, and most files fit.
 */
export class RepeatIds implements Disposable {
  readonly #memory: MemoryCounts;
  #scratch: ScratchCounts | null = null;

  constructor(inMemory: number = countedInMemory) {
    this.#memory = new MemoryCounts(inMemory);
  }

  /** 18 digits, the first not 0. */
  idOf(content: string): bigint {
    const first = digest(content);
    const seen = this.#memory.add(first) ?? this.#inScratch().add(first);
    return idFrom(seen === 1 ? first : digest(`${seen}\0${content}`));
  }

  /** The next file: no line of it came before. */
  restart(): void {
    this.#memory.clear();
    this[Symbol.dispose]();
  }

  #inScratch(): ScratchCounts {
    this.#scratch ??= new ScratchCounts();
    return this.#scratch;
  }

  [Symbol.dispose](): void {
    this.#scratch?.close();
    this.#scratch = null;
  }
}

/** A hash table with open addressing. A content stands for itself by 64 bits of its hash. */
class MemoryCounts {
  readonly #limit: number;
  readonly #low = new Uint32Array(places);
  readonly #high = new Uint32Array(places);
  readonly #counts = new Uint32Array(places);
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How often the content has been added, this time included; null when it is not in the table, and the table is full. */
  add(digested: Buffer): number | null {
    const low = digested.readUInt32LE(0);
    const high = digested.readUInt32LE(4);
    let place = low % places;
    while (this.#countAt(place) > 0 && (this.#low[place] !== low || this.#high[place] !== high)) {
      place = (place + 1) % places;
    }
    const count = this.#countAt(place) + 1;
    if (count === 1) {
      if (this.#used >= this.#limit) return null;
      this.#used += 1;
      this.#low[place] = low;
      this.#high[place] = high;
    }
    this.#counts[place] = count;
    return count;
  }

  #countAt(place: number): number {
    return this.#counts[place] ?? 0;
  }

  clear(): void {
    if (this.#used > 0) this.#counts.fill(0);
    this.#used = 0;
  }
}

class ScratchCounts {
  readonly #db: Sqlite.Database;
  readonly #add: Sqlite.Statement<[bigint], { seen: number }>;

  constructor() {
    this.#db = new Sqlite('');
    this.#db.pragma('journal_mode = OFF');
    this.#db.pragma('cache_size = -16384');
    this.#db.exec('CREATE TABLE seen (content INTEGER PRIMARY KEY, seen INTEGER NOT NULL)');
    this.#add = this.#db.prepare<[bigint], { seen: number }>(
      'INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET seen = seen + 1 RETURNING seen',
    );
    this.#db.exec('BEGIN');
  }

  add(digested: Buffer): number {
    return this.#add.get(digested.readBigInt64LE())?.seen ?? 1;
  }

  close(): void {
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
