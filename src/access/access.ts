import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import { PreparedQuery } from '../database/prepared.ts';
import type { Database } from '../database/schema.ts';
import {
  type Client,
  clients,
  createClient,
  liveClient,
  type NewClient,
  requireGrantable,
  revokeClient,
} from './clients.ts';
import { type Consent, type ConsentFor, consentFor } from './consent.ts';
import { accessTokenSeconds, deleteDeadGrants, insertGrant, revokeGrant, scopesOf } from './grants.ts';
import { type LiveToken, liveTokensOf, revokeTokenById, type TokenListQuery } from './live-grants.ts';
import { checkedScopes, hasScope } from './scopes.ts';
import { hashSecret } from './secrets.ts';
import {
  deleteDeadSessions,
  deleteSession,
  type FindSession,
  insertSession,
  type Session,
  type SessionFor,
  seeSession,
  sessionFinder,
} from './sessions.ts';
import { issue, type TokenParameters } from './token-grants.ts';

export type { Client, NewClient } from './clients.ts';
export type { Consent, ConsentFor } from './consent.ts';
export type { Session, SessionFor } from './sessions.ts';
export type { TokenParameters } from './token-grants.ts';

export interface AccessOptions {
  /** How many access tokens of one refresh token may be alive. */
  readonly maxLiveTokens?: number;
}

/** On whose behalf a request comes, and what it may do. */
export interface Identity {
  readonly org: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  /** Null: made on the command line. */
  readonly clientId: string | null;
  readonly tokenHash: string;
  /** Epoch milliseconds; from then on the token is good for nothing. */
  readonly expiresAt: number;
}

/** As it goes over the wire. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly scope: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

export interface TokenFor {
  readonly org: string;
  readonly userId: string;
  readonly scopes: readonly string[];
}
export interface ClientTokenFor extends TokenFor {
  readonly clientId: string;
}
export interface CodeFor extends ClientTokenFor {
  /** One of the client's; null: the code is changed for tokens without one. */
  readonly redirectUri: string | null;
}

export const maxLiveTokens = 1_000;

/**
 * OAuth clients, codes, tokens and console sessions. Only hashes are stored, so a token is shown once, by the call that makes it. What a
 * caller gets wrong when making one is a Failure; what a client gets wrong at the token endpoint is an OAuthError.
 */
export class Access {
  readonly #db: Kysely<Database>;
  readonly #clock: () => number;
  readonly #options: AccessOptions;
  readonly #tokenByHash: ReturnType<typeof tokenByHash>;
  readonly #findSession: FindSession;

  /** `clock` gives epoch milliseconds. */
  constructor(db: Kysely<Database>, clock: () => number, options: AccessOptions = {}) {
    this.#db = db;
    this.#clock = clock;
    this.#options = options;
    this.#tokenByHash = tokenByHash(db);
    this.#findSession = sessionFinder(db);
  }

  createClient(client: NewClient): Promise<{ readonly id: string; readonly secret: string }> {
    return createClient(this.#db, client, this.#clock());
  }

  clients(org: string): Promise<Client[]> {
    return clients(this.#db, org);
  }

  /** Ends all its tokens as well. False: the organisation has no such client. */
  revokeClient(org: string, id: string): Promise<boolean> {
    return revokeClient(this.#db, org, id, this.#clock());
  }

  /** Live refresh and access tokens, the newest first. */
  liveTokens(org: string, page: Omit<TokenListQuery, 'now'>): Promise<LiveToken[]> {
    return liveTokensOf(this.#db, org, { ...page, now: this.#clock() });
  }

  /** Ends a token, and those that came from it. Null: the organisation has no live one of this short id. */
  revokeTokenById(org: string, id: string): Promise<LiveToken | null> {
    return revokeTokenById(this.#db, org, id, this.#clock());
  }

  /** What the user would allow, if it is in order. Throws INVALID_DATA. */
  consentFor(wanted: ConsentFor): Promise<Consent> {
    return consentFor(this.#db, wanted);
  }

  /** For one use within 2 minutes. */
  async makeCode(wanted: CodeFor): Promise<{ readonly code: string }> {
    return { code: await this.#makeForClient('code', wanted, wanted.redirectUri) };
  }

  /** Lives until it is revoked. */
  async makeRefreshToken(wanted: ClientTokenFor): Promise<{ readonly token: string }> {
    return { token: await this.#makeForClient('refresh', wanted, null) };
  }

  /** For the command line: a token that no client asked for. */
  async makeAccessToken(wanted: TokenFor): Promise<{ readonly token: string; readonly expiresIn: number }> {
    const { org, userId } = wanted;
    const scopes = checkedScopes(wanted.scopes);
    const token = await this.#db.transaction().execute(async (trx) => {
      await requireGrantable(trx, { org, userId, scopes });
      return insertGrant(trx, 'access', { clientId: null, org, userId, scopes }, this.#clock());
    });
    return { token, expiresIn: accessTokenSeconds };
  }

  /** `POST /oauth/v2/token`, but for `api_domain`, which is the server's to say. Throws OAuthError. */
  async token(parameters: TokenParameters): Promise<TokenAnswer> {
    const issued = await issue({
      db: this.#db,
      parameters,
      now: this.#clock(),
      maxLiveTokens: this.#options.maxLiveTokens ?? maxLiveTokens,
    });
    return {
      access_token: issued.accessToken,
      ...(issued.refreshToken !== null && { refresh_token: issued.refreshToken }),
      scope: issued.scopes.join(' '),
      token_type: 'Bearer',
      expires_in: accessTokenSeconds,
    };
  }

  /** Ends a code or token, and all that came from it. An unknown one is no error. */
  async revoke(token: string): Promise<void> {
    const hash = hashSecret(token);
    const known = await this.#db.selectFrom('grants').select('hash').where('hash', '=', hash).executeTakeFirst();
    // Anybody may call this: what is unknown must not take the write lock.
    if (!known) return;
    await this.#db.transaction().execute((trx) => revokeGrant(trx, hash, this.#clock()));
  }

  /** Null: unknown, expired or revoked, or its user is not active. One indexed query: every request starts with it. */
  identify(token: string): Promise<Identity | null> {
    return this.identifyByHash(hashSecret(token));
  }

  /** As `identify`, for a token of which `hashSecret` was taken before. */
  async identifyByHash(tokenHash: string): Promise<Identity | null> {
    const row = await this.#tokenByHash.first(this.#db, { hash: tokenHash, now: this.#clock() });
    if (!row || row.expires_at === null) return null;
    const { org, user_id: userId, client_id: clientId, expires_at: expiresAt } = row;
    return { org, userId, scopes: scopesOf(row), clientId, tokenHash, expiresAt };
  }

  /** What a cookie is to hold. Null: the user may not log in any more, or has another password by now. */
  makeSession(wanted: SessionFor): Promise<string | null> {
    return this.#db.transaction().execute((trx) => insertSession(trx, wanted, this.#clock()));
  }

  /** By `hashSecret` of what the cookie holds. Null: unknown or over, or its user is not active. */
  session(hash: string): Promise<Session | null> {
    return this.#findSession(hash, this.#clock());
  }

  /** Says that a session is in use, so that it goes on; it may be called with a session that is over. */
  seeSession(hash: string): Promise<void> {
    return seeSession(this.#db, hash, this.#clock());
  }

  /** An unknown one is no error. */
  endSession(hash: string): Promise<void> {
    return deleteSession(this.#db, hash);
  }

  /** Deletes up to `limit` rows that no longer matter, and says how many: call again while it is `limit`. */
  async housekeep(limit = 1_000): Promise<number> {
    const grants = await deleteDeadGrants(this.#db, limit, this.#clock());
    if (grants >= limit) return grants;
    return grants + (await deleteDeadSessions(this.#db, limit - grants, this.#clock()));
  }

  async #makeForClient(kind: 'code' | 'refresh', wanted: ClientTokenFor, redirectUri: string | null): Promise<string> {
    const { org, userId, clientId } = wanted;
    const scopes = checkedScopes(wanted.scopes);
    return this.#db.transaction().execute(async (trx) => {
      const client = await liveClient(trx, clientId);
      if (client?.org !== org) throw new Failure('INVALID_DATA', 'there is no such client');
      if (!scopes.every((scope) => hasScope(client.scopes, [scope]))) {
        throw new Failure('INVALID_DATA', 'the client was not made for all of these scopes');
      }
      if (redirectUri !== null && !client.redirectUris.includes(redirectUri)) {
        throw new Failure('INVALID_DATA', "the redirect URI is not one of the client's");
      }
      await requireGrantable(trx, { org, userId, scopes });
      return insertGrant(trx, kind, { clientId, org, userId, scopes, redirectUri }, this.#clock());
    });
  }
}

function tokenByHash(db: Kysely<Database>) {
  return new PreparedQuery((given: { hash: string; now: number }) =>
    db
      .selectFrom('grants as g')
      .innerJoin('users as u', (join) => join.onRef('u.org', '=', 'g.org').onRef('u.id', '=', 'g.user_id'))
      .select(['g.org', 'g.user_id', 'g.scopes', 'g.client_id', 'g.expires_at'])
      .where('g.hash', '=', given.hash)
      .where('g.kind', '=', 'access')
      .where('g.revoked_at', 'is', null)
      .where('g.expires_at', '>', given.now)
      .where('u.status', '=', 'active'),
  );
}
