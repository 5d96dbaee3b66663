import type { Kysely, Selectable, Transaction } from 'kysely';
import { Failure, wrongField } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { checkedRedirectUris } from './redirect-uris.ts';
import { adminScope, checkedScopes } from './scopes.ts';
import { hashSecret, newClientId, newClientSecret, sameHash } from './secrets.ts';

export interface NewClient {
  readonly org: string;
  readonly name: string;
  /** Whom a client_credentials token acts as; null: the grant is not allowed. */
  readonly userId: string | null;
  /** Compared as they are, to the letter. */
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
}

export interface Client {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly userId: string | null;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export const maxClientNameLength = 200;
/** That are not revoked. They are listed whole. */
export const maxClients = 1_000;

export async function createClient(
  db: Kysely<Database>,
  client: NewClient,
  now: number,
): Promise<{ readonly id: string; readonly secret: string }> {
  const id = newClientId();
  const secret = newClientSecret();
  const name = client.name.trim();
  if (name === '' || name.length > maxClientNameLength) {
    throw wrongField('name', `a client's name has 1 to ${maxClientNameLength} characters`);
  }
  if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw wrongField('name', "a client's name holds a character that cannot be shown");
  }
  const row = {
    id,
    secret_hash: hashSecret(secret),
    org: client.org,
    name,
    user_id: client.userId,
    redirect_uris: JSON.stringify(checkedRedirectUris(client.redirectUris)),
    scopes: JSON.stringify(checkedScopes(client.scopes)),
    created_at: now,
    revoked_at: null,
  };
  await db.transaction().execute(async (trx) => {
    const organisation = trx.selectFrom('organisations').select('zgid').where('zgid', '=', client.org);
    if (!(await organisation.executeTakeFirst())) {
      throw new Failure('INVALID_DATA', `there is no organisation ${client.org}`);
    }
    if (client.userId !== null) await requireTokenHolder(trx, client.org, client.userId);
    await requireRoom(trx, client.org);
    await trx.insertInto('clients').values(row).execute();
  });
  return { id, secret };
}

async function requireRoom(trx: Transaction<Database>, org: string): Promise<void> {
  const live = trx.selectFrom('clients').where('org', '=', org).where('revoked_at', 'is', null);
  const { count } = await live.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  if (Number(count) < maxClients) return;
  throw new Failure(
    'LIMIT_EXCEEDED',
    `an organisation has at most ${maxClients} clients; revoke one that is not used`,
    {
      details: { limit: String(maxClients) },
    },
  );
}

export async function clients(db: Kysely<Database>, org: string): Promise<Client[]> {
  const rows = await db
    .selectFrom('clients')
    .selectAll()
    .where('org', '=', org)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(clientOf);
}

/** Ends the client and everything that was granted through it. False: the organisation has no such client. */
export function revokeClient(db: Kysely<Database>, org: string, id: string, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const client = trx.selectFrom('clients').select('id').where('org', '=', org).where('id', '=', id);
    if (!(await client.executeTakeFirst())) return false;
    const live = { revoked_at: now };
    await trx.updateTable('clients').set(live).where('id', '=', id).where('revoked_at', 'is', null).execute();
    await trx.updateTable('grants').set(live).where('client_id', '=', id).where('revoked_at', 'is', null).execute();
    return true;
  });
}

/** Null for an unknown client, a wrong secret and a revoked client, after the same work. */
export async function authenticate(db: Kysely<Database>, id: string, secret: string): Promise<Client | null> {
  const row = await db.selectFrom('clients').selectAll().where('id', '=', id.slice(0, 200)).executeTakeFirst();
  const isRight = sameHash(row?.secret_hash ?? hashOfNothing, hashSecret(secret));
  return row && isRight && row.revoked_at === null ? clientOf(row) : null;
}

const hashOfNothing = '00'.repeat(32);

/** The client, if it has not been revoked: asked again inside the transaction that makes a token. */
export async function liveClient(db: Kysely<Database>, id: string): Promise<Client | null> {
  const row = await db
    .selectFrom('clients')
    .selectAll()
    .where('id', '=', id.slice(0, 200))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row ? clientOf(row) : null;
}

/** An active user who has an account: an imported one is a name in the log only. */
export async function isTokenHolder(trx: Transaction<Database>, org: string, userId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('users')
    .select('id')
    .where('org', '=', org)
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .where('imported', '=', 0)
    .executeTakeFirst();
  return row !== undefined;
}

export async function requireTokenHolder(trx: Transaction<Database>, org: string, userId: string): Promise<void> {
  if (await isTokenHolder(trx, org, userId)) return;
  throw wrongField('user_id', `there is no active user ${userId} with an account in organisation ${org}`);
}

/** Of an active user. */
export async function isAdministrator(db: Kysely<Database>, org: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('users as u')
    .innerJoin('profiles as p', (join) => join.onRef('p.org', '=', 'u.org').onRef('p.id', '=', 'u.profile_id'))
    .select('u.id')
    .where('u.org', '=', org)
    .where('u.id', '=', userId)
    .where('u.status', '=', 'active')
    .where('p.is_administrator', '=', 1)
    .executeTakeFirst();
  return row !== undefined;
}

/** For a grant that somebody makes: the user must be one who can hold it, with these scopes. Throws INVALID_DATA. */
export async function requireGrantable(
  trx: Transaction<Database>,
  { org, userId, scopes }: { readonly org: string; readonly userId: string; readonly scopes: readonly string[] },
): Promise<void> {
  await requireTokenHolder(trx, org, userId);
  if (!scopes.includes(adminScope) || (await isAdministrator(trx, org, userId))) return;
  throw wrongField('scopes', `the scope ${adminScope} is for administrators, and the user ${userId} is none`);
}

/** Of the scopes that were granted once, those that the user may hold now. */
export async function scopesOfUser(
  trx: Transaction<Database>,
  { org, userId, scopes }: { readonly org: string; readonly userId: string; readonly scopes: readonly string[] },
): Promise<readonly string[]> {
  if (!scopes.includes(adminScope) || (await isAdministrator(trx, org, userId))) return scopes;
  return scopes.filter((scope) => scope !== adminScope);
}

function clientOf(row: Selectable<Database['clients']>): Client {
  return {
    id: row.id,
    org: row.org,
    name: row.name,
    userId: row.user_id,
    // Both were written by `createClient`.
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}
