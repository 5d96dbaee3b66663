import { Failure } from '../audit/failure.ts';

export interface PlaceLimits {
  readonly perUser: number;
  readonly inAll: number;
}

/** How many of something are open at once: of one user, and of all together. */
export class Places {
  readonly #what: string;
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string, number>();
  #count = 0;

  /** `what` stands in the refusal: "streams of events". */
  constructor(what: string, limits: PlaceLimits) {
    this.#what = what;
    this.#limits = limits;
  }

  /** A place until it is disposed of. Throws TOO_MANY_REQUESTS when there is none. */
  take(user: string): Disposable {
    const { perUser, inAll } = this.#limits;
    const own = this.#taken.get(user) ?? 0;
    if (own >= perUser) throw this.#full(`You have ${perUser} ${this.#what} open already`);
    if (this.#count >= inAll) throw this.#full(`${inAll} ${this.#what} are open already`);
    this.#count += 1;
    this.#taken.set(user, own + 1);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#count -= 1;
        const left = (this.#taken.get(user) ?? 1) - 1;
        if (left === 0) this.#taken.delete(user);
        else this.#taken.set(user, left);
      },
    };
  }

  #full(message: string): Failure {
    return new Failure('TOO_MANY_REQUESTS', message, { retryAfterSeconds: 5 });
  }
}
