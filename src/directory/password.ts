import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { Failure } from '../audit/failure.ts';

/** scrypt's cost, kept with each hash, so that it can be raised later. */
interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** For a password that a person chose: 32 MiB and about a quarter of a second. */
const chosenCost: Cost = { log2N: 15, r: 8, p: 3 };
/** A one-time password has 100 random bits, which no guessing reaches: it needs no more than a moment. */
const oneTimeCost: Cost = { log2N: 12, r: 8, p: 1 };
const keyBytes = 32;
/** No more than this is hashed, so that a request cannot make the hash itself slow. */
const maxPasswordBytes = 1024;

/** No 0, 1, I, O: it may be read from one screen and typed at another. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** 20 characters in groups of five: 100 bits. */
export function oneTimePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return [group(), group(), group(), group()].join('-');
}

/** `scrypt.15.8.3.SALT.KEY`, made in the thread pool. */
export async function hashPassword(password: string, kind: 'chosen' | 'one-time'): Promise<string> {
  if (isTooLong(password)) throw new RangeError('the password is too long');
  const cost = kind === 'chosen' ? chosenCost : oneTimeCost;
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.log2N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('.');
}

/**
 * With no hash (nobody of that name) it takes as long as with one, and is false. So that the time does not tell a one-time
 * password either, each try is given the work of both kinds.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const stored = hash === null ? nobody : parse(hash);
  const isHashed = !isTooLong(password);
  const tried = isHashed ? password : '';
  await derive(tried, nobody.salt, stored.cost.log2N < chosenCost.log2N ? chosenCost : oneTimeCost);
  const key = await derive(tried, stored.salt, stored.cost);
  return timingSafeEqual(key, stored.key) && hash !== null && isHashed;
}

/** Measured as it is hashed: in Unicode's composed form. */
function isTooLong(password: string): boolean {
  return Buffer.byteLength(password.normalize('NFC')) > maxPasswordBytes;
}

const nobody = { cost: chosenCost, salt: Buffer.alloc(16), key: Buffer.alloc(keyBytes) };

function parse(hash: string): { cost: Cost; salt: Buffer; key: Buffer } {
  const [scheme, log2N, r, p, salt, key, ...rest] = hash.split('.');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined || rest.length > 0) {
    throw new Error('a stored password hash is damaged');
  }
  return {
    cost: { log2N: Number(log2N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}

/**
 * `atOnce`: the thread pool has four threads, and files are read there too, so half of them are left to the files. `waiting`: some
 * ten seconds' worth; who comes after that would not wait so long anyway.
 */
export const hashing = Object.freeze({ atOnce: 2, waiting: 64 });
const waiting: (() => void)[] = [];
let running = 0;

/** Throws TOO_MANY_REQUESTS when too many wait already. */
async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (running < hashing.atOnce) running += 1;
  else await turn();
  try {
    return await deriveNow(password, salt, cost);
  } finally {
    const next = waiting.shift();
    // The place goes on to who has waited longest.
    if (next === undefined) running -= 1;
    else next();
  }
}

function turn(): Promise<void> {
  if (waiting.length >= hashing.waiting) {
    throw new Failure('TOO_MANY_REQUESTS', 'Too many passwords are being checked at the moment; try again', {
      retryAfterSeconds: 10,
    });
  }
  return new Promise((go) => waiting.push(go));
}

function deriveNow(password: string, salt: Buffer, { log2N, r, p }: Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const N = 2 ** log2N;
  // Both spellings of an accented letter are the same password.
  scrypt(password.normalize('NFC'), salt, keyBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}
