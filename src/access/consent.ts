/** What a user is asked when an application wants to act for them, and what must hold before they are asked. */
import type { Kysely } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { Database } from '../database/schema.ts';
import { isAdministrator, liveClient } from './clients.ts';
import { adminScope, hasScope, knownScopes, parseScopes } from './scopes.ts';

export interface ConsentFor {
  readonly org: string;
  readonly userId: string;
  readonly clientId: string;
  /** Must be one of the client's, to the letter. */
  readonly redirectUri: string;
  /** As they were sent, separated by commas or white space. */
  readonly scope: string;
}

export interface Consent {
  readonly client: { readonly id: string; readonly name: string };
  readonly scopes: readonly string[];
  readonly redirectUri: string;
}

/**
 * Throws INVALID_DATA, which names the parameter, before anything is sent to the address that is asked for: only an address
 * of the client's own ever gets an answer.
 */
export async function consentFor(db: Kysely<Database>, wanted: ConsentFor): Promise<Consent> {
  const { org, userId, clientId, redirectUri } = wanted;
  const client = await liveClient(db, clientId);
  if (client?.org !== org) throw refused('client_id', 'Your organisation has no such application');
  if (!client.redirectUris.includes(redirectUri)) {
    throw refused('redirect_uri', `The application ${client.name} has not registered this redirect address`);
  }
  const scopes = parseScopes(wanted.scope);
  const foreign = scopes.find((scope) => !hasScope(client.scopes, [scope]));
  if (foreign !== undefined) {
    throw refused('scope', `The application ${client.name} was not made for the scope ${foreign}`);
  }
  if (scopes.includes(adminScope) && !(await isAdministrator(db, org, userId))) {
    throw refused('scope', `Only an administrator can grant the scope ${adminScope}`);
  }
  return { client: { id: client.id, name: client.name }, scopes, redirectUri };
}

/** What a scope allows, in words. */
export function wordsOf(scope: string): string {
  return Object.hasOwn(knownScopes, scope)
    ? knownScopes[scope as keyof typeof knownScopes] // just looked up
    : 'Nothing: Annals does not know this scope';
}

function refused(parameter: string, message: string): Failure {
  return new Failure('INVALID_DATA', message, { details: { api_name: parameter } });
}
