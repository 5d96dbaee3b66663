/** The OAuth token endpoint and its revocation. Parameters may stand in the query, in a form or in multipart. */
import Type from 'typebox';
import { OAuthError, oauthErrors } from '../access/oauth-error.ts';
import { readForm } from './body.ts';
import { sendJson } from './reply.ts';
import type { Call, OpenRoute } from './route.ts';

const maxFormBytes = 65_536;
const form = Type.Object(
  {
    grant_type: Type.Union(
      ['authorization_code', 'refresh_token', 'client_credentials'].map((grant) => Type.Literal(grant)),
    ),
    client_id: Type.String(),
    client_secret: Type.String(),
    code: Type.Optional(Type.String()),
    redirect_uri: Type.Optional(Type.String()),
    refresh_token: Type.Optional(Type.String()),
    scope: Type.Optional(Type.String({ description: 'client_credentials: what is asked for, separated by commas.' })),
  },
  {
    examples: [
      {
        grant_type: 'refresh_token',
        client_id: 'your-client-id',
        client_secret: 'your-client-secret',
        refresh_token: 'your-refresh-token',
      },
    ],
  },
);

const TokenBody = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.Optional(Type.String({ description: 'On the code grant only.' })),
  scope: Type.String({ description: 'What was granted.' }),
  api_domain: Type.String({ format: 'uri' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
});
const Refusal = Type.Object({
  error: Type.Union(Object.keys(oauthErrors).map((error) => Type.Literal(error))),
});
const refused = { 'application/json': Refusal };

export const issueToken: OpenRoute = {
  method: 'POST',
  path: '/oauth/v2/token',
  operationId: 'issueToken',
  tag: 'OAuth',
  summary: 'Get an access token',
  description:
    'By a code, a refresh token, or the client itself. A refusal answers {"error":"…"} instead of the usual error.',
  body: {
    description: 'The parameters may also stand in the query.',
    required: false,
    content: { 'application/x-www-form-urlencoded': form, 'multipart/form-data': form },
  },
  answers: {
    200: { description: 'The token.', content: { 'application/json': TokenBody } },
    400: { description: 'Refused.', content: refused },
    401: { description: 'The client or its secret is wrong.', content: refused },
    429: { description: 'Too many live tokens of one refresh token.', content: refused },
  },
  errors: ['SERVICE_UNAVAILABLE'],
  scopes: null,
  async handle(call) {
    await answerOAuth(call, async (parameters) => {
      call.reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
      const { access_token, refresh_token, scope, token_type, expires_in } = await call.parts.access.token(parameters);
      const refresh = refresh_token === undefined ? {} : { refresh_token };
      const api_domain = call.links.origin;
      sendJson(call.reply, { access_token, ...refresh, scope, api_domain, token_type, expires_in });
    });
  },
};

export const revokeToken: OpenRoute = {
  method: 'POST',
  path: '/oauth/v2/token/revoke',
  operationId: 'revokeToken',
  tag: 'OAuth',
  summary: 'Revoke a token',
  description:
    'Known or not, the answer is the same. With a refresh token go the access tokens that were made from it.',
  parameters: [{ name: 'token', in: 'query', description: 'May also stand in a form.', schema: Type.String() }],
  body: {
    description: 'The parameters may also stand in the query.',
    required: false,
    content: { 'application/x-www-form-urlencoded': Type.Object({ token: Type.String({ examples: ['your-token'] }) }) },
  },
  answers: {
    200: {
      description: 'Done.',
      content: { 'application/json': Type.Object({ status: Type.Literal('success') }) },
    },
  },
  errors: ['SERVICE_UNAVAILABLE'],
  scopes: null,
  async handle(call) {
    await answerOAuth(call, async (parameters) => {
      await call.parts.access.revoke(parameters.token ?? '');
      sendJson(call.reply, { status: 'success' });
    });
  },
};

/** The client may also name itself as RFC 6749 §2.3.1 has it. */
function basicCredentials(call: Call): [string, string][] {
  const encoded = /^basic +([A-Za-z0-9+/=]{1,2000})$/i.exec(call.request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const at = pair.indexOf(':');
  if (at < 0) return [];
  // Each half is form-encoded; ids and secrets of ours have nothing that would be.
  const [id, secret] = [pair.slice(0, at), pair.slice(at + 1)];
  return [
    ['client_id', id],
    ['client_secret', secret],
  ];
}

async function answerOAuth(
  call: Call,
  answer: (parameters: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  try {
    const body = await readForm(call, maxFormBytes);
    // A parameter in the body wins over the same one in the query, and both over the header.
    await answer(Object.fromEntries([...basicCredentials(call), ...call.query, ...body]));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (error.status === 401) call.reply.header('www-authenticate', 'Basic realm="annals"');
    if (error.retryAfterSeconds !== null) call.reply.header('retry-after', String(error.retryAfterSeconds));
    sendJson(call.reply, { error: error.error }, error.status);
  }
}
