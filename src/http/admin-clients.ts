/** OAuth clients: programs that use the API. */
import Type from 'typebox';
import type { Client } from '../access/access.ts';
import { maxClientNameLength } from '../access/clients.ts';
import { maxRedirectUriLength, maxRedirectUris } from '../access/redirect-uris.ts';
import { scopeLimits } from '../access/scopes.ts';
import { acts } from '../trail/acts.ts';
import { forAdministrators, idOf, idParameter, notKept, timeOf, told } from './admin.ts';
import { failures } from './errors.ts';
import { idField, orNull, readFields, refuseOthers, textField, textsField } from './json-fields.ts';
import { sendJson, sendNothing } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { NamedId, nullable, Time } from './schemas.ts';

const path = '/api/v1/admin/clients';

const ClientId = Type.String({ examples: ['1000.0123456789ABCDEF0123456789ABCDEF'] });
export const Scopes = Type.Array(Type.String({ maxLength: scopeLimits.scopeLength }), {
  minItems: 1,
  maxItems: scopeLimits.scopes,
});
const uris = { items: maxRedirectUris, length: maxRedirectUriLength };

const ClientBody = Type.Object({
  id: ClientId,
  name: Type.String(),
  scopes: Scopes,
  redirect_uris: Type.Array(Type.String()),
  user: nullable(NamedId),
  created_at: Time,
});
const clientFields = {
  name: Type.String({ minLength: 1, maxLength: maxClientNameLength, description: 'What users know it by.' }),
  scopes: Scopes,
  redirect_uris: Type.Optional(
    Type.Array(Type.String({ maxLength: maxRedirectUriLength }), { maxItems: maxRedirectUris }),
  ),
  user_id: Type.Optional(nullable(Type.String({ description: 'Whom it acts for by itself; null: for nobody.' }))),
} as const;

export const listClients: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'listClients',
  summary: 'List OAuth clients',
  answers: {
    200: {
      description: 'All that are not revoked; never their secrets.',
      content: { 'application/json': Type.Object({ clients: Type.Array(ClientBody) }) },
    },
  },
  errors: [],
  async handle(call) {
    const live = (await call.parts.access.clients(call.identity.org)).filter(({ revokedAt }) => revokedAt === null);
    sendJson(call.reply, { clients: await Promise.all(live.map((client) => bodyOf(call, client))) });
  },
};

export const addClient: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path,
  operationId: 'addClient',
  summary: 'Add an OAuth client',
  body: { description: 'The client.', required: true, content: { 'application/json': Type.Object(clientFields) } },
  answers: {
    201: {
      description: 'The client.',
      content: {
        'application/json': Type.Object({
          client: ClientBody,
          secret: Type.String({ description: 'Shown here and never again.' }),
        }),
      },
    },
  },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND', 'LIMIT_EXCEEDED'],
  async handle(call) {
    const { access } = call.parts;
    const { org } = call.identity;
    const fields = await readFields(call);
    refuseOthers(fields, Object.keys(clientFields));
    const made = await access.createClient({
      org,
      name: textField(fields, 'name', maxClientNameLength),
      userId: orNull(fields, 'user_id', idField),
      redirectUris: textsField(fields, 'redirect_uris', uris),
      scopes: textsField(fields, 'scopes', { items: scopeLimits.scopes, length: scopeLimits.scopeLength }),
    });
    const client = await liveClient(call, made.id);
    await told(call, acts.clientAdded(client));
    notKept(call);
    sendJson(call.reply, { client: await bodyOf(call, client), secret: made.secret }, 201);
  },
};

export const revokeClient: GuardedRoute = {
  ...forAdministrators,
  method: 'DELETE',
  path: `${path}/{id}`,
  operationId: 'revokeClient',
  summary: 'Revoke an OAuth client',
  description: 'Ends it and every token that was granted through it, at once and for good.',
  parameters: [idParameter('The client.', ClientId)],
  answers: { 204: { description: 'It is revoked.' } },
  errors: ['INVALID_URL_PATTERN'],
  async handle(call) {
    const client = await liveClient(call, idOf(call));
    await call.parts.access.revokeClient(client.org, client.id);
    await told(call, acts.clientRevoked(client));
    sendNothing(call.reply);
  },
};

async function liveClient({ parts, identity }: GuardedCall, id: string): Promise<Client> {
  const client = (await parts.access.clients(identity.org)).find((one) => one.id === id && one.revokedAt === null);
  if (client === undefined) throw failures.notFound();
  return client;
}

async function bodyOf(call: GuardedCall, client: Client): Promise<object> {
  const { id, org, name, scopes, redirectUris, userId, createdAt } = client;
  const user = userId === null ? null : await call.parts.directory.user(org, userId);
  return {
    id,
    name,
    scopes,
    redirect_uris: redirectUris,
    user: user && { id: user.id, name: user.fullName },
    created_at: timeOf(call, createdAt),
  };
}
