/** The OpenAPI document: made of the route table that the server is made of. */
import Type, { type TSchema } from 'typebox';
import type { FailureCode } from '../audit/failure.ts';
import { sessionCookie } from './cookies.ts';
import { statusOf } from './errors.ts';
import { sendJson } from './reply.ts';
import type { OpenRoute, Route, RouteAnswer } from './route.ts';
import { ErrorBody, WrappedError } from './schemas.ts';

/** What HTTP itself can go wrong with, before any route is reached. */
export const beforeRoutes: readonly FailureCode[] = ['INVALID_DATA', 'HEADERS_TOO_LARGE', 'REQUEST_TIMEOUT'];

/** All codes that a route can answer, in the order of their status. */
export function errorsOf(route: Route): FailureCode[] {
  const codes = new Set<FailureCode>([...beforeRoutes, 'INVALID_REQUEST_METHOD', 'URI_TOO_LONG', 'INTERNAL_ERROR']);
  for (const code of route.errors) codes.add(code);
  if (route.path.includes('{version}')) codes.add('API_NOT_SUPPORTED');
  if (route.body !== undefined) codes.add('REQUEST_TOO_LARGE');
  for (const code of guardCodes(route)) codes.add(code);
  return [...codes].sort((one, other) => statusOf[one] - statusOf[other] || one.localeCompare(other));
}

/** What can be wrong with who calls. */
function guardCodes(route: Route): readonly FailureCode[] {
  if (route.scopes === null) return [];
  const ofAll: readonly FailureCode[] = ['AUTHENTICATION_FAILURE', 'SERVICE_UNAVAILABLE'];
  const ofWrites: readonly FailureCode[] = route.method === 'GET' ? [] : ['CROSS_SITE_REQUEST'];
  if (route.scopes === 'session') {
    return [...ofAll, ...ofWrites, ...(route.allowsOneTimePassword ? [] : (['PASSWORD_CHANGE_REQUIRED'] as const))];
  }
  const isForSome = route.needsAuditLog || route.needsAdministrator === true;
  return [
    ...ofAll,
    ...ofWrites,
    'OAUTH_SCOPE_MISMATCH',
    'PASSWORD_CHANGE_REQUIRED',
    ...(isForSome ? (['NO_PERMISSION'] as const) : []),
  ];
}

export function openApiDocument(table: readonly Route[], origin: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of table) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  const schemas: Record<string, unknown> = { Error: ErrorBody, WrappedError };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Annals',
      version: '1',
      description: 'An audit log: record entries, export them as CSV or ZIP, download the result.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin }],
    paths: hoist(paths, schemas),
    components: {
      schemas,
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`Zoho-oauthtoken <access token>`, or `Bearer <access token>`.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description:
            'As the console has it, with `__Host-` in front of its name over https. It counts on a write only with ' +
            '`Sec-Fetch-Site: same-origin` or an `Origin` that is the public URL.',
        },
      },
    },
  };
}

/**
 * A copy in which every schema's own definitions have moved to the document's components: recursive schemas name
 * theirs by `$defs`, `$id` and a bare `$ref`, which readers of OpenAPI do not all resolve.
 */
function hoist(node: unknown, components: Record<string, unknown>): unknown {
  if (Array.isArray(node)) return node.map((item) => hoist(item, components));
  if (typeof node !== 'object' || node === null) return node;
  const { $defs, $id: _id, $ref, ...rest } = node as Record<string, unknown>; // an object that is no array
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] ??= hoist(definition, components);
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, hoist(value, components)]));
  if (typeof $ref !== 'string') return copy;
  return { $ref: $ref.startsWith('#') ? $ref : `#/components/schemas/${$ref}`, ...copy };
}

function operation(route: Route): object {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(route.parameters !== undefined && {
      parameters: route.parameters.map(({ required = false, ...parameter }) => ({ ...parameter, required })),
    }),
    ...(route.body !== undefined && { requestBody: { ...route.body, content: contentOf(route.body.content) } }),
    responses: responsesOf(route),
    ...securityOf(route),
  };
}

function securityOf(route: Route): object {
  if (route.scopes === null) return { security: [] };
  if (route.scopes === 'session') return { security: [{ session: [] }] };
  return {
    security: [{ token: [] }, { session: [] }],
    'x-scopes': route.scopes,
    ...(route.needsAdministrator === true && { 'x-needs-administrator': true }),
  };
}

function responsesOf(route: Route): Record<string, object> {
  const byStatus = Map.groupBy(errorsOf(route), (code) => String(statusOf[code]));
  const statuses = new Set([...Object.keys(route.answers), ...byStatus.keys()]);
  return Object.fromEntries(
    [...statuses].map((status) => [status, response(route.answers[status], byStatus.get(status))]),
  );
}

const refusalSchemas = [Type.Ref('#/components/schemas/Error'), Type.Ref('#/components/schemas/WrappedError')];

/** A status may be an answer of the route and a refusal at once: OAuth's own errors share theirs with HTTP's. */
function response(answer: RouteAnswer | undefined, codes: readonly FailureCode[] | undefined): object {
  if (codes === undefined) {
    return {
      description: answer?.description ?? '',
      ...(answer?.content !== undefined && { content: contentOf(answer.content) }),
    };
  }
  const own = answer?.content?.['application/json'];
  const schema = Type.Union([...(own === undefined ? [] : [own]), ...refusalSchemas]);
  return {
    description: [answer?.description, codes.join(', ')].filter((text) => text !== undefined).join(' Or: '),
    'x-codes': codes,
    content: contentOf({ 'application/json': schema }),
  };
}

function contentOf(content: Readonly<Record<string, TSchema>>): object {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
}

/** The route of the document itself; it is given the table that it stands in. */
export function openApiRoute(table: () => readonly Route[]): OpenRoute {
  return {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'readOpenApi',
    tag: 'About',
    summary: 'This document',
    answers: {
      200: {
        description: 'The OpenAPI document.',
        content: { 'application/json': Type.Object({}, { additionalProperties: true }) },
      },
    },
    errors: [],
    scopes: null,
    async handle(call) {
      sendJson(call.reply, openApiDocument(table(), call.links.origin));
    },
  };
}
