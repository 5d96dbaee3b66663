/** What an administrator does, one step after the other: what is added at first is changed, and revoked, by the later ones. */
import type { ErrorRequest } from './errors.ts';
import type { OperationRequest } from './job.ts';

const authorization = 'Zoho-oauthtoken {{admin_token}}';

function is(status: number): string[] {
  return [`pm.test('${status}', () => pm.response.to.have.status(${status}));`];
}

/** Remembers a part of the answer for the requests that follow. */
function keep(variable: string, from: string): string {
  return `pm.collectionVariables.set('${variable}', pm.response.json().${from});`;
}

/** Another one at each run. */
const fresh = ["pm.variables.set('fresh', String(Date.now()));"];

const steps: readonly Omit<OperationRequest, 'authorization'>[] = [
  { operation: 'listRoles', name: 'Roles', test: [...is(200), keep('role_id', 'roles[0].id')] },
  { operation: 'listProfiles', name: 'Profiles', test: [...is(200), keep('profile_id', 'profiles[1].id')] },
  {
    operation: 'addUser',
    name: 'Add somebody',
    before: fresh,
    body: {
      first_name: 'Ben',
      last_name: 'Sample',
      email: 'ben.{{fresh}}@example.com',
      role_id: '{{role_id}}',
      profile_id: '{{profile_id}}',
    },
    test: [...is(201), keep('new_user_id', 'user.id'), keep('new_email', 'user.email')],
  },
  { operation: 'listManagedUsers', name: 'People', query: { search: 'sample', imported: 'false' }, test: is(200) },
  {
    operation: 'resetUserPassword',
    name: 'Give them a new one-time password',
    path: { id: '{{new_user_id}}' },
    test: is(200),
  },
  {
    operation: 'changeUser',
    name: 'Deactivate them',
    path: { id: '{{new_user_id}}' },
    body: { status: 'inactive' },
    test: is(200),
  },
  {
    operation: 'addRole',
    name: 'Add a role',
    before: fresh,
    body: { name: 'Sales {{fresh}}', reports_to: '{{role_id}}' },
    test: [...is(201), keep('new_role_id', 'role.id')],
  },
  {
    operation: 'changeRole',
    name: 'Rename it',
    before: fresh,
    path: { id: '{{new_role_id}}' },
    body: { name: 'Sales and service {{fresh}}' },
    test: is(200),
  },
  {
    operation: 'addClient',
    name: 'Add a client',
    body: { name: 'Archive', scopes: ['ZohoFiles.files.READ'], redirect_uris: ['https://app.example.com/callback'] },
    test: [...is(201), keep('new_client_id', 'client.id')],
  },
  { operation: 'listClients', name: 'Clients', test: is(200) },
  { operation: 'revokeClient', name: 'Revoke it', path: { id: '{{new_client_id}}' }, test: is(204) },
  {
    operation: 'addModule',
    name: 'Add a module',
    before: fresh,
    body: { api_name: 'Visits_{{fresh}}', singular_label: 'Visit', plural_label: 'Visits' },
    test: [...is(201), keep('new_module_id', 'module.id')],
  },
  {
    operation: 'changeModule',
    name: 'Call it something else',
    path: { id: '{{new_module_id}}' },
    body: { plural_label: 'Visits to customers' },
    test: is(200),
  },
  { operation: 'listAllModules', name: 'All modules', test: is(200) },
  {
    operation: 'readSettings',
    name: 'The settings',
    test: [...is(200), keep('company_name', 'organisation.company_name')],
  },
  { operation: 'changeSettings', name: 'Change one', body: { company_name: '{{company_name}}' }, test: is(200) },
  { operation: 'listTokens', name: 'Live tokens', test: [...is(200), keep('admin_id', 'tokens[0].user.id')] },
  {
    operation: 'addToken',
    name: 'Make a token',
    body: { user_id: '{{admin_id}}', scopes: ['ZohoCRM.org.READ'] },
    test: [...is(201), keep('new_token_id', 'id')],
  },
  { operation: 'revokeTokenOf', name: 'Revoke the token', path: { id: '{{new_token_id}}' }, test: is(204) },
];

export const administration: readonly OperationRequest[] = steps.map((step) => ({ ...step, authorization }));

export const administrationErrors: readonly ErrorRequest[] = [
  { operation: 'addRole', code: 'DUPLICATE_DATA', when: 'a role that there is', body: { name: 'CEO' }, authorization },
  {
    operation: 'changeUser',
    code: 'INVALID_URL_PATTERN',
    when: 'nobody',
    path: { id: '1' },
    body: { status: 'inactive' },
    authorization,
  },
];
