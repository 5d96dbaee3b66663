/** Tokens that are alive. A token itself is shown once, by the call that makes it. */
import Type from 'typebox';
import type { LiveToken } from '../access/live-grants.ts';
import { checkedScopes, scopeLimits } from '../access/scopes.ts';
import { hashSecret, shortIdOf } from '../access/secrets.ts';
import { acts } from '../trail/acts.ts';
import {
  cursorOf,
  forAdministrators,
  idOf,
  idParameter,
  keyOf,
  notKept,
  PageInfo,
  pageParameters,
  perPageOf,
  timeOf,
  told,
} from './admin.ts';
import { Scopes } from './admin-clients.ts';
import { failures } from './errors.ts';
import { idField, readFields, refuseOthers, textsField } from './json-fields.ts';
import { sendJson, sendNothing } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id, NamedId, nullable, Time } from './schemas.ts';

const path = '/api/v1/admin/tokens';

const TokenId = Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Tells nothing of the token.' });
const TokenBody = Type.Object({
  id: TokenId,
  kind: Type.Union([Type.Literal('refresh'), Type.Literal('access')]),
  user: NamedId,
  client: nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  scopes: Scopes,
  created_at: Time,
  expires_at: nullable(Time),
});

export const listTokens: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'listTokens',
  summary: 'List live tokens, newest first',
  description: 'Refresh and access tokens. The tokens themselves are not kept anywhere.',
  parameters: pageParameters,
  answers: {
    200: {
      description: 'A page of tokens.',
      content: { 'application/json': Type.Object({ tokens: Type.Array(TokenBody), info: PageInfo }) },
    },
  },
  errors: ['INVALID_DATA'],
  async handle(call) {
    const size = perPageOf(call);
    const found = await call.parts.access.liveTokens(call.identity.org, { after: keyOf(call), limit: size + 1 });
    const tokens = found.slice(0, size);
    const last = tokens.at(-1);
    const hasMore = found.length > size && last !== undefined;
    sendJson(call.reply, {
      tokens: tokens.map((token) => bodyOf(call, token)),
      info: { count: tokens.length, more_records: hasMore, next_cursor: hasMore ? cursorOf(last) : null },
    });
  },
};

export const addToken: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path,
  operationId: 'addToken',
  summary: 'Make an access token',
  description: 'It acts for the user, and is good for an hour.',
  body: {
    description: 'For whom, and for what.',
    required: true,
    content: { 'application/json': Type.Object({ user_id: Id, scopes: Scopes }) },
  },
  answers: {
    201: {
      description: 'The token.',
      content: {
        'application/json': Type.Object({
          id: TokenId,
          token: Type.String({ description: 'Shown here and never again.' }),
          expires_at: Time,
        }),
      },
    },
  },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND'],
  async handle(call) {
    const { parts, identity } = call;
    const fields = await readFields(call);
    refuseOthers(fields, ['user_id', 'scopes']);
    const userId = idField(fields, 'user_id');
    const sent = textsField(fields, 'scopes', { items: scopeLimits.scopes, length: scopeLimits.scopeLength });
    const scopes = checkedScopes(sent); // as they are told, in their own spelling
    const made = await parts.access.makeAccessToken({ org: identity.org, userId, scopes });
    const user = await parts.directory.user(identity.org, userId);
    const id = shortIdOf(hashSecret(made.token));
    const facts = {
      kind: 'Access token',
      id,
      user: { id: userId, fullName: user?.fullName ?? userId },
      scopes,
    } as const;
    await told(call, acts.tokenAdded(facts));
    notKept(call);
    const expiresAt = timeOf(call, parts.clock() + made.expiresIn * 1_000);
    sendJson(call.reply, { id, token: made.token, expires_at: expiresAt }, 201);
  },
};

export const revokeTokenOf: GuardedRoute = {
  ...forAdministrators,
  method: 'DELETE',
  path: `${path}/{id}`,
  operationId: 'revokeTokenOf',
  summary: 'Revoke a token',
  description: 'With a refresh token go the access tokens that were made from it.',
  parameters: [idParameter('The token.', TokenId)],
  answers: { 204: { description: 'It is revoked.' } },
  errors: ['INVALID_URL_PATTERN'],
  async handle(call) {
    const token = await call.parts.access.revokeTokenById(call.identity.org, idOf(call));
    if (token === null) throw failures.notFound();
    const { id, user, scopes } = token;
    const kind = token.kind === 'refresh' ? 'Refresh token' : 'Access token';
    await told(call, acts.tokenRevoked({ kind, id, scopes, user: { id: user.id, fullName: user.name } }));
    sendNothing(call.reply);
  },
};

function bodyOf(call: GuardedCall, token: LiveToken): object {
  const { id, kind, user, client, scopes, createdAt, expiresAt } = token;
  return {
    id,
    kind,
    user,
    client,
    scopes,
    created_at: timeOf(call, createdAt),
    expires_at: timeOf(call, expiresAt),
  };
}
