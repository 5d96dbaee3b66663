/**
 * Who is logged in to the console: a row under the hash of what the cookie holds, deleted when the session ends. What ends all
 * sessions of a user (another password, a user who is no longer active) stands in `directory/credentials.ts` and `users.ts`,
 * for it must happen together with that or not at all.
 */
import type { Kysely, Transaction } from 'kysely';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import { hashSecret, newToken } from './secrets.ts';

/** A session ends when it is not used for so long, */
export const sessionIdleHours = 12;
/** and after so long, however much it is used. */
export const sessionDays = 7;
/** Of one user; the oldest makes room for the next one. */
export const sessionsOfUser = 100;
/** That a session is used is written down no more often: each write costs a sync, and makes every kept caller be asked anew. */
export const seenEveryMs = 5 * 60_000;

const idleMs = sessionIdleHours * 3_600_000;
const lifeMs = sessionDays * 86_400_000;

export interface Session {
  readonly org: string;
  readonly userId: string;
  readonly hash: string;
  /** Epoch milliseconds, give or take `seenEveryMs`. */
  readonly seenAt: number;
  /** Epoch milliseconds; later if it is used until then. */
  readonly expiresAt: number;
  /** True: the user has to choose a password before anything else. */
  readonly passwordIsOneTime: boolean;
}

export interface SessionFor {
  readonly org: string;
  readonly userId: string;
  /** The stored hash that the password was found to be right by: another one by now, and there is no session. */
  readonly passwordHash: string;
}

/** What the cookie is to hold, which is not kept anywhere. Null: the user may not log in any more. */
export async function insertSession(
  trx: Transaction<Database>,
  { org, userId, passwordHash }: SessionFor,
  now: number,
): Promise<string | null> {
  const user = await trx
    .selectFrom('users')
    .select('id')
    .where('org', '=', org)
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .where('password_hash', '=', passwordHash)
    .executeTakeFirst();
  if (!user) return null;
  const surplus = trx
    .selectFrom('sessions')
    .select('hash')
    .where('org', '=', org)
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('hash')
    .limit(1_000)
    .offset(sessionsOfUser - 1);
  await trx.deleteFrom('sessions').where('hash', 'in', surplus).execute();
  const secret = newToken();
  await trx
    .insertInto('sessions')
    .values({
      hash: hashSecret(secret),
      org,
      user_id: userId,
      created_at: now,
      seen_at: now,
      expires_at: now + lifeMs,
    })
    .execute();
  return secret;
}

export type FindSession = (hash: string, now: number) => Promise<Session | null>;

/** Null: unknown or over, or its user is not active. One indexed query. */
export function sessionFinder(db: Kysely<Database>): FindSession {
  const byHash = new PreparedQuery((given: { hash: string; now: number; seenAfter: number }) =>
    db
      .selectFrom('sessions as s')
      .innerJoin('users as u', (join) => join.onRef('u.org', '=', 's.org').onRef('u.id', '=', 's.user_id'))
      .select(['s.org', 's.user_id', 's.seen_at', 's.expires_at', 'u.password_is_one_time'])
      .where('s.hash', '=', given.hash)
      .where('s.expires_at', '>', given.now)
      .where('s.seen_at', '>', given.seenAfter)
      .where('u.status', '=', 'active'),
  );
  return async (hash, now) => {
    const row = await byHash.first(db, { hash, now, seenAfter: now - idleMs });
    if (!row) return null;
    const { org, user_id: userId, seen_at: seenAt, expires_at: end } = row;
    const expiresAt = Math.min(end, seenAt + idleMs);
    return { org, userId, hash, seenAt, expiresAt, passwordIsOneTime: row.password_is_one_time === 1 };
  };
}

/** Writes down that the session is in use, unless that has been done a moment ago. */
export async function seeSession(db: Kysely<Database>, hash: string, now: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ seen_at: now })
    .where('hash', '=', hash)
    .where('seen_at', '<=', now - seenEveryMs)
    .execute();
}

export async function deleteSession(db: Kysely<Database>, hash: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hash).execute();
}

/** Deletes up to `limit` sessions that are over, and says how many. */
export async function deleteDeadSessions(db: Kysely<Database>, limit: number, now: number): Promise<number> {
  const dead = db
    .selectFrom('sessions')
    .select('hash')
    .where((where) => where.or([where('expires_at', '<=', now), where('seen_at', '<=', now - idleMs)]))
    .limit(limit);
  const result = await db.deleteFrom('sessions').where('hash', 'in', dead).executeTakeFirst();
  return Number(result.numDeletedRows);
}
