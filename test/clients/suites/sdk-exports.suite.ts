/** The official SDKs do the main job: token, create, poll, list, get, download, against one server with many entries. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { annals, type DataFolder, dataFolder, grantCode, redirectUri, type Server, serve } from '../annals.ts';
import { type TemporaryFolder, temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';
import { Rest, sha256 } from '../rest.ts';
import { SdkClient } from '../sdk/client.ts';
import { criteriaForms, type KnownEntries } from '../sdk/forms.ts';
import { type Credentials, type SdkName, type SdkSetup, sdkNames } from '../sdk/protocol.ts';

const entries = 100_500; // just over what one CSV holds
const zone = 'Asia/Kolkata';

let folder: DataFolder;
let server: Server;
let rest: Rest;
let scratch: TemporaryFolder;

before(async () => {
  scratch = await temporaryFolder('sdks');
  folder = await dataFolder(entries);
  server = await serve(folder);
  rest = await Rest.as(server);
});

after(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
});

for (const sdk of sdkNames) {
  suite(`@zohocrm/${sdk}: exports`, () => {
    test('exports a CSV: the name, and the bytes that the command line exports', async () => {
      await using client = await SdkClient.start(setup(sdk, refreshToken()));
      const id = await client.schedule([{ criteria: { field: 'action', comparator: 'equal', value: 'deleted' } }]);
      const job = await client.finished(id);

      assert.equal(job.id, id);
      assert.equal(job.field, 'action');
      assert.equal(job.downloadLinks.length, 1);
      const file = await client.download(job.downloadLinks[0] ?? '');
      assert.equal(file.name, 'AuditLog.csv');
      assert.equal(file.sha256, await exportedHere('--action', 'deleted'));
    });

    test('exports more than 100,000 entries as a ZIP, without a body, and sees the job in the list', async () => {
      await using client = await SdkClient.start(setup(sdk, refreshToken()));
      const id = await client.schedule(null);
      const job = await client.finished(id);

      const link = job.downloadLinks[0] ?? '';
      const file = await client.download(link);
      assert.equal(file.name, 'AuditLog.zip');
      const path = join(scratch.path, `${sdk}.zip`);
      await run('curl', ['-sS', '--fail', '-o', path, '-H', `Authorization: Zoho-oauthtoken ${rest.token}`, link]);
      const byCurl = await readFile(path);
      assert.equal(file.bytes, byCurl.byteLength);
      assert.equal(file.sha256, sha256(byCurl));
      assert.equal(await run('unzip', ['-Z1', path]), 'AuditLog_001.csv\nAuditLog_002.csv\n');

      const { object } = await client.call({ method: 'list' });
      assert(object.class === 'ResponseWrapper');
      assert.equal(object.jobs[0]?.id, id, 'newest first');
      assert.deepEqual(object.jobs[0], job);
      assert(job.startTime !== null && job.endTime !== null && job.expiryDate !== null);
      assert(job.startTime <= job.endTime && job.endTime < job.expiryDate);
      assert.match(job.createdBy.id, /^\d{18,19}$/);
    });

    test('is understood in every form of criteria that it sends', async () => {
      await using client = await SdkClient.start(setup(sdk, refreshToken()), { TZ: zone });
      for (const { name, criteria, json } of criteriaForms(sdk, await knownEntries())) {
        const job = await client.finished(await client.schedule([{ criteria }]));
        const file = await client.download(job.downloadLinks[0] ?? '');
        const plain = await rest.export(json);
        assert((plain.entries ?? 0) > 0 && (plain.entries ?? 0) < entries / 2, `${name}: ${plain.entries} entries`);
        const expected = await rest.download(plain.download_links[0] ?? '');
        assert.equal(file.sha256, expected.sha256, name);
      }
    });

    test('gets its tokens by a grant code of `annals code`', async () => {
      await using client = await SdkClient.start(setup(sdk, await codeCredentials()));
      const { object } = await client.call({ method: 'list' });
      assert.equal(object.class, 'ResponseWrapper');
    });

    test('reuses its stored token after the server has been started again', () => outliveRestart(sdk));
  });
}

async function outliveRestart(sdk: SdkName): Promise<void> {
  await using own = await dataFolder(20);
  const store = join(scratch.path, `${sdk}-stored`);
  const { client, refresh_token } = own.initialised;
  const credentials = { clientId: client.id, clientSecret: client.secret, refreshToken: refresh_token };
  const exportOnce = async (origin: string): Promise<string> => {
    await using application = await SdkClient.start({ sdk, origin, folder: store, credentials });
    await application.finished(await application.schedule(null));
    return await readFile(join(store, 'tokens.txt'), 'utf8');
  };

  let port = 0;
  let stored = '';
  {
    await using first = await serve(own);
    port = first.port;
    stored = await exportOnce(first.origin);
  }
  await using second = await serve(own, { port });
  assert.equal(await exportOnce(second.origin), stored, 'no new token was asked for');
}

let started = 0;

/** A client of its own, with an empty token store. */
function setup(sdk: SdkName, credentials: Credentials): SdkSetup {
  started += 1;
  return { sdk, origin: server.origin, folder: join(scratch.path, `client-${started}`), credentials };
}

function refreshToken(): Credentials {
  const { client, refresh_token } = folder.initialised;
  return { clientId: client.id, clientSecret: client.secret, refreshToken: refresh_token };
}

async function codeCredentials(): Promise<Credentials> {
  const { client } = folder.initialised;
  const scope = 'ZohoCRM.settings.audit_logs.ALL,ZohoFiles.files.READ,ZohoCRM.users.READ,ZohoCRM.org.READ';
  return {
    ...{ clientId: client.id, clientSecret: client.secret, redirectUri },
    grantCode: await grantCode(folder, scope),
  };
}

/** What `annals export` writes for the same filter, while the server runs. */
async function exportedHere(...filter: readonly string[]): Promise<string> {
  const path = join(scratch.path, 'exported.csv');
  await annals('export', '--data', folder.path, ...filter, '-o', path);
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function knownEntries(): Promise<KnownEntries> {
  // Not the trail's: it tells of each export, so that the next one by the same user would hold more.
  const newest = (await rest.newestEntries(200)).filter(({ module }) => module.api_name !== 'Annals');
  const users = [...new Set(newest.map((entry) => entry.done_by.id))].slice(0, 2);
  const { modules } = (await rest.json('/crm/v8/settings/modules')) as { modules: { id: string; api_name: string }[] };
  const named = modules.find((module) => module.api_name === newest[0]?.module.api_name);
  const [user, other] = users;
  assert(user !== undefined && other !== undefined && named !== undefined);
  return { users: [user, other], module: { id: named.id, apiName: named.api_name } };
}
