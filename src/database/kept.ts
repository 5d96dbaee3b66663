import type { Changes } from './changes.ts';

/**
 * What was made out of the database, kept until anything at all is written to it, by this process or another. So there is
 * nothing to invalidate, and nothing that could be forgotten there: a change that is committed counts for the very next
 * `get`, whatever tables or columns it was in. That costs one making of each value after every write, which is why it is for
 * what is asked for far more often than the database is written to.
 */
export class Kept<Value> {
  readonly #changes: Changes;
  readonly #limit: number;
  /** All made since `#mark`. Promises, so that whoever asks while a value is being made does not make it as well. */
  readonly #values = new Map<string, Promise<Value | null>>();
  #mark: number | null = null;

  /** Keeps `limit` values at most; beyond that the oldest goes. */
  constructor(changes: Changes, limit: number) {
    this.#changes = changes;
    this.#limit = limit;
  }

  /** The value as `make` makes it from the database. Null, and what it throws, are handed on but not kept. */
  get(key: string, make: () => Promise<Value | null>): Promise<Value | null> {
    const mark = this.#changes.mark();
    if (mark === null) return make();
    if (mark !== this.#mark) {
      this.#values.clear();
      this.#mark = mark;
    }
    return this.#values.get(key) ?? this.#keep(key, make());
  }

  #keep(key: string, value: Promise<Value | null>): Promise<Value | null> {
    const forget = (): void => {
      if (this.#values.get(key) === value) this.#values.delete(key);
    };
    value.then((made) => {
      if (made === null) forget();
    }, forget);
    this.#values.set(key, value);
    if (this.#values.size > this.#limit) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    return value;
  }
}
