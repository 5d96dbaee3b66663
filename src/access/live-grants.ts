/** The tokens that are alive, as an administrator sees them: by a short id, never the token. */
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../database/schema.ts';
import { revokeGrant, scopesOf } from './grants.ts';
import { shortIdOf } from './secrets.ts';

export interface LiveToken {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly kind: 'refresh' | 'access';
  readonly user: { readonly id: string; readonly name: string };
  /** Null: made without one. */
  readonly client: { readonly id: string; readonly name: string } | null;
  readonly scopes: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Null: lives until it is revoked. */
  readonly expiresAt: number | null;
}

/** A token's place in the list. */
export type TokenKey = Pick<LiveToken, 'createdAt' | 'id'>;

export interface TokenListQuery {
  readonly now: number;
  /** Go on behind this one; null: from the newest. */
  readonly after: TokenKey | null;
  readonly limit: number;
}

/** Newest first. */
export async function liveTokensOf(db: Kysely<Database>, org: string, query: TokenListQuery): Promise<LiveToken[]> {
  const { now, after, limit } = query;
  let tokens = liveOf(db, org, now);
  if (after !== null) {
    tokens = tokens.where((where) =>
      where(where.refTuple('g.created_at', 'g.hash'), '<', where.tuple(after.createdAt, after.id)),
    );
  }
  const rows = await tokens.orderBy('g.created_at', 'desc').orderBy('g.hash', 'desc').limit(limit).execute();
  return rows.map(liveTokenOf);
}

/** Ends the token, and those that came from it. Null: the organisation has no live one of this id. */
export async function revokeTokenById(
  db: Kysely<Database>,
  org: string,
  id: string,
  now: number,
): Promise<LiveToken | null> {
  if (!/^[0-9a-f]{16}$/.test(id)) return null;
  return db.transaction().execute(async (trx) => {
    const rows = await liveOf(trx, org, now).where('g.hash', '>=', id).where('g.hash', '<', `${id}g`).execute();
    const [row, other] = rows;
    // 64 bits that are the same: in no number of tokens that will ever be made here. But never the wrong one.
    if (row === undefined || other !== undefined) return null;
    await revokeGrant(trx, row.hash, now);
    return liveTokenOf(row);
  });
}

function liveOf(db: Kysely<Database>, org: string, now: number) {
  return db
    .selectFrom('grants as g')
    .innerJoin('users as u', (join) => join.onRef('u.org', '=', 'g.org').onRef('u.id', '=', 'g.user_id'))
    .leftJoin('clients as c', 'c.id', 'g.client_id')
    .select(['g.hash', 'g.kind', 'g.user_id', 'g.client_id', 'g.scopes', 'g.created_at', 'g.expires_at'])
    .select(['u.full_name', 'c.name as client_name'])
    .where('g.org', '=', org)
    .where('g.kind', 'in', ['refresh', 'access'])
    .where('g.revoked_at', 'is', null)
    .where((where) => where.or([where('g.expires_at', 'is', null), where('g.expires_at', '>', now)]));
}

type Row = Pick<
  Selectable<Database['grants']>,
  'hash' | 'kind' | 'user_id' | 'client_id' | 'scopes' | 'created_at' | 'expires_at'
> & { full_name: string; client_name: string | null };

function liveTokenOf(row: Row): LiveToken {
  return {
    id: shortIdOf(row.hash),
    kind: row.kind === 'refresh' ? 'refresh' : 'access',
    user: { id: row.user_id, name: row.full_name },
    client: row.client_id === null ? null : { id: row.client_id, name: row.client_name ?? '' },
    scopes: scopesOf(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
