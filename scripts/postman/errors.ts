/** For each error that a client can cause, requests that cause it. */
import { condition, exportOf } from './job.ts';
import type { RequestSpec } from './requests.ts';

export interface ErrorRequest extends Omit<RequestSpec, 'test' | 'name'> {
  readonly operation: string;
  readonly code: string;
  readonly when: string;
  /** True: the error stands inside `audit_log_export`. */
  readonly wrapped?: boolean;
}

/** No request of a collection can cause these. */
export const notByRequest: Readonly<Record<string, string>> = {
  INTERNAL_ERROR: 'a fault of the server',
  SERVICE_UNAVAILABLE: 'a part of the server is down or full',
  PASSWORD_CHANGE_REQUIRED: 'a session of a user with a one-time password',
  REQUEST_TIMEOUT: 'only a client that stalls gets it',
};

const action = condition('action', 'equal', 'added');
const unknownJob = '111111000000066005';
const bearer = 'Zoho-oauthtoken';

/** A text of this length in `{{filler}}`. */
const filler = (length: number) => [`pm.variables.set('filler', '1'.repeat(${length}));`];

const ofHttp: readonly ErrorRequest[] = [
  { operation: 'createExport', code: 'INVALID_REQUEST_METHOD', when: 'DELETE', method: 'DELETE' },
  { operation: 'readExport', code: 'INVALID_URL_PATTERN', when: 'a job that is not there', path: { id: unknownJob } },
  {
    operation: 'downloadResult',
    code: 'INVALID_URL_PATTERN',
    when: 'a file that the job does not have',
    path: { org: '{{org_id}}', job: '{{job_id}}', file: 'AuditLog_999.zip' },
  },
  { operation: 'readOrganisation', code: 'API_NOT_SUPPORTED', when: 'version 2', path: { version: 'v2' } },
  { operation: 'listExports', code: 'AUTHENTICATION_FAILURE', when: 'no token', authorization: null },
  {
    operation: 'logIn',
    code: 'INVALID_CREDENTIALS',
    when: 'nobody of this address',
    authorization: null,
    body: { email: 'nobody@example.com', password: 'none' },
  },
  {
    operation: 'logIn',
    code: 'CROSS_SITE_REQUEST',
    when: "another site's page",
    authorization: null,
    headers: { Origin: 'https://elsewhere.example' },
    body: { email: 'nobody@example.com', password: 'none' },
  },
  {
    operation: 'createExport',
    code: 'AUTHENTICATION_FAILURE',
    when: 'an unknown token',
    authorization: `${bearer} 1000.8cb99d.9be93`,
  },
  {
    operation: 'readExport',
    code: 'URI_TOO_LONG',
    when: 'an endless id',
    before: filler(10_000),
    path: { id: '{{filler}}' },
  },
  {
    operation: 'readOrganisation',
    code: 'HEADERS_TOO_LARGE',
    when: 'an endless header',
    before: filler(20_000),
    headers: { 'X-Filler': '{{filler}}' },
  },
  {
    operation: 'createExport',
    code: 'REQUEST_TOO_LARGE',
    when: 'a body of over a megabyte',
    before: filler(1_200_000),
    body: '{"audit_log_export":"{{filler}}"}',
  },
  {
    operation: 'downloadResult',
    code: 'RANGE_NOT_SATISFIABLE',
    when: 'a range behind the end',
    host: '{{download_host}}',
    path: { org: '{{org_id}}', job: '{{job_id}}', file: '{{file_name}}' },
    headers: { Range: 'bytes=999999999999-' },
  },
  {
    operation: 'createExport',
    code: 'OAUTH_SCOPE_MISMATCH',
    when: 'a token for users only',
    before: [
      'pm.sendRequest({',
      "  url: pm.environment.get('host') + '/oauth/v2/token',",
      "  method: 'POST',",
      "  body: { mode: 'urlencoded', urlencoded: [",
      "    { key: 'grant_type', value: 'refresh_token' },",
      "    ...['client_id', 'client_secret', 'refresh_token'].map((key) => ({ key, value: pm.environment.get(key) })),",
      "    { key: 'scope', value: 'ZohoCRM.users.READ' },",
      '  ] },',
      "}, (error, response) => pm.variables.set('narrow_token', response.json().access_token));",
    ],
    authorization: `${bearer} {{narrow_token}}`,
  },
];

const ofBodies: readonly ErrorRequest[] = [
  { operation: 'createExport', code: 'INVALID_DATA', when: 'no JSON', body: '{"audit_log_export":' },
  { operation: 'createExport', code: 'INVALID_DATA', when: 'an array as the body', body: '[1]' },
  { operation: 'createExport', code: 'MANDATORY_NOT_FOUND', when: 'an empty object', body: {} },
  refused('MANDATORY_NOT_FOUND', 'a user without id', condition('done_by', 'equal', { name: 'Patricia Boyle' })),
  refused('EXPECTED_FIELD_MISSING', 'empty criteria', {}),
  refused('DEPENDENT_FIELD_MISSING', 'a field alone', { field: { api_name: 'action' } }),
  refused('DEPENDENT_FIELD_MISSING', 'a group without its operator', { group: [action] }),
  refused('DEPENDENT_MISMATCH', 'a text where a list is due', condition('action', 'in', 'added')),
  refused('INVALID_DATA', 'over 180 days', condition('audited_time', 'between', ['2025-01-01', '2025-12-31'])),
  refused('INVALID_DATA', 'a comparator that is unknown', condition('action', 'like', 'added')),
  refused('NOT_SUPPORTED', 'a field that cannot be filtered', condition('record_name', 'equal', 'Zylker')),
  refused('AMBIGUITY_DURING_PROCESSING', 'a user that is unknown', condition('done_by', 'equal', { id: unknownJob })),
  { ...refused('LIMIT_EXCEEDED', 'two exports', action), body: exportOf(action, action) },
  refused('LIMIT_EXCEEDED', 'three in a group', { group_operator: 'and', group: [action, action, action] }),
];

export const errorRequests: readonly ErrorRequest[] = [...ofHttp, ...ofBodies];

/** For a new server that was started with ANNALS_WORKERS=0 and ANNALS_MAX_OPEN_JOBS=1, so that a job waits. */
export const waitingRequests: readonly ErrorRequest[] = [
  { operation: 'listExports', code: 'NO_CONTENT', when: 'no job yet' },
  {
    ...refused('ALREADY_SCHEDULED', 'a second export while one waits', action),
    before: [
      'pm.sendRequest({',
      "  url: pm.environment.get('host') + '/crm/v8/settings/audit_log_export',",
      "  method: 'POST',",
      `  header: { Authorization: '${bearer} ' + pm.collectionVariables.get('access_token') },`,
      '}, () => {});',
    ],
  },
  {
    operation: 'createExport',
    code: 'TOO_MANY_REQUESTS',
    when: 'another user, over the limit of open jobs',
    authorization: `${bearer} {{other_token}}`,
  },
];

/** For an access token of a user whose profile may not use the audit log. */
export const bannedRequests: readonly ErrorRequest[] = (
  ['createExport', 'listExports', 'readExport', 'downloadResult', 'readEntries'] as const
).map((operation) => ({
  operation,
  code: 'NO_PERMISSION',
  when: operation,
  path: { id: unknownJob, org: '{{org_id}}', job: unknownJob, file: 'AuditLog.csv' },
  authorization: `${bearer} {{banned_token}}`,
}));

/** The token endpoint's own errors, `{"error":"…"}`. */
export const oauthRequests: readonly (RequestSpec & { readonly error: string; readonly status: number })[] = [
  oauth('invalid_client', 401, 'a wrong secret', { client_secret: 'wrong' }),
  oauth('invalid_code', 400, 'a refresh token that is unknown', { refresh_token: '1000.unknown.token' }),
  oauth('invalid_code', 400, 'a code that is unknown', { grant_type: 'authorization_code', code: '1000.unknown' }),
  oauth('invalid_scope', 400, 'a scope that was never granted', { scope: 'Annals.nothing.ALL' }),
  oauth('unsupported_grant_type', 400, 'a password', { grant_type: 'password' }),
];

/** For a fresh code of `annals code`, which is bound to a redirect address. */
export const codeRequests: typeof oauthRequests = [
  oauth('invalid_redirect_uri', 400, 'a code with another address', {
    grant_type: 'authorization_code',
    code: '{{code}}',
    redirect_uri: 'http://127.0.0.1/elsewhere',
  }),
];

function refused(code: string, when: string, criteria: object): ErrorRequest {
  return { operation: 'createExport', code, when, wrapped: true, body: exportOf(criteria) };
}

function oauth(error: string, status: number, when: string, form: Readonly<Record<string, string>>) {
  const usual = {
    grant_type: 'refresh_token',
    client_id: '{{client_id}}',
    client_secret: '{{client_secret}}',
    refresh_token: '{{refresh_token}}',
  };
  const test = [
    `pm.test('${status} ${error}', () => {`,
    `  pm.response.to.have.status(${status});`,
    `  pm.expect(pm.response.json()).to.eql({ error: '${error}' });`,
    '});',
  ];
  return { error, status, name: `${error}: ${when}`, authorization: null, form: { ...usual, ...form }, test };
}
