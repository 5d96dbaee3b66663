/** Each kind of error comes back from the official SDKs as their own exception object, none as a success or a crash. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { accessToken, addUser, type DataFolder, dataFolder, type Server, serve } from '../annals.ts';
import { type TemporaryFolder, temporaryFolder } from '../folders.ts';
import { onlyItem, SdkClient } from '../sdk/client.ts';
import { type Credentials, type SdkName, type SdkObject, sdkNames } from '../sdk/protocol.ts';
import { type Refusal, refusals } from '../sdk/refusals.ts';

const scopes = 'ZohoCRM.settings.audit_logs.ALL,ZohoFiles.files.READ,ZohoCRM.users.READ,ZohoCRM.org.READ';

for (const sdk of sdkNames) {
  suite(`@zohocrm/${sdk}: errors`, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(sdk);
    });
    after(() => stage?.[Symbol.asyncDispose]());

    for (const refusal of refusals) {
      test(`${refusal.code}: ${refusal.when}`, () => assertRefused(stage.admin, refusal, sdk));
    }

    // The only test that schedules a job.
    test('NO_CONTENT before the first job; ALREADY_SCHEDULED, and TOO_MANY_REQUESTS for others, while it waits', async () => {
      const { object, httpStatus } = await stage.admin.call({ method: 'list' });
      assert.equal(httpStatus, 400);
      assertException(object, 'NO_CONTENT');
      const id = await stage.admin.schedule(null);
      assert.equal((await stage.admin.job(id)).status, 'scheduled');
      await assertRefused(stage.admin, { when: '', code: 'ALREADY_SCHEDULED', exports: null, wrapped: true }, sdk);
      await using other = await stage.client({ accessToken: await stage.token(scopes, stage.colleague) });
      await assertRefused(other, { when: '', code: 'TOO_MANY_REQUESTS', exports: null, wrapped: false }, sdk);
      const link = `${stage.server.origin}/v2/crm/${stage.server.folder.initialised.org_id}/auditlog/${id}/AuditLog.csv`;
      assertException((await stage.admin.call({ method: 'download', link })).object, 'INVALID_URL_PATTERN');
    });

    test('INVALID_URL_PATTERN, for a job that is not there, and a file of it', async () => {
      const { object, httpStatus } = await stage.admin.call({ method: 'get', id: '111111000000066005' });
      assert.equal(httpStatus, 404);
      assertException(object, 'INVALID_URL_PATTERN');
      // Without `http` in it the SDK puts the link behind the API's address and a second slash.
      const link = `/v2/crm/${stage.server.folder.initialised.org_id}/auditlog/111111000000066005/AuditLog.zip`;
      assertException((await stage.admin.call({ method: 'download', link })).object, 'INVALID_URL_PATTERN');
    });

    test('URI_TOO_LONG, for an endless link', async () => {
      const link = `${stage.server.origin}/v2/crm/${'1'.repeat(9000)}`;
      const { object, httpStatus } = await stage.admin.call({ method: 'download', link });
      assert.equal(httpStatus, 414);
      assertException(object, 'URI_TOO_LONG');
    });

    test('AUTHENTICATION_FAILURE, for a token that is unknown', async () => {
      await using stranger = await stage.client({ accessToken: '1000.unknown.token' });
      await assertRefusedEverywhere(stranger, stage.server, 'AUTHENTICATION_FAILURE', 401);
    });

    test('OAUTH_SCOPE_MISMATCH, for a token of another scope', async () => {
      await using narrow = await stage.client({ accessToken: await stage.token('ZohoCRM.users.READ') });
      await assertRefusedEverywhere(narrow, stage.server, 'OAUTH_SCOPE_MISMATCH', 401);
    });

    test('NO_PERMISSION, for a user whose profile may not use the audit log', async () => {
      await using banned = await stage.client({ accessToken: await stage.token(scopes, stage.banned) });
      await assertRefusedEverywhere(banned, stage.server, 'NO_PERMISSION', 403);
    });

    test("the token endpoint's refusal is the text of the SDK's own exception", async () => {
      const { client } = stage.server.folder.initialised;
      const credentials = { clientId: client.id, clientSecret: client.secret, refreshToken: '1000.unknown.token' };
      await using stranger = await stage.client(credentials);
      await assert.rejects(stranger.call({ method: 'list' }), /invalid_code/);
    });
  });
}

async function assertRefused(client: SdkClient, refusal: Refusal, sdk: SdkName): Promise<void> {
  const { object, httpStatus } = await client.call({ method: 'create', exports: refusal.exports });
  const exception = assertException(refusal.wrapped ? onlyItem(object) : object, refusal.code);
  assert.equal(httpStatus, refusal.httpStatus ?? (refusal.code === 'TOO_MANY_REQUESTS' ? 429 : 400));
  if (refusal.path !== undefined) assert.equal(exception.details.json_path, refusal.path);
  // The other SDKs drop what their own table of details does not name.
  if (refusal.code === 'ALREADY_SCHEDULED' && sdk === 'typescript-sdk-8.0') {
    assert.match(String(exception.details.id), /^\d{18,19}$/);
  }
}

/** Bare on every call, also on create. */
async function assertRefusedEverywhere(
  client: SdkClient,
  server: Server,
  code: string,
  httpStatus: number,
): Promise<void> {
  const link = `${server.origin}/v2/crm/${server.folder.initialised.org_id}/auditlog/111111000000066005/AuditLog.csv`;
  const calls = [
    { method: 'create', exports: null },
    { method: 'list' },
    { method: 'get', id: '111111000000066005' },
    { method: 'download', link },
  ] as const;
  for (const call of calls) {
    const answer = await client.call(call);
    assert.equal(answer.httpStatus, httpStatus, call.method);
    assertException(answer.object, code);
  }
}

type Exception = SdkObject & { class: 'APIException' };

function assertException(object: SdkObject | { class: 'SuccessResponse' }, code: string): Exception {
  assert(object.class === 'APIException', `no exception but ${JSON.stringify(object)}`);
  assert.equal(object.code, code);
  assert.equal(object.status, 'error');
  assert.notEqual(object.message, '');
  return object;
}

/** A server that leaves jobs waiting, with narrow limits, and three kinds of users. */
interface Stage extends AsyncDisposable {
  readonly server: Server;
  /** A client of the administrator. */
  readonly admin: SdkClient;
  /** E-mail addresses of a user like others, and of one who may not use the audit log. */
  readonly colleague: string;
  readonly banned: string;
  client(credentials: Credentials): Promise<SdkClient>;
  token(scope: string, user?: string): Promise<string>;
}

async function openStage(sdk: SdkName): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const scratch: TemporaryFolder = opened.use(await temporaryFolder('sdk-errors'));
  const folder: DataFolder = opened.use(await dataFolder());
  const [colleague, banned] = ['colleague@example.com', 'banned@example.com'];
  await addUser(folder, colleague, 'Standard');
  await addUser(folder, banned, 'No Audit Log');
  const limits = { ANNALS_WORKERS: '0', ANNALS_MAX_OPEN_JOBS: '1', ANNALS_MAX_JSON_BODY_BYTES: '2048' };
  const server = opened.use(await serve(folder, { env: limits }));
  let started = 0;
  const client = (credentials: Credentials): Promise<SdkClient> => {
    started += 1;
    return SdkClient.start({
      sdk,
      origin: server.origin,
      folder: join(scratch.path, `client-${started}`),
      credentials,
    });
  };
  const { client: oauth, refresh_token: refreshToken } = folder.initialised;
  const admin = opened.use(await client({ clientId: oauth.id, clientSecret: oauth.secret, refreshToken }));
  const kept = opened.move();
  return {
    ...{ server, admin, colleague, banned, client },
    token: (scope, user) => accessToken(folder, scope, user),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
