/** The main job, step by step, and a look at everything else. */
import type { RequestSpec } from './requests.ts';

/** A request by the operation that it calls. */
export interface OperationRequest extends RequestSpec {
  readonly operation: string;
}

const isOk = [
  "pm.test('200', () => {",
  '  pm.response.to.have.status(200);',
  "  pm.expect(pm.response.headers.get('Content-Type')).to.equal('application/json;charset=UTF-8');",
  '});',
];

/** Where a download link leads, in variables: the file may come from another host than the API. */
const keepLink = [
  '  const link = job.download_links[0].match(/^(.*)\\/v2\\/crm\\/([0-9]+)\\/auditlog\\/[0-9]+\\/([^\\/]+)$/);',
  "  pm.collectionVariables.set('download_host', link[1]);",
  "  pm.collectionVariables.set('org_id', link[2]);",
  "  pm.collectionVariables.set('file_name', link[3]);",
];

export const mainJob: readonly OperationRequest[] = [
  {
    operation: 'issueToken',
    name: '1. Get an access token by the refresh token',
    authorization: null,
    form: {
      grant_type: 'refresh_token',
      client_id: '{{client_id}}',
      client_secret: '{{client_secret}}',
      refresh_token: '{{refresh_token}}',
    },
    test: [
      ...isOk,
      'const answer = pm.response.json();',
      "pm.test('a token for an hour', () => pm.expect(answer.expires_in).to.equal(3600));",
      "pm.collectionVariables.set('access_token', answer.access_token);",
      "pm.collectionVariables.set('access_token_ends', String(Date.now() + (answer.expires_in - 60) * 1000));",
    ],
  },
  {
    operation: 'recordEntries',
    name: '2. Record an entry',
    body: {
      action: 'updated',
      done_by: { name: 'Patricia Boyle' },
      module: { api_name: 'Leads' },
      record: { id: '554023000000999001', name: 'Zylker' },
      changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
    },
    test: [...isOk, "pm.test('accepted', () => pm.expect(pm.response.json().accepted).to.equal(1));"],
  },
  {
    operation: 'createExport',
    name: '3. Schedule an export',
    body: exportOf(condition('action', 'in', ['added', 'updated'])),
    test: [
      ...isOk,
      'const [item] = pm.response.json().audit_log_export;',
      "pm.test('scheduled', () => pm.expect(item.code).to.equal('SCHEDULED'));",
      "pm.collectionVariables.set('job_id', item.details.id);",
      "pm.collectionVariables.set('polls', '0');",
    ],
  },
  {
    operation: 'readExport',
    name: '4. Poll until it is finished',
    path: { id: '{{job_id}}' },
    test: [
      ...isOk,
      'const [job] = pm.response.json().audit_log_export;',
      "const polls = Number(pm.collectionVariables.get('polls')) + 1;",
      "pm.collectionVariables.set('polls', String(polls));",
      "if (['scheduled', 'progress'].includes(job.status) && polls < 600) {",
      '  // The script, and so the run, waits for its timers.',
      '  setTimeout(() => {}, 500);',
      '  pm.execution.setNextRequest(pm.info.requestId);',
      '} else {',
      "  pm.test('finished', () => pm.expect(job.status).to.equal('finished'));",
      ...keepLink,
      '}',
    ],
  },
  {
    operation: 'downloadResult',
    name: '5. Download the result',
    host: '{{download_host}}',
    path: { org: '{{org_id}}', job: '{{job_id}}', file: '{{file_name}}' },
    test: [
      "const name = pm.collectionVariables.get('file_name');",
      "pm.test('the file, under its name', () => {",
      '  pm.response.to.have.status(200);',
      "  const disposition = 'attachment; filename=\"' + name + '\"';",
      "  pm.expect(pm.response.headers.get('Content-Disposition')).to.equal(disposition);",
      '  // Of a file that came in its gzip form, the size is that of what was unpacked.',
      "  if (!pm.response.headers.has('Content-Encoding')) {",
      "    pm.expect(Number(pm.response.headers.get('Content-Length'))).to.equal(pm.response.responseSize);",
      '  }',
      '});',
      "if (name.endsWith('.csv')) {",
      "  pm.test('the header line first', () => pm.expect(pm.response.text()).to.match(/^Done By,Action,Module,/));",
      '}',
    ],
  },
  {
    operation: 'listExports',
    name: '6. List the jobs',
    test: [
      ...isOk,
      'const ids = pm.response.json().audit_log_export.map((job) => job.id);',
      "pm.test('the job is there', () => pm.expect(ids).to.include(pm.collectionVariables.get('job_id')));",
    ],
  },
];

/** The console's: a browser sends its cookie along, a collection has none. */
const isUnauthorized = [
  "pm.test('401', () => {",
  '  pm.response.to.have.status(401);',
  "  pm.expect(pm.response.json().code).to.be.oneOf(['AUTHENTICATION_FAILURE', 'INVALID_CREDENTIALS']);",
  '});',
];

/** What each operation that is no step of the main job is called with. */
export const lookUps: readonly OperationRequest[] = [
  {
    operation: 'listUsers',
    name: 'Who am I?',
    query: { type: 'CurrentUser' },
    test: [
      ...isOk,
      'const [user] = pm.response.json().users;',
      "pm.test('one user', () => pm.expect(user.id).to.match(/^[0-9]+$/));",
      "pm.collectionVariables.set('user_id', user.id);",
    ],
  },
  { operation: 'readUser', name: 'One user', path: { id: '{{user_id}}' }, test: isOk },
  { operation: 'listModules', name: 'Modules', test: isOk },
  { operation: 'readOrganisation', name: 'The organisation', test: isOk },
  {
    operation: 'readEntries',
    name: 'The newest entries',
    query: { per_page: '10' },
    test: [
      ...isOk,
      'const [entry] = pm.response.json().entries;',
      "pm.collectionVariables.set('entry_key', `${Date.parse(entry.audited_time) / 1000}-${entry.id}`);",
    ],
  },
  { operation: 'readEntry', name: 'One entry', path: { key: '{{entry_key}}' }, test: isOk },
  { operation: 'readHistogram', name: 'Entries over time', query: { buckets: '12' }, test: isOk },
  { operation: 'suggestPeople', name: 'People by a part of their name', query: { search: 'a' }, test: isOk },
  { operation: 'suggestActions', name: 'The actions that the log holds', test: isOk },
  {
    operation: 'previewExport',
    name: 'How much an export would hold',
    query: { words: 'zylker', action: 'updated' },
    test: [...isOk, "pm.test('counted', () => pm.expect(pm.response.json().entries).to.be.above(0));"],
  },
  {
    operation: 'createFilteredExport',
    name: 'Export what a view of the log shows',
    body: { words: 'zylker', actions: ['updated'] },
    test: [
      "pm.test('201', () => pm.response.to.have.status(201));",
      "pm.collectionVariables.set('export_id', pm.response.json().export.id);",
    ],
  },
  { operation: 'readFilteredExport', name: 'That export', path: { id: '{{export_id}}' }, test: isOk },
  { operation: 'listFilteredExports', name: 'The newest exports', query: { per_page: '10' }, test: isOk },
  {
    operation: 'streamExports',
    name: 'What becomes of them (here only the head of the stream, which has no end)',
    method: 'HEAD',
    test: [
      "pm.test('events', () => {",
      '  pm.response.to.have.status(200);',
      "  pm.expect(pm.response.headers.get('Content-Type')).to.equal('text/event-stream;charset=UTF-8');",
      '});',
    ],
  },
  {
    operation: 'revokeToken',
    name: 'Revoke a token (here one that is unknown)',
    authorization: null,
    query: { token: '1000.unknown.token' },
    test: [...isOk, "pm.test('done', () => pm.expect(pm.response.json()).to.eql({ status: 'success' }));"],
  },
  { operation: 'readSession', name: 'Who is logged in? (Nobody.)', authorization: null, test: isUnauthorized },
  {
    operation: 'logIn',
    name: 'Log in (here as nobody)',
    authorization: null,
    body: { email: 'nobody@example.com', password: 'none' },
    test: isUnauthorized,
  },
  {
    operation: 'changePassword',
    name: 'Choose a password (when logged in)',
    authorization: null,
    body: { current_password: 'the old one', new_password: 'a new one of 12 or more' },
    test: isUnauthorized,
  },
  {
    operation: 'logOut',
    name: 'Log out',
    authorization: null,
    test: ["pm.test('204', () => pm.response.to.have.status(204));"],
  },
  {
    operation: 'readConsent',
    name: 'What an application asks for (when logged in)',
    authorization: null,
    query: {
      client_id: '{{client_id}}',
      redirect_uri: 'https://app.example.com/callback',
      response_type: 'code',
      scope: 'ZohoCRM.org.READ',
    },
    test: isUnauthorized,
  },
  {
    operation: 'giveConsent',
    name: 'Allow or deny it (when logged in)',
    authorization: null,
    body: {
      client_id: '{{client_id}}',
      redirect_uri: 'https://app.example.com/callback',
      scope: 'ZohoCRM.org.READ',
      decision: 'deny',
    },
    test: isUnauthorized,
  },
  { operation: 'listScopes', name: 'The scopes that there are', authorization: null, test: isOk },
  { operation: 'readOpenApi', name: 'The OpenAPI document', authorization: null, test: isOk },
];

export function condition(field: string, comparator: string, value: unknown): object {
  return { field: { api_name: field }, comparator, value };
}

export function exportOf(...criteria: readonly object[]): object {
  return { audit_log_export: criteria.map((one) => ({ criteria: one })) };
}
