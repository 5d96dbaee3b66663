import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What clients may be sent: some of them keep tokens in files where a comma or a line break would end the value. */
const secretPattern = /^[A-Za-z0-9._-]{1,200}$/;

/** A token or code: `1000.<32 hex>.<32 hex>`, 256 random bits. */
export function newToken(): string {
  return `1000.${randomBytes(16).toString('hex')}.${randomBytes(16).toString('hex')}`;
}

export function newClientId(): string {
  return `1000.${randomBytes(16).toString('hex').toUpperCase()}`;
}

export function newClientSecret(): string {
  return randomBytes(32).toString('hex');
}

/**
 * What is stored in place of a secret. A plain hash will do, since 256 random bits cannot be guessed; a text that cannot
 * be a secret of ours has the hash of the empty text, which nothing is stored under.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secretPattern.test(secret) ? secret : '', 'hex');
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'));
}

/** Of a token's hash: what a token is called where people see it. It tells nothing of the token, and 64 bits do not meet. */
export function shortIdOf(tokenHash: string): string {
  return tokenHash.slice(0, 16);
}
