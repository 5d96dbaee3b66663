/** People, as an administrator manages them. */
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import type { User, UserChanges } from '../directory/directory.ts';
import type { PersonName } from '../directory/fields.ts';
import { acts } from '../trail/acts.ts';
import {
  badParameter,
  cursorOf,
  forAdministrators,
  idOf,
  idParameter,
  keyOf,
  longestText,
  notKept,
  PageInfo,
  pageParameters,
  perPageOf,
  timeOf,
  told,
} from './admin.ts';
import { failures } from './errors.ts';
import {
  idField,
  ifThere,
  type JsonFields,
  oneOf,
  orNull,
  readFields,
  refuseOthers,
  textField,
} from './json-fields.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id, NamedId, nullable, Time } from './schemas.ts';

const path = '/api/v1/admin/users';
const statuses = ['active', 'inactive', 'deleted'] as const;
const Status = Type.Union(statuses.map((status) => Type.Literal(status)));
export const maxSearchLength = 200;

const UserBody = Type.Object({
  id: Id,
  full_name: Type.String(),
  first_name: nullable(Type.String()),
  last_name: Type.String(),
  email: nullable(Type.String({ format: 'email' })),
  role: nullable(NamedId),
  profile: nullable(NamedId),
  manager: nullable(NamedId),
  status: Status,
  is_imported: Type.Boolean({ description: 'True: known from entries only, and cannot log in.' }),
  time_zone: nullable(Type.String({ description: "Null: the organisation's." })),
  created_at: Time,
});
const OneUser = Type.Object({ user: UserBody });
const OneTime = Type.String({ description: 'Shown here and never again. It is good for choosing a password.' });

const nameFields = {
  first_name: Type.Optional(nullable(Type.String())),
  last_name: Type.String({ minLength: 1 }),
  email: Type.String({ format: 'email', description: 'Free in the whole installation.' }),
  role_id: Id,
  profile_id: Id,
  manager_id: Type.Optional(nullable(Id)),
} as const;
const addFields = Object.keys(nameFields);

export const listManagedUsers: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'listManagedUsers',
  summary: 'List people',
  description:
    'In the order in which they were added. A page may hold fewer than were asked for, or none, and there may be more: ' +
    'read on while there is a `next_cursor`.',
  parameters: [
    ...pageParameters,
    { name: 'search', in: 'query', description: 'What the name or the address holds.', schema: Type.String() },
    { name: 'status', in: 'query', description: 'Only these.', schema: Status },
    {
      name: 'imported',
      in: 'query',
      description: 'true: only those who are known from entries; false: only those who can log in.',
      schema: Type.Boolean(),
    },
  ],
  answers: {
    200: {
      description: 'A page of people.',
      content: { 'application/json': Type.Object({ users: Type.Array(UserBody), info: PageInfo }) },
    },
  },
  errors: ['INVALID_DATA'],
  async handle(call) {
    const { users, next } = await call.parts.directory.searchUsers(call.identity.org, {
      text: searchOf(call),
      status: chosen(call, 'status', statuses),
      isImported: importedOf(call),
      after: keyOf(call),
      limit: perPageOf(call),
    });
    sendJson(call.reply, {
      users: await bodies(call, users),
      info: { count: users.length, more_records: next !== null, next_cursor: next && cursorOf(next) },
    });
  },
};

export const addUser: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path,
  operationId: 'addUser',
  summary: 'Add somebody who can log in',
  body: { description: 'Who.', required: true, content: { 'application/json': Type.Object(nameFields) } },
  answers: {
    201: {
      description: 'The user, with a one-time password.',
      content: { 'application/json': Type.Object({ user: UserBody, one_time_password: OneTime }) },
    },
  },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND', 'DUPLICATE_DATA'],
  async handle(call) {
    const fields = await readFields(call);
    refuseOthers(fields, addFields);
    const { user, oneTimePassword } = await call.parts.directory.addUser(call.identity.org, {
      name: { first: orNull(fields, 'first_name', text), last: text(fields, 'last_name') },
      email: text(fields, 'email'),
      roleId: idField(fields, 'role_id'),
      profileId: idField(fields, 'profile_id'),
      managerId: orNull(fields, 'manager_id', idField),
    });
    await told(call, acts.userAdded(user));
    notKept(call);
    sendJson(call.reply, { user: await body(call, user), one_time_password: oneTimePassword }, 201);
  },
};

export const changeUser: GuardedRoute = {
  ...forAdministrators,
  method: 'PATCH',
  path: `${path}/{id}`,
  operationId: 'changeUser',
  summary: 'Change, deactivate or activate somebody',
  description:
    'Only what is there is changed. Whoever is not `active` cannot log in, and has no token or session any more. The last ' +
    'active administrator stays one.',
  parameters: [idParameter('The user.', Id)],
  body: {
    description: 'What is to be other.',
    required: true,
    content: { 'application/json': Type.Partial(Type.Object({ ...nameFields, status: Status })) },
  },
  answers: { 200: { description: 'As the user is now.', content: { 'application/json': OneUser } } },
  errors: ['INVALID_DATA', 'DUPLICATE_DATA', 'INVALID_URL_PATTERN'],
  async handle(call) {
    const before = await userOf(call);
    const fields = await readFields(call);
    refuseOthers(fields, [...addFields, 'status']);
    const user = await call.parts.directory.updateUser(before.org, before.id, changesOf(fields, before));
    await told(call, acts.userUpdated(before, user));
    sendJson(call.reply, { user: await body(call, user) });
  },
};

export const resetUserPassword: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path: `${path}/{id}/password`,
  operationId: 'resetUserPassword',
  summary: 'Give somebody a new one-time password',
  description: 'The password that they have ends, and so do their sessions; tokens stay.',
  parameters: [idParameter('The user.', Id)],
  answers: {
    200: {
      description: 'The one-time password.',
      content: { 'application/json': Type.Object({ one_time_password: OneTime }) },
    },
  },
  errors: ['INVALID_DATA', 'INVALID_URL_PATTERN'],
  async handle(call) {
    const user = await userOf(call);
    const password = await call.parts.directory.resetPassword(user.org, user.id);
    await told(call, acts.passwordReset(user));
    notKept(call);
    sendJson(call.reply, { one_time_password: password });
  },
};

async function userOf(call: GuardedCall): Promise<User> {
  const user = await call.parts.directory.user(call.identity.org, idOf(call));
  if (user === null) throw failures.notFound();
  return user;
}

function text(fields: JsonFields, name: string): string {
  return textField(fields, name, longestText);
}

function changesOf(fields: JsonFields, before: User): UserChanges {
  const roleId = ifThere(fields, 'role_id', idField);
  const profileId = ifThere(fields, 'profile_id', idField);
  const status = ifThere(fields, 'status', (all, name) => oneOf(all, name, statuses));
  const email = ifThere(fields, 'email', text);
  const name = nameOf(fields, before);
  return {
    ...(name !== null && { name }),
    ...(email !== undefined && { email }),
    ...(roleId !== undefined && { roleId }),
    ...(profileId !== undefined && { profileId }),
    ...(Object.hasOwn(fields, 'manager_id') && { managerId: orNull(fields, 'manager_id', idField) }),
    ...(status !== undefined && { status }),
  };
}

/** Null: it stays. */
function nameOf(fields: JsonFields, { firstName, lastName }: User): PersonName | null {
  const isOther = Object.hasOwn(fields, 'first_name') || Object.hasOwn(fields, 'last_name');
  if (!isOther) return null;
  return {
    first: Object.hasOwn(fields, 'first_name') ? orNull(fields, 'first_name', text) : firstName,
    last: ifThere(fields, 'last_name', text) ?? lastName,
  };
}

function searchOf({ query }: GuardedCall): string | null {
  const words = query.get('search')?.trim() ?? '';
  if (words.length > maxSearchLength) throw badParameter('search', `a text of at most ${maxSearchLength} characters`);
  return words === '' ? null : words;
}

function importedOf(call: GuardedCall): boolean | null {
  const chosenText = chosen(call, 'imported', ['true', 'false']);
  return chosenText === null ? null : chosenText === 'true';
}

/** Null: not said. */
function chosen<Value extends string>({ query }: GuardedCall, name: string, values: readonly Value[]): Value | null {
  const given = query.get(name);
  if (given === null) return null;
  const value = values.find((known) => known === given);
  if (value !== undefined) return value;
  throw new Failure('INVALID_DATA', 'The value given seems to be invalid', {
    details: { api_name: name, supported_values: values },
  });
}

async function body(call: GuardedCall, user: User): Promise<object> {
  const [only] = await bodies(call, [user]);
  return only ?? {}; // one user gives one
}

async function bodies(call: GuardedCall, users: readonly User[]): Promise<object[]> {
  const managerIds = new Set(users.flatMap(({ managerId }) => (managerId === null ? [] : [managerId])));
  const found = await Promise.all([...managerIds].map((id) => call.parts.directory.user(call.identity.org, id)));
  const managers = new Map(found.flatMap((user) => (user === null ? [] : [[user.id, user.fullName] as const])));
  return users.map((user) => ({
    id: user.id,
    full_name: user.fullName,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    role: user.role,
    profile: user.profile,
    manager: user.managerId === null ? null : { id: user.managerId, name: managers.get(user.managerId) ?? '' },
    status: user.status,
    is_imported: user.isImported,
    time_zone: user.timeZone,
    created_at: timeOf(call, user.createdAt),
  }));
}
