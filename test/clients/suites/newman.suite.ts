/** The committed Postman collection: it is what the OpenAPI document makes, and newman runs it against the server. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { collectionOf, environmentOf } from '../../../scripts/postman/collection.ts';
import type { OpenApiDocument } from '../../../scripts/postman/document.ts';
import {
  accessToken,
  addUser,
  type DataFolder,
  dataFolder,
  grantCode,
  projectRoot,
  type Server,
  serve,
} from '../annals.ts';
import { temporaryFolder } from '../folders.ts';
import { outcomeOf } from '../programs.ts';

const collection = join(projectRoot, 'postman', 'annals.postman_collection.json');
const environment = join(projectRoot, 'postman', 'annals.postman_environment.json');
const newman = join(import.meta.dirname, '..', 'node_modules', 'newman', 'bin', 'newman.js');

interface Collection {
  readonly item: readonly { readonly name: string; readonly item: readonly { readonly name: string }[] }[];
}

suite('the Postman collection', () => {
  test('is what scripts/postman.ts makes of the document that the server answers', async () => {
    await using folder = await dataFolder();
    await using server = await serve(folder);
    const response = await fetch(`${server.origin}/openapi.json`);
    const document = (await response.json()) as OpenApiDocument; // which parts there must be, collectionOf finds out
    assert.deepEqual(JSON.parse(await readFile(collection, 'utf8')), collectionOf(document));
    assert.deepEqual(JSON.parse(await readFile(environment, 'utf8')), environmentOf(document));
  });

  test('does the main job, looks everything up, and causes every error', async () => {
    await using folder = await dataFolder(2000);
    await using server = await serve(folder);
    await runFolders(server, ['Main job', 'Look-ups', 'Errors', 'OAuth errors']);
  });

  test('manages an organisation', async () => {
    await using folder = await dataFolder();
    await using server = await serve(folder);
    await runFolders(server, ['Administration'], { admin_token: await accessToken(folder, 'Annals.admin.ALL') });
  });

  test('meets a job that waits, a user without permission, and a code', async () => {
    await using folder = await dataFolder();
    await addUser(folder, 'other@example.com', 'Standard');
    await addUser(folder, 'banned@example.com', 'No Audit Log');
    await using server = await serve(folder, { env: { ANNALS_WORKERS: '0', ANNALS_MAX_OPEN_JOBS: '1' } });
    await runFolders(server, ['While a job waits', 'Without permission', 'With a code'], {
      other_token: await accessToken(folder, 'ZohoCRM.settings.ALL', 'other@example.com'),
      banned_token: await bannedToken(folder),
      code: await grantCode(folder, 'ZohoCRM.users.READ'),
      org_id: folder.initialised.org_id,
    });
  });

  test('has no folder that these tests leave out', async () => {
    const { item: folders }: Collection = JSON.parse(await readFile(collection, 'utf8'));
    assert.deepEqual(
      folders.map((folder) => folder.name),
      [
        'Main job',
        'Look-ups',
        'Administration',
        'Errors',
        'OAuth errors',
        'While a job waits',
        'Without permission',
        'With a code',
      ],
    );
  });
});

function bannedToken(folder: DataFolder): Promise<string> {
  const scope = 'ZohoCRM.settings.ALL,ZohoFiles.files.READ,Annals.entries.READ';
  return accessToken(folder, scope, 'banned@example.com');
}

/** What newman's JSON reporter writes, as far as it is looked at. */
interface Report {
  readonly run: {
    readonly executions: readonly {
      readonly item: { readonly name: string };
      readonly assertions?: readonly unknown[];
    }[];
    readonly failures: readonly {
      readonly source?: { readonly name?: string };
      readonly error: { readonly message: string };
    }[];
  };
}

async function runFolders(
  server: Server,
  folders: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using scratch = await temporaryFolder('newman');
  const report = join(scratch.path, 'report.json');
  const { client, refresh_token } = server.folder.initialised;
  const values = {
    ...{ host: server.origin, client_id: client.id, client_secret: client.secret, refresh_token },
    ...variables,
  };
  const args = [
    ...[newman, 'run', collection, '--environment', environment],
    ...folders.flatMap((name) => ['--folder', name]),
    ...Object.entries(values).flatMap(([key, value]) => ['--env-var', `${key}=${value}`]),
    ...['--reporters', 'json', '--reporter-json-export', report, '--timeout-request', '60000'],
  ];
  const { status, stdout, stderr } = await outcomeOf(process.execPath, args);
  const { run }: Report = JSON.parse(await readFile(report, 'utf8').catch(() => `no report: ${stdout}${stderr}`));
  const failures = run.failures.map(({ source, error }) => `${source?.name}: ${error.message}`);
  assert.deepEqual(failures, []);
  assert.equal(status, 0, stdout + stderr);
  const { item: all }: Collection = JSON.parse(await readFile(collection, 'utf8'));
  const expected = all.filter(({ name }) => folders.includes(name)).flatMap(({ item }) => item.map(({ name }) => name));
  const tested = run.executions.filter(({ assertions = [] }) => assertions.length > 0);
  assert.deepEqual([...new Set(tested.map(({ item }) => item.name))], expected, 'every request was tested');
}
