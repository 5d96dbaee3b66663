/** Who may log in, and by which password. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { hashPassword, oneTimePassword, verifyPassword } from './password.ts';

/** Characters. */
export const passwordLimits = Object.freeze({ min: 12, max: 200 });

/** Somebody whose password was right. */
export interface ProvenUser {
  readonly org: string;
  readonly userId: string;
  /** By which it was found right; a session is made only while it is still the one that is stored. */
  readonly passwordHash: string;
}

/** Null after the same work: nobody has this address, the password is another, or the user is not active. */
export async function proveUser(db: Kysely<Database>, email: string, password: string): Promise<ProvenUser | null> {
  const row = await db
    .selectFrom('users')
    .select(['org', 'id', 'password_hash', 'status'])
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst();
  const hash = row?.status === 'active' ? row.password_hash : null;
  const isRight = await verifyPassword(password, hash);
  return isRight && row && hash !== null ? { org: row.org, userId: row.id, passwordHash: hash } : null;
}

/**
 * What tells a browser that the user has logged in with from a stranger's: 128 random bits, and a proof that they were given
 * out by whoever knew the stored hash. It ends with the password, and opens nothing.
 */
export function deviceMark(proven: ProvenUser, nonce = randomBytes(16).toString('hex')): string {
  return `${nonce}.${createHmac('sha256', proven.passwordHash).update(`${proven.org} ${proven.userId} ${nonce}`).digest('hex')}`;
}

/** Was the mark given out for the user of this address, with the password that they have now? */
export async function isDeviceOf(db: Kysely<Database>, email: string, mark: string): Promise<boolean> {
  if (!/^[0-9a-f]{32}\.[0-9a-f]{64}$/.test(mark)) return false;
  const row = await db
    .selectFrom('users')
    .select(['org', 'id', 'password_hash'])
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst();
  const proven = { org: row?.org ?? '', userId: row?.id ?? '', passwordHash: row?.password_hash ?? 'nobody' };
  const right = deviceMark(proven, mark.slice(0, 32));
  return timingSafeEqual(Buffer.from(right), Buffer.from(mark)) && row !== undefined;
}

export interface PasswordChange {
  readonly org: string;
  readonly userId: string;
  readonly current: string;
  readonly next: string;
}

/**
 * Takes the user's own choice, and ends all sessions of theirs, that of the caller too. Throws INVALID_DATA, with the field
 * in `details`, when the current password is wrong or the new one will not do.
 */
export async function changePassword(db: Kysely<Database>, change: PasswordChange): Promise<ProvenUser> {
  const { org, userId, current, next } = change;
  const row = await db
    .selectFrom('users')
    .select(['email', 'password_hash'])
    .where('org', '=', org)
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .executeTakeFirst();
  const before = row?.password_hash ?? null;
  if (!(await verifyPassword(current, before))) throw wrongCurrent();
  checkNewPassword(next, { current, email: row?.email ?? null });
  const passwordHash = await hashPassword(next, 'chosen');
  await db.transaction().execute(async (trx) => {
    const result = await trx
      .updateTable('users')
      .set({ password_hash: passwordHash, password_is_one_time: 0 })
      .where('org', '=', org)
      .where('id', '=', userId)
      .where('status', '=', 'active')
      .where('password_hash', '=', before)
      .executeTakeFirst();
    // Another change, or an administrator's, was faster.
    if (result.numUpdatedRows !== 1n) throw wrongCurrent();
    await endSessions(trx, org, userId);
  });
  return { org, userId, passwordHash };
}

/** A new one-time password, which is shown once. Ends the user's sessions; tokens stay. Throws INVALID_DATA. */
export async function resetPassword(db: Kysely<Database>, org: string, userId: string): Promise<string> {
  const password = oneTimePassword();
  const passwordHash = await hashPassword(password, 'one-time');
  await db.transaction().execute(async (trx) => {
    const result = await trx
      .updateTable('users')
      .set({ password_hash: passwordHash, password_is_one_time: 1 })
      .where('org', '=', org)
      .where('id', '=', userId)
      .where('imported', '=', 0)
      .executeTakeFirst();
    if (result.numUpdatedRows !== 1n) throw new Failure('INVALID_DATA', `there is no user ${userId} who can log in`);
    await endSessions(trx, org, userId);
  });
  return password;
}

/** Here and not in `access/`, because it must happen with what it follows from or not at all. */
export async function endSessions(trx: Transaction<Database>, org: string, userId: string): Promise<void> {
  await trx.deleteFrom('sessions').where('org', '=', org).where('user_id', '=', userId).execute();
}

function checkNewPassword(next: string, { current, email }: { current: string; email: string | null }): void {
  const { min, max } = passwordLimits;
  const length = [...next.normalize('NFC')].length;
  if (length < min) throw badNew(`The new password must have at least ${min} characters`);
  if (length > max) throw badNew(`The new password must have at most ${max} characters`);
  if (!next.isWellFormed()) throw badNew('The new password holds a character that cannot be typed');
  if (next.trim().toLowerCase() === email) throw badNew('The new password must not be the e-mail address');
  if (next.normalize('NFC') === current.normalize('NFC')) throw badNew('The new password must not be the old one');
}

function wrongCurrent(): Failure {
  return new Failure('INVALID_DATA', 'The current password is not right', {
    details: { api_name: 'current_password', json_path: '$.current_password' },
  });
}

function badNew(message: string): Failure {
  return new Failure('INVALID_DATA', message, {
    details: { api_name: 'new_password', json_path: '$.new_password' },
  });
}
