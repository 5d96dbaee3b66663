import { allScopes } from '../access/scopes.ts';
import type { OpenParts } from '../app.ts';
import type { NewOrganisation, SeededOrganisation } from '../directory/seed.ts';
import { print, printJson, type Terminal } from './terminal.ts';

export interface NewClientOf {
  readonly org: string;
  readonly userId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
}

export interface MadeClient {
  readonly client: { readonly id: string; readonly secret: string };
  readonly refreshToken: string;
}

/** A client, and a refresh token with which it acts as the user. */
export async function makeClient(parts: Pick<OpenParts, 'access'>, wanted: NewClientOf): Promise<MadeClient> {
  const { org, userId, scopes } = wanted;
  const client = await parts.access.createClient(wanted);
  const { token } = await parts.access.makeRefreshToken({ org, userId, scopes, clientId: client.id });
  return { client, refreshToken: token };
}

export interface MadeOrganisation extends MadeClient {
  readonly organisation: SeededOrganisation;
}

/** An organisation that clients can use at once. */
export async function makeOrganisation(
  parts: Pick<OpenParts, 'access' | 'directory'>,
  wanted: NewOrganisation,
  redirectUris: readonly string[],
): Promise<MadeOrganisation> {
  const organisation = await parts.directory.createOrganisation(wanted);
  const made = await makeClient(parts, {
    org: organisation.zgid,
    userId: organisation.adminId,
    name: 'First client',
    redirectUris,
    scopes: allScopes,
  });
  return { organisation, ...made };
}

/** Secrets are shown here and never again: only their hashes are kept. */
export function tellOrganisation(terminal: Terminal, made: MadeOrganisation, isJson: boolean): void {
  const { organisation, client, refreshToken } = made;
  if (isJson) {
    printJson(terminal, {
      org_id: organisation.zgid,
      admin: { email: organisation.adminEmail, password: organisation.oneTimePassword },
      client: { id: client.id, secret: client.secret },
      refresh_token: refreshToken,
    });
    return;
  }
  print(terminal, `Organisation       ${organisation.zgid}`);
  print(terminal, `Administrator      ${organisation.adminEmail}`);
  print(terminal, `One-time password  ${organisation.oneTimePassword}`);
  tellClient(terminal, made);
}

export function tellClient(terminal: Terminal, { client, refreshToken }: MadeClient): void {
  print(terminal, `Client id          ${client.id}`);
  print(terminal, `Client secret      ${client.secret}`);
  print(terminal, `Refresh token      ${refreshToken}`);
  print(terminal, '\nKeep these: they are not shown again.');
}
