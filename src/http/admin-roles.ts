/** Roles, by which people see each other's entries, and profiles, which say what they may do. */
import Type from 'typebox';
import type { Role } from '../directory/directory.ts';
import { acts } from '../trail/acts.ts';
import { forAdministrators, idOf, idParameter, longestText, told } from './admin.ts';
import { failures } from './errors.ts';
import { idField, ifThere, orNull, readFields, refuseOthers, textField } from './json-fields.ts';
import { sendJson } from './reply.ts';
import type { GuardedRoute } from './route.ts';
import { Id, nullable } from './schemas.ts';

const path = '/api/v1/admin/roles';

const RoleBody = Type.Object({
  id: Id,
  name: Type.String(),
  reports_to: nullable(Id),
  is_ceo: Type.Boolean({ description: 'True of the one at the top, whose people see everything.' }),
});
const OneRole = Type.Object({ role: RoleBody });
const roleFields = {
  name: Type.String({ minLength: 1 }),
  reports_to: Type.Optional(nullable(Type.String({ description: "The role above; null: the CEO's." }))),
} as const;
const fieldNames = Object.keys(roleFields);

export const listRoles: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path,
  operationId: 'listRoles',
  summary: 'List roles',
  answers: {
    200: { description: 'All roles.', content: { 'application/json': Type.Object({ roles: Type.Array(RoleBody) }) } },
  },
  errors: [],
  async handle({ parts, identity, reply }) {
    sendJson(reply, { roles: (await parts.directory.roles(identity.org)).map(bodyOf) });
  },
};

export const addRole: GuardedRoute = {
  ...forAdministrators,
  method: 'POST',
  path,
  operationId: 'addRole',
  summary: 'Add a role',
  body: { description: 'The role.', required: true, content: { 'application/json': Type.Object(roleFields) } },
  answers: { 201: { description: 'The role.', content: { 'application/json': OneRole } } },
  errors: ['INVALID_DATA', 'MANDATORY_NOT_FOUND', 'DUPLICATE_DATA', 'LIMIT_EXCEEDED'],
  async handle(call) {
    const fields = await readFields(call);
    refuseOthers(fields, fieldNames);
    const role = await call.parts.directory.addRole(call.identity.org, {
      name: textField(fields, 'name', longestText),
      reportsTo: orNull(fields, 'reports_to', idField),
    });
    await told(call, acts.roleAdded(role));
    sendJson(call.reply, { role: bodyOf(role) }, 201);
  },
};

export const changeRole: GuardedRoute = {
  ...forAdministrators,
  method: 'PATCH',
  path: `${path}/{id}`,
  operationId: 'changeRole',
  summary: 'Rename a role, or put it under another one',
  description: 'All roles below it go with it.',
  parameters: [idParameter('The role.', Id)],
  body: {
    description: 'What is to be other.',
    required: true,
    content: { 'application/json': Type.Partial(Type.Object(roleFields)) },
  },
  answers: { 200: { description: 'As the role is now.', content: { 'application/json': OneRole } } },
  errors: ['INVALID_DATA', 'DUPLICATE_DATA', 'INVALID_URL_PATTERN'],
  async handle(call) {
    const { org } = call.identity;
    const before = (await call.parts.directory.roles(org)).find(({ id }) => id === idOf(call));
    if (before === undefined) throw failures.notFound();
    const fields = await readFields(call);
    refuseOthers(fields, fieldNames);
    const name = ifThere(fields, 'name', (all, key) => textField(all, key, longestText));
    const role = await call.parts.directory.updateRole(org, before.id, {
      ...(name !== undefined && { name }),
      ...(Object.hasOwn(fields, 'reports_to') && { reportsTo: orNull(fields, 'reports_to', idField) }),
    });
    await told(call, acts.roleUpdated(before, role));
    sendJson(call.reply, { role: bodyOf(role) });
  },
};

const ProfileBody = Type.Object({
  id: Id,
  name: Type.String(),
  is_administrator: Type.Boolean({ description: 'May manage people, clients, modules and settings; sees everything.' }),
  may_use_audit_log: Type.Boolean(),
});

export const listProfiles: GuardedRoute = {
  ...forAdministrators,
  method: 'GET',
  path: '/api/v1/admin/profiles',
  operationId: 'listProfiles',
  summary: 'List profiles',
  answers: {
    200: {
      description: 'All profiles.',
      content: { 'application/json': Type.Object({ profiles: Type.Array(ProfileBody) }) },
    },
  },
  errors: [],
  async handle({ parts, identity, reply }) {
    const profiles = await parts.directory.profiles(identity.org);
    sendJson(reply, {
      profiles: profiles.map(({ id, name, isAdministrator, mayUseAuditLog }) => ({
        id,
        name,
        is_administrator: isAdministrator,
        may_use_audit_log: mayUseAuditLog,
      })),
    });
  },
};

function bodyOf({ id, name, reportsTo, isCeo }: Role): object {
  return { id, name, reports_to: reportsTo, is_ceo: isCeo };
}
