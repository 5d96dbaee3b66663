/**
 * How often somebody may try to log in. In memory: one process serves a folder, who is throttled cannot restart it, and a write
 * for each wrong password would let a stranger have the whole server ask the database anew.
 */
import { isIPv6 } from 'node:net';
import { Failure } from '../audit/failure.ts';

export interface Allowance {
  /** Tries that may be wrong one after the other. */
  readonly burst: number;
  /** After that, one more for each such time. */
  readonly refillMs: number;
}

/**
 * One address may guess at one account for a while only; many addresses together at one account; one address at all accounts. No
 * stranger can hold an account closed with one address, since that runs dry before the account does; and a browser that
 * somebody has logged in with before has tries of its own, which no stranger can use up.
 */
export const logInAllowances = {
  pair: { burst: 5, refillMs: 5 * 60_000 },
  account: { burst: 50, refillMs: 60_000 },
  address: { burst: 30, refillMs: 10_000 },
  device: { burst: 10, refillMs: 60_000 },
} as const satisfies Record<string, Allowance>;

/** Accounts, addresses, devices that are remembered, of each; beyond that the one that was tried longest ago is forgotten. */
const maxKeys = 20_000;

/** For each key one number, the time at which all its tries are back: so what is forgotten with time needs no clock. */
class Tries {
  readonly #allowance: Allowance;
  readonly #fullAt = new Map<string, number>();

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** Milliseconds until there is a try; 0: there is one. */
  wait(key: string, now: number): number {
    const { burst, refillMs } = this.#allowance;
    return Math.max(0, (this.#fullAt.get(key) ?? 0) - now - (burst - 1) * refillMs);
  }

  take(key: string, now: number): void {
    const fullAt = Math.max(now, this.#fullAt.get(key) ?? 0) + this.#allowance.refillMs;
    // Anew, so that the order of the keys is that of their last try.
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size <= maxKeys) return;
    for (const oldest of this.#fullAt.keys()) {
      this.#fullAt.delete(oldest);
      break;
    }
  }

  giveBack(key: string): void {
    const fullAt = this.#fullAt.get(key);
    if (fullAt !== undefined) this.#fullAt.set(key, fullAt - this.#allowance.refillMs);
  }

  forget(key: string): void {
    this.#fullAt.delete(key);
  }

  sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
  }
}

export interface LogInTry {
  /** Whom somebody wants to be, whether there is such an account or not. */
  readonly account: string;
  readonly address: string;
  /** The mark of a browser that the account was logged in with before; null: there is none. */
  readonly device: string | null;
}

export interface CountedTry {
  /** Gives the try back, and forgives the mistakes before it. */
  wasRight(): void;
  /** Gives the try back: the password could not be looked at. */
  wasNone(): void;
}

const sweepMs = 60_000;

export class LogInThrottle {
  readonly #clock: () => number;
  readonly #pairs = new Tries(logInAllowances.pair);
  readonly #accounts = new Tries(logInAllowances.account);
  readonly #addresses = new Tries(logInAllowances.address);
  readonly #devices = new Tries(logInAllowances.device);
  #sweptAt = 0;

  /** `clock` gives epoch milliseconds. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** How many accounts, addresses and so on are remembered. */
  get size(): number {
    return this.#all().reduce((sum, tries) => sum + tries.size, 0);
  }

  /**
   * Counts a try before its password is looked at, so that many at once are counted as many. Throws TOO_MANY_REQUESTS, which
   * costs no try.
   */
  begin({ account, address, device }: LogInTry): CountedTry {
    const now = this.#clock();
    this.#sweep(now);
    const network = networkOf(address);
    const pair = `${account}\n${network}`;
    const counted: [Tries, string][] =
      device === null
        ? [
            [this.#pairs, pair],
            [this.#accounts, account],
            [this.#addresses, network],
          ]
        : [[this.#devices, device]];
    const waitMs = Math.max(...counted.map(([tries, key]) => tries.wait(key, now)));
    if (waitMs > 0) throw tooMany(waitMs);
    for (const [tries, key] of counted) tries.take(key, now);
    const wasNone = (): void => {
      for (const [tries, key] of counted) tries.giveBack(key);
    };
    const wasRight = (): void => {
      wasNone();
      // Who knows the password has only mistyped it until now; but beside a known browser a stranger may have tried.
      if (device === null) this.#pairs.forget(pair);
    };
    return { wasRight, wasNone };
  }

  #all(): readonly Tries[] {
    return [this.#pairs, this.#accounts, this.#addresses, this.#devices];
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < sweepMs) return;
    this.#sweptAt = now;
    for (const tries of this.#all()) tries.sweep(now);
  }
}

/** Whoever has an IPv6 address has at least 2^64 of them. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  const groups = plain.includes('::') ? [...first, ...zeros, ...last] : first;
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

function tooMany(waitMs: number): Failure {
  const seconds = Math.ceil(waitMs / 1_000);
  return new Failure('TOO_MANY_REQUESTS', `Too many tries to log in; the next one is possible in ${inWords(seconds)}`, {
    retryAfterSeconds: seconds,
  });
}

function inWords(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
