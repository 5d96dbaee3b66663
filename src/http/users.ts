/** Users, as clients look them up. */
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import type { User } from '../directory/rows.ts';
import { type UserListType, userListTypes } from '../directory/users-list.ts';
import { failures } from './errors.ts';
import { versionParameter } from './exports.ts';
import { sendJson, sendNothing } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id, NamedId, nullable } from './schemas.ts';

const scopes = ['ZohoCRM.users.READ', 'ZohoCRM.users.ALL'] as const;

const UserBody = Type.Object({
  id: Id,
  full_name: Type.String(),
  first_name: nullable(Type.String()),
  last_name: Type.String(),
  email: nullable(Type.String({ format: 'email' })),
  role: nullable(NamedId),
  profile: nullable(NamedId),
  Reporting_To: nullable(NamedId),
  status: Type.String({ description: 'active, disabled or deleted' }),
  confirm: Type.Boolean({ description: 'False for users that are known from entries only.' }),
  time_zone: Type.String(),
});
const Info = Type.Object({
  per_page: Type.Integer(),
  count: Type.Integer(),
  page: Type.Integer(),
  more_records: Type.Boolean(),
});

export const listUsers: GuardedRoute = {
  method: 'GET',
  path: '/crm/{version}/users',
  operationId: 'listUsers',
  tag: 'Directory',
  summary: 'List users',
  parameters: [
    versionParameter,
    {
      name: 'type',
      in: 'query',
      description: 'AllUsers unless given.',
      schema: Type.Union(userListTypes.map((type) => Type.Literal(type))),
    },
    { name: 'page', in: 'query', description: '1 unless given.', schema: Type.Integer({ minimum: 1 }) },
    { name: 'per_page', in: 'query', description: '200 unless given.', schema: Type.Integer({ minimum: 1 }) },
  ],
  answers: {
    200: {
      description: 'A page of users.',
      content: { 'application/json': Type.Object({ users: Type.Array(UserBody), info: Info }) },
    },
    204: { description: 'There is none.' },
  },
  errors: ['INVALID_DATA'],
  scopes,
  needsAuditLog: false,
  async handle(call) {
    const { query, parts, viewer } = call;
    const max = parts.config.limits.usersPerPage;
    const page = wholeNumber(query, 'page', 1, 1_000_000);
    const perPage = wholeNumber(query, 'per_page', max, max);
    const found = await parts.directory.users(call.identity.org, {
      type: knownType(query.get('type') ?? 'AllUsers'),
      page,
      perPage,
      currentUserId: viewer.user.id,
    });
    if (found.users.length === 0) return sendNothing(call.reply);
    sendJson(call.reply, {
      users: await bodies(call, found.users),
      info: { per_page: perPage, count: found.users.length, page, more_records: found.hasMore },
    });
  },
};

export const readUser: GuardedRoute = {
  method: 'GET',
  path: '/crm/{version}/users/{id}',
  operationId: 'readUser',
  tag: 'Directory',
  summary: 'Look at one user',
  parameters: [versionParameter, { name: 'id', in: 'path', required: true, description: 'The user.', schema: Id }],
  answers: {
    200: { description: 'The user.', content: { 'application/json': Type.Object({ users: Type.Array(UserBody) }) } },
  },
  errors: ['INVALID_URL_PATTERN'],
  scopes,
  needsAuditLog: false,
  async handle(call) {
    const user = await call.parts.directory.user(call.identity.org, call.params.id ?? '');
    if (user === null) throw failures.notFound();
    sendJson(call.reply, { users: await bodies(call, [user]) });
  },
};

function knownType(text: string): UserListType {
  const type = userListTypes.find((known) => known === text);
  if (type === undefined) {
    throw new Failure('INVALID_DATA', 'The value given seems to be invalid', {
      details: { api_name: 'type', supported_values: userListTypes },
    });
  }
  return type;
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number, max: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new Failure('INVALID_DATA', `The parameter ${name} must be a whole number from 1 to ${max}`, {
    details: { api_name: name, expected_data_type: 'integer' },
  });
}

async function bodies(call: GuardedCall, users: readonly User[]): Promise<object[]> {
  const { organisation } = call.viewer;
  const managerIds = new Set(users.flatMap((user) => (user.managerId === null ? [] : [user.managerId])));
  const found = await Promise.all([...managerIds].map((id) => call.parts.directory.user(call.identity.org, id)));
  const managers = new Map(found.flatMap((user) => (user === null ? [] : [[user.id, user.fullName]])));
  return users.map((user) => ({
    id: user.id,
    full_name: user.fullName,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    role: user.role === null ? null : { name: user.role.name, id: user.role.id },
    profile: user.profile === null ? null : { name: user.profile.name, id: user.profile.id },
    Reporting_To: user.managerId === null ? null : { name: managers.get(user.managerId) ?? '', id: user.managerId },
    status: user.status === 'inactive' ? 'disabled' : user.status,
    confirm: !user.isImported,
    time_zone: user.timeZone ?? organisation.timeZone,
  }));
}
