/** What the endpoints for administrators share. */
import Type from 'typebox';
import { adminScope } from '../access/scopes.ts';
import { Failure } from '../audit/failure.ts';
import type { Act } from '../trail/trail.ts';
import { actorOf } from '../trail/trail.ts';
import { organisationOf } from './organisation.ts';
import type { GuardedCall, RouteParameter } from './route.ts';

/** Every one of these routes is like that. */
export const forAdministrators = {
  tag: 'Administration',
  scopes: [adminScope],
  needsAuditLog: false,
  needsAdministrator: true,
} as const;

/** Characters. What a field may hold in bytes is the directory's to say. */
export const longestText = 1_024;

/** In the log, done by the caller. It has happened by then. */
export function told({ parts, viewer }: GuardedCall, act: Act | null): Promise<void> {
  return parts.trail.tellDone(viewer.organisation, actorOf(viewer), act);
}

/** A secret stands in the answer: nobody may keep it on the way. */
export function notKept({ reply }: GuardedCall): void {
  reply.header('cache-control', 'no-store');
}

/** The id in the path. */
export function idOf({ params }: GuardedCall): string {
  return params.id ?? '';
}

/** As the wire has times; null for none. */
export function timeOf(call: GuardedCall, ms: number): string;
export function timeOf(call: GuardedCall, ms: number | null): string | null;
export function timeOf(call: GuardedCall, ms: number | null): string | null {
  return ms === null ? null : organisationOf(call).zone.format(Math.floor(ms / 1_000));
}

export const idParameter = (description: string, schema: RouteParameter['schema']): RouteParameter => ({
  name: 'id',
  in: 'path',
  required: true,
  description,
  schema,
});

export const mostOnPage = 200;
const usualOnPage = 50;

export const pageParameters: readonly RouteParameter[] = [
  { name: 'cursor', in: 'query', description: 'From the page before.', schema: Type.String() },
  {
    name: 'per_page',
    in: 'query',
    description: `${usualOnPage} unless given.`,
    schema: Type.Integer({ minimum: 1, maximum: mostOnPage }),
  },
];

export const PageInfo = Type.Object({
  count: Type.Integer(),
  more_records: Type.Boolean(),
  next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass it as `cursor` to read on.' }),
});

export function perPageOf({ query }: GuardedCall): number {
  const text = query.get('per_page');
  if (text === null) return usualOnPage;
  const size = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= mostOnPage) return size;
  throw badParameter('per_page', `a whole number from 1 to ${mostOnPage}`);
}

/** A place in a list that is ordered by time and id. */
export interface ListKey {
  readonly createdAt: number;
  readonly id: string;
}

export function cursorOf(key: ListKey): string {
  return Buffer.from(`${key.createdAt}.${key.id}`).toString('base64url');
}

export function keyOf({ query }: GuardedCall): ListKey | null {
  const text = query.get('cursor');
  if (text === null) return null;
  const found = /^(\d{1,15})\.([0-9a-f]{1,19})$/.exec(
    text.length > 60 ? '' : Buffer.from(text, 'base64url').toString('latin1'),
  );
  const [, createdAt, id] = found ?? [];
  if (createdAt === undefined || id === undefined) throw badParameter('cursor', 'a cursor of an earlier page');
  return { createdAt: Number(createdAt), id };
}

export function badParameter(name: string, expected: string): Failure {
  return new Failure('INVALID_DATA', `The parameter ${name} must be ${expected}`, {
    details: { api_name: name, expected_data_type: expected },
  });
}
