/** The three grants of the token endpoint: what a client shows, and what it gets for it. */
import type { Kysely, Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { authenticate, type Client, isTokenHolder, liveClient, scopesOfUser } from './clients.ts';
import { type Grant, grantOf, insertGrant, liveTokens, type NewGrant, revokeGrant, scopesOf } from './grants.ts';
import { OAuthError, type OAuthErrorCode } from './oauth-error.ts';
import { maxRedirectUriLength } from './redirect-uris.ts';
import { hasScope, parseScopes } from './scopes.ts';
import { hashSecret } from './secrets.ts';

export type TokenParameters = Readonly<Record<string, string | undefined>>;

export interface Issued {
  readonly accessToken: string;
  /** With the code grant only. */
  readonly refreshToken: string | null;
  readonly scopes: readonly string[];
}

export interface TokenRequest {
  readonly db: Kysely<Database>;
  readonly parameters: TokenParameters;
  readonly now: number;
  readonly maxLiveTokens: number;
}

const grants = {
  authorization_code: byCode,
  refresh_token: byRefreshToken,
  client_credentials: byClientCredentials,
} as const;

/** Throws OAuthError. */
export async function issue(request: TokenRequest): Promise<Issued> {
  const { db, parameters } = request;
  const type = parameters.grant_type ?? '';
  if (!isGrantType(type)) throw new OAuthError('unsupported_grant_type');
  const client = await authenticate(db, parameters.client_id ?? '', parameters.client_secret ?? '');
  if (!client) throw new OAuthError('invalid_client');
  // A refusal is returned, not thrown, out of the transaction: what it revoked has to be kept.
  const outcome = await db.transaction().execute(async (trx) => {
    // The client may have been revoked since it was looked up.
    const live = await liveClient(trx, client.id);
    return live ? grants[type](trx, live, request) : 'invalid_client';
  });
  if (typeof outcome === 'string') throw new OAuthError(outcome);
  if (outcome instanceof OAuthError) throw outcome;
  return outcome;
}

function isGrantType(text: string): text is keyof typeof grants {
  return Object.hasOwn(grants, text);
}

type Outcome = Issued | OAuthErrorCode | OAuthError;

async function byCode(trx: Transaction<Database>, client: Client, { parameters, now }: TokenRequest): Promise<Outcome> {
  const code = await grantOf(trx, 'code', parameters.code ?? '');
  if (!code || code.client_id !== client.id) return 'invalid_code';
  if (code.used_at !== null) return usedTwice(trx, code, now);
  if (!(await isLive(trx, code, now))) return 'invalid_code';
  if (!isSameUri(code.redirect_uri, parameters.redirect_uri)) return 'invalid_redirect_uri';
  const use = await trx
    .updateTable('grants')
    .set({ used_at: now })
    .where('hash', '=', code.hash)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  if (use.numUpdatedRows !== 1n) return usedTwice(trx, code, now);
  const granted = grantedBy(code, scopesOf(code));
  const refreshToken = await insertGrant(trx, 'refresh', granted, now);
  const accessToken = await insertGrant(trx, 'access', { ...granted, parentHash: hashSecret(refreshToken) }, now);
  return { accessToken, refreshToken, scopes: granted.scopes };
}

/** A code that comes twice was stolen, from one side or the other: what the first use was given ends too. */
async function usedTwice(trx: Transaction<Database>, code: Grant, now: number): Promise<Outcome> {
  await revokeGrant(trx, code.hash, now);
  return 'invalid_code';
}

async function byRefreshToken(trx: Transaction<Database>, client: Client, request: TokenRequest): Promise<Outcome> {
  const { parameters, now } = request;
  const refresh = await grantOf(trx, 'refresh', parameters.refresh_token ?? '');
  if (!refresh || refresh.client_id !== client.id || !(await isLive(trx, refresh, now))) return 'invalid_code';
  const granted = { org: refresh.org, userId: refresh.user_id, scopes: scopesOf(refresh) };
  const scopes = chosenScopes(parameters.scope, await scopesOfUser(trx, granted));
  if (!scopes) return 'invalid_scope';
  return newAccessToken(trx, client, grantedBy(refresh, scopes), request);
}

async function byClientCredentials(
  trx: Transaction<Database>,
  client: Client,
  request: TokenRequest,
): Promise<Outcome> {
  if (client.userId === null) return 'unsupported_grant_type';
  if (!(await isTokenHolder(trx, client.org, client.userId))) return 'invalid_client';
  const { org, userId } = client;
  const scopes = chosenScopes(
    request.parameters.scope,
    await scopesOfUser(trx, { org, userId, scopes: client.scopes }),
  );
  if (!scopes) return 'invalid_scope';
  const grant = { clientId: client.id, org, userId, scopes, parentHash: null };
  return newAccessToken(trx, client, grant, request);
}

/** Live tokens are never dropped to make room: a client was promised their hour. */
async function newAccessToken(
  trx: Transaction<Database>,
  client: Client,
  grant: NewGrant,
  { now, maxLiveTokens }: TokenRequest,
): Promise<Outcome> {
  const live = await liveTokens(trx, { parentHash: grant.parentHash ?? null, clientId: client.id }, now);
  if (live.count >= maxLiveTokens) {
    return new OAuthError('access_denied', Math.max(1, Math.ceil((live.firstExpiry - now) / 1_000)));
  }
  const accessToken = await insertGrant(trx, 'access', grant, now);
  return { accessToken, refreshToken: null, scopes: grant.scopes };
}

function grantedBy(parent: Grant, scopes: readonly string[]): NewGrant {
  return {
    clientId: parent.client_id,
    org: parent.org,
    userId: parent.user_id,
    scopes,
    parentHash: parent.hash,
  };
}

async function isLive(trx: Transaction<Database>, grant: Grant, now: number): Promise<boolean> {
  if (grant.revoked_at !== null) return false;
  if (grant.expires_at !== null && grant.expires_at <= now) return false;
  return isTokenHolder(trx, grant.org, grant.user_id);
}

/** A code that was made without a redirect URI is changed without one. */
function isSameUri(wanted: string | null, sent: string | undefined): boolean {
  if (sent !== undefined && sent.length > maxRedirectUriLength) return false;
  return (sent ?? '') === (wanted ?? '');
}

/** The scopes asked for, all held; every one that is held when none was asked for; null: more was asked for. */
function chosenScopes(text: string | undefined, held: readonly string[]): readonly string[] | null {
  if (text === undefined || text.trim() === '') return held.length > 0 ? held : null;
  const wanted = scopesIn(text);
  return wanted?.every((scope) => hasScope(held, [scope])) ? wanted : null;
}

function scopesIn(text: string): readonly string[] | null {
  try {
    return parseScopes(text);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
