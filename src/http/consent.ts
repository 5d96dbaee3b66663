/** The consent of a user to an application: what the page of the OAuth code grant asks and answers. */
import Type from 'typebox';
import { wordsOf } from '../access/consent.ts';
import { maxRedirectUriLength } from '../access/redirect-uris.ts';
import { everyScope, scopeLimits } from '../access/scopes.ts';
import { sessionActs } from '../trail/session-acts.ts';
import { actorOf } from '../trail/trail.ts';
import { type JsonFields, oneOf, readFields, textField } from './json-fields.ts';
import { sendJson } from './reply.ts';
import type { OpenRoute, RouteParameter, SessionCall, SessionRoute } from './route.ts';

const path = '/api/v1/consent';
/** Characters. */
const maxClientIdLength = 200;
export const maxStateLength = 2_000;

const ScopeList = Type.Array(
  Type.Object({ scope: Type.String(), description: Type.String({ description: 'What it allows, in words.' }) }),
);

const ofOAuth = [
  { name: 'client_id', required: true, description: 'The application.' },
  { name: 'redirect_uri', required: true, description: "One of the application's, to the letter." },
  { name: 'response_type', required: true, description: '`code`; there is no other.' },
  { name: 'scope', required: true, description: 'What it wants to be allowed, separated by commas or spaces.' },
  { name: 'state', required: false, description: "The application's own; it gets it back as it is." },
  { name: 'access_type', required: false, description: '`online` or `offline`; a refresh token comes with either.' },
] as const;

export const readConsent: SessionRoute = {
  method: 'GET',
  path,
  operationId: 'readConsent',
  tag: 'OAuth',
  summary: 'Look at what an application asks for',
  description:
    'With the parameters of `/oauth/v2/auth`, which is the page that asks the user. What is wrong with them is said here in ' +
    'words, and never to an address that the application has not registered.',
  parameters: ofOAuth.map((parameter): RouteParameter => ({ ...parameter, in: 'query', schema: Type.String() })),
  answers: {
    200: {
      description: 'What the user is to be asked.',
      content: {
        'application/json': Type.Object({
          client: Type.Object({ id: Type.String(), name: Type.String() }),
          scopes: ScopeList,
          redirect_uri: Type.String(),
          state: Type.Union([Type.String(), Type.Null()]),
        }),
      },
    },
  },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND'],
  scopes: 'session',
  allowsOneTimePassword: false,
  async handle(call) {
    const sent = Object.fromEntries(call.query);
    const { client, scopes, redirectUri } = await asked(call, sent);
    oneOf(sent, 'response_type', ['code']);
    if (sent.access_type !== undefined) oneOf(sent, 'access_type', ['online', 'offline']);
    call.reply.header('cache-control', 'no-store');
    sendJson(call.reply, { client, scopes: inWords(scopes), redirect_uri: redirectUri, state: stateOf(sent) });
  },
};

export const giveConsent: SessionRoute = {
  method: 'POST',
  path,
  operationId: 'giveConsent',
  tag: 'OAuth',
  summary: 'Allow or deny what an application asks for',
  body: {
    description: 'What was asked, and what the user has decided.',
    required: true,
    content: {
      'application/json': Type.Object({
        client_id: Type.String(),
        redirect_uri: Type.String(),
        scope: Type.String(),
        state: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        decision: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
      }),
    },
  },
  answers: {
    200: {
      description:
        "Where the browser is to go: the application's address with `code`, which works once within two minutes, or with " +
        '`error=access_denied`; and with `state`, if there was one.',
      content: { 'application/json': Type.Object({ redirect_to: Type.String({ format: 'uri' }) }) },
    },
  },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND'],
  scopes: 'session',
  allowsOneTimePassword: false,
  async handle(call) {
    const fields = await readFields(call);
    const decision = oneOf(fields, 'decision', ['allow', 'deny']);
    const state = stateOf(fields);
    const { client, scopes, redirectUri } = await asked(call, fields);
    const answer =
      decision === 'deny' ? { error: 'access_denied' } : { code: await codeFor(call, client, scopes, redirectUri) };
    call.reply.header('cache-control', 'no-store');
    sendJson(call.reply, { redirect_to: withParameters(redirectUri, { ...answer, ...(state !== null && { state }) }) });
  },
};

export const listScopes: OpenRoute = {
  method: 'GET',
  path: '/api/v1/scopes',
  operationId: 'listScopes',
  tag: 'OAuth',
  summary: 'List the scopes that there are',
  answers: {
    200: {
      description: 'Every scope that opens something here.',
      content: { 'application/json': Type.Object({ scopes: ScopeList }) },
    },
  },
  errors: [],
  scopes: null,
  async handle(call) {
    sendJson(call.reply, { scopes: inWords(everyScope) });
  },
};

function inWords(scopes: readonly string[]): readonly { scope: string; description: string }[] {
  return scopes.map((scope) => ({ scope, description: wordsOf(scope) }));
}

function asked({ identity, parts }: SessionCall, fields: JsonFields) {
  const { org, userId } = identity;
  return parts.access.consentFor({
    org,
    userId,
    clientId: textField(fields, 'client_id', maxClientIdLength),
    redirectUri: textField(fields, 'redirect_uri', maxRedirectUriLength),
    scope: textField(fields, 'scope', scopeLimits.textLength),
  });
}

async function codeFor(
  { identity, viewer, parts }: SessionCall,
  client: { readonly id: string; readonly name: string },
  scopes: readonly string[],
  redirectUri: string,
): Promise<string> {
  const { org, userId } = identity;
  // Told before it is so: a consent that the log does not know must not be there.
  await parts.trail.tell(viewer.organisation, actorOf(viewer), sessionActs.consented(client, scopes));
  return (await parts.access.makeCode({ org, userId, scopes, clientId: client.id, redirectUri })).code;
}

/** Null: the application sent none. */
function stateOf(fields: JsonFields): string | null {
  return fields.state === undefined || fields.state === null ? null : textField(fields, 'state', maxStateLength);
}

/** The address as it was registered, to the letter, with more behind it. */
function withParameters(uri: string, parameters: Readonly<Record<string, string>>): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(parameters)}`;
}
