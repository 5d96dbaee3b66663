import assert from 'node:assert/strict';
import { Access, type AccessOptions, type TokenAnswer } from '../../src/access/access.ts';
import { OAuthError, type OAuthErrorCode } from '../../src/access/oauth-error.ts';
import { allScopes } from '../../src/access/scopes.ts';
import { addPerson, openDirectory, type Setup } from '../directory/setup.ts';

export const redirectUri = 'https://client.example.com/callback';

export interface AccessSetup extends AsyncDisposable {
  readonly directory: Setup;
  readonly access: Access;
  readonly org: string;
  readonly userId: string;
  /** Of all scopes, acting as the administrator. */
  readonly client: { readonly id: string; readonly secret: string };
}

export async function openAccess(options: AccessOptions = {}): Promise<AccessSetup> {
  const directory = await openDirectory();
  const access = new Access(directory.db, () => directory.now, options);
  const { org, seeded } = directory;
  const userId = seeded.adminId;
  const client = await access.createClient({
    org,
    name: 'Test',
    userId,
    redirectUris: [redirectUri],
    scopes: allScopes,
  });
  return { directory, access, org, userId, client, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

/** A second one, so that the first may be deactivated. */
export async function addAdministrator({ directory, org }: AccessSetup): Promise<void> {
  await addPerson(directory.directory, org, { name: 'Second', profile: 'Administrator' });
}

/** A token request of the client, with whatever else belongs to the grant. */
export function requestToken(
  setup: AccessSetup,
  parameters: Readonly<Record<string, string>>,
  client = setup.client,
): Promise<TokenAnswer> {
  return setup.access.token({ client_id: client.id, client_secret: client.secret, ...parameters });
}

export async function newCode(setup: AccessSetup, uri: string | null = redirectUri): Promise<string> {
  const { access, org, userId, client } = setup;
  const wanted = { org, userId, clientId: client.id, scopes: ['ZohoCRM.users.READ'], redirectUri: uri };
  return (await access.makeCode(wanted)).code;
}

export async function newRefreshToken(setup: AccessSetup): Promise<string> {
  const { access, org, userId, client } = setup;
  return (await access.makeRefreshToken({ org, userId, clientId: client.id, scopes: allScopes })).token;
}

export function changeCode(setup: AccessSetup, code: string): Promise<TokenAnswer> {
  return requestToken(setup, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
}

export function refreshed(setup: AccessSetup, token: string): Promise<TokenAnswer> {
  return requestToken(setup, { grant_type: 'refresh_token', refresh_token: token });
}

/** Asserts the refusal: its code, its status, and that no message of it holds anything that was sent. */
export async function assertRefused(
  request: Promise<unknown>,
  error: OAuthErrorCode,
  status = 400,
): Promise<OAuthError> {
  const refusal = await request.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(refusal instanceof OAuthError, String(refusal));
  assert.deepEqual([refusal.error, refusal.status, refusal.message], [error, status, error]);
  return refusal;
}
