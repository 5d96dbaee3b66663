/** The Postman collection and its environment, made of the OpenAPI document. */
import { administration, administrationErrors } from './administration.ts';
import { type OpenApiDocument, type Operation, operationsOf, statusOf } from './document.ts';
import {
  bannedRequests,
  codeRequests,
  type ErrorRequest,
  errorRequests,
  notByRequest,
  oauthRequests,
  waitingRequests,
} from './errors.ts';
import { lookUps, mainJob, type OperationRequest } from './job.ts';
import { eventOf, type PostmanItem, requestOf } from './requests.ts';

/** Throws when the document has an operation or an error that no request is about, or a request one that it has not. */
export function collectionOf(document: OpenApiDocument): object {
  const operations = new Map(operationsOf(document).map((operation) => [operation.operationId, operation]));
  const call = (request: OperationRequest): PostmanItem => requestOf(known(operations, request.operation), request);
  const fail = (request: ErrorRequest): PostmanItem => errorItem(known(operations, request.operation), request);
  const token = known(operations, 'issueToken');
  checkComplete([...operations.values()]);
  return {
    info: {
      name: document.info.title,
      description: `${document.info.description}\n\nMade from the OpenAPI document by scripts/postman.ts.`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: {
      type: 'apikey',
      apikey: [
        { key: 'key', value: 'Authorization', type: 'string' },
        { key: 'value', value: 'Zoho-oauthtoken {{access_token}}', type: 'string' },
        { key: 'in', value: 'header', type: 'string' },
      ],
    },
    event: [eventOf('prerequest', freshToken)],
    variable: [{ key: 'version', value: 'v8' }],
    item: [
      folder('Main job', 'From a token to the file, one step after the other.', mainJob.map(call)),
      folder('Look-ups', 'What else there is to ask for.', lookUps.map(call)),
      folder(
        'Administration',
        "The variable `admin_token` has to hold an administrator's access token (`annals token --scope Annals.admin.ALL`).",
        [...administration.map(call), ...administrationErrors.map(fail)],
      ),
      folder('Errors', 'Run the main job first: some of these need its job.', errorRequests.map(fail)),
      folder(
        'OAuth errors',
        'The token endpoint has a shape of its own for what goes wrong.',
        oauthRequests.map((request) => requestOf(token, request)),
      ),
      folder(
        'While a job waits',
        'For a new server, started with ANNALS_WORKERS=0 and ANNALS_MAX_OPEN_JOBS=1. The variable `other_token` has to ' +
          "hold another user's access token (`annals token --user`).",
        waitingRequests.map(fail),
      ),
      folder(
        'Without permission',
        'The variable `banned_token` has to hold an access token of a user whose profile may not use the audit log.',
        bannedRequests.map(fail),
      ),
      folder(
        'With a code',
        'The variable `code` has to hold a code of `annals code`.',
        codeRequests.map((request) => requestOf(token, request)),
      ),
    ],
  };
}

export function environmentOf(document: OpenApiDocument): object {
  const values: Readonly<Record<string, string>> = {
    host: 'http://127.0.0.1:8080',
    client_id: '',
    client_secret: '',
    refresh_token: '',
  };
  return {
    name: document.info.title,
    values: Object.entries(values).map(([key, value]) => ({
      key,
      value,
      type: key === 'host' || key === 'client_id' ? 'default' : 'secret',
      enabled: true,
    })),
    _postman_variable_scope: 'environment',
  };
}

/** Before every request, so that each can be sent alone. */
const freshToken = [
  "if (Number(pm.collectionVariables.get('access_token_ends') || 0) < Date.now()) {",
  '  pm.sendRequest({',
  "    url: pm.environment.get('host') + '/oauth/v2/token',",
  "    method: 'POST',",
  "    body: { mode: 'urlencoded', urlencoded: [",
  "      { key: 'grant_type', value: 'refresh_token' },",
  "      ...['client_id', 'client_secret', 'refresh_token'].map((key) => ({ key, value: pm.environment.get(key) })),",
  '    ] },',
  '  }, (error, response) => {',
  '    if (error) throw error;',
  '    const answer = response.json();',
  "    if (!answer.access_token) throw new Error('no access token: ' + answer.error);",
  "    pm.collectionVariables.set('access_token', answer.access_token);",
  "    pm.collectionVariables.set('access_token_ends', String(Date.now() + (answer.expires_in - 60) * 1000));",
  '  });',
  '}',
];

function folder(name: string, description: string, item: readonly PostmanItem[]): object {
  return { name, description, item };
}

function known(operations: ReadonlyMap<string, Operation>, id: string): Operation {
  const operation = operations.get(id);
  if (operation === undefined) throw new Error(`the OpenAPI document has no operation ${id}`);
  return operation;
}

function errorItem(operation: Operation, request: ErrorRequest): PostmanItem {
  const { code, when, wrapped = false } = request;
  const status = statusOf(operation, code);
  const test = [
    `pm.test('${status} ${code}', () => {`,
    `  pm.response.to.have.status(${status});`,
    '  const body = pm.response.json();',
    wrapped ? '  const [error] = body.audit_log_export;' : '  const error = body;',
    "  pm.expect(error).to.have.all.keys('code', 'details', 'message', 'status');",
    `  pm.expect(error.code).to.equal('${code}');`,
    "  pm.expect(error.status).to.equal('error');",
    "  pm.expect(error.details).to.be.an('object');",
    '});',
  ];
  return requestOf(operation, { ...request, name: `${code}: ${when}`, test });
}

function checkComplete(operations: readonly Operation[]): void {
  const called = new Set([...mainJob, ...lookUps, ...administration].map((request) => request.operation));
  const uncalled = operations.map((operation) => operation.operationId).filter((id) => !called.has(id));
  const caused = new Set(
    [...errorRequests, ...administrationErrors, ...waitingRequests, ...bannedRequests].map((request) => request.code),
  );
  const codes = new Set(
    operations.flatMap((operation) =>
      Object.values(operation.responses).flatMap((response) => response['x-codes'] ?? []),
    ),
  );
  const uncaused = [...codes].filter((code) => !caused.has(code) && !Object.hasOwn(notByRequest, code));
  if (uncalled.length > 0) throw new Error(`no request calls ${uncalled.join(', ')}`);
  if (uncaused.length > 0) throw new Error(`no request causes ${uncaused.join(', ')}`);
}
