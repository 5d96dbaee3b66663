/**
 * Codes, refresh tokens and access tokens: rows under the hash of what the client holds. A code is the parent of the
 * refresh token that it was changed into, a refresh token that of its access tokens; what ends a parent ends what came
 * from it.
 */
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../database/schema.ts';
import { hashSecret, newToken } from './secrets.ts';

export type Grant = Selectable<Database['grants']>;

export const accessTokenSeconds = 3_600;
export const codeSeconds = 120;

export interface NewGrant {
  readonly clientId: string | null;
  readonly org: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly redirectUri?: string | null;
  readonly parentHash?: string | null;
}

/** Stores the hash and answers the secret, which is not kept anywhere. */
export async function insertGrant(
  trx: Transaction<Database>,
  kind: Grant['kind'],
  grant: NewGrant,
  now: number,
): Promise<string> {
  const secret = newToken();
  const row = {
    hash: hashSecret(secret),
    kind,
    client_id: grant.clientId,
    org: grant.org,
    user_id: grant.userId,
    scopes: JSON.stringify(grant.scopes),
    redirect_uri: grant.redirectUri ?? null,
    parent_hash: grant.parentHash ?? null,
    created_at: now,
    expires_at: expiryOf(kind, now),
    used_at: null,
    revoked_at: null,
  };
  await trx.insertInto('grants').values(row).execute();
  return secret;
}

function expiryOf(kind: Grant['kind'], now: number): number | null {
  if (kind === 'refresh') return null;
  return now + (kind === 'code' ? codeSeconds : accessTokenSeconds) * 1_000;
}

/** The row, whatever its state. */
export async function grantOf(db: Kysely<Database>, kind: Grant['kind'], secret: string): Promise<Grant | null> {
  const query = db.selectFrom('grants').selectAll().where('hash', '=', hashSecret(secret)).where('kind', '=', kind);
  return (await query.executeTakeFirst()) ?? null;
}

export function scopesOf(grant: Pick<Grant, 'scopes'>): readonly string[] {
  return JSON.parse(grant.scopes) as string[]; // written by `insertGrant`
}

/** Ends the grant and all that came from it. */
export async function revokeGrant(trx: Transaction<Database>, hash: string, now: number): Promise<void> {
  const children = await trx.selectFrom('grants').select(['hash', 'kind']).where('parent_hash', '=', hash).execute();
  await trx
    .updateTable('grants')
    .set({ revoked_at: now })
    .where((where) => where.or([where('hash', '=', hash), where('parent_hash', '=', hash)]))
    .where('revoked_at', 'is', null)
    .execute();
  for (const child of children) if (child.kind === 'refresh') await revokeGrant(trx, child.hash, now);
}

/** The access tokens that are alive, of one refresh token or (without one) of one client. */
export async function liveTokens(
  trx: Transaction<Database>,
  of: { readonly parentHash: string | null; readonly clientId: string },
  now: number,
): Promise<{ readonly count: number; readonly firstExpiry: number }> {
  const { parentHash, clientId } = of;
  const tokens = trx
    .selectFrom('grants')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('expires_at').as('first_expiry')])
    .where('kind', '=', 'access')
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null);
  const query =
    parentHash === null
      ? tokens.where('client_id', '=', clientId).where('parent_hash', 'is', null)
      : tokens.where('parent_hash', '=', parentHash);
  const row = await query.executeTakeFirstOrThrow();
  return { count: Number(row.count), firstExpiry: Number(row.first_expiry ?? now) };
}

/**
 * Deletes up to `limit` rows that no longer matter, and says how many. A code that was used stays as long as the refresh
 * token that came from it, so that a second use is still noticed.
 */
export async function deleteDeadGrants(db: Kysely<Database>, limit: number, now: number): Promise<number> {
  const dead = db
    .selectFrom('grants as g')
    .select('g.hash')
    .where((where) =>
      where.or([
        where.and([where('g.kind', '=', 'access'), where('g.expires_at', '<=', now)]),
        where.and([
          where('g.kind', '=', 'code'),
          where('g.expires_at', '<=', now),
          where.not(
            where.exists(
              where.selectFrom('grants as child').select('child.hash').whereRef('child.parent_hash', '=', 'g.hash'),
            ),
          ),
        ]),
        where.and([where('g.kind', '=', 'refresh'), where('g.revoked_at', '<=', now)]),
      ]),
    )
    .limit(limit);
  const result = await db.deleteFrom('grants').where('hash', 'in', dead).executeTakeFirst();
  return Number(result.numDeletedRows);
}
