import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { allScopes } from '../../src/access/scopes.ts';
import { hashSecret } from '../../src/access/secrets.ts';
import { openParts } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { type Console, type Installation, openConsole, openReadyConsole } from './console.ts';

function partsOf(console: Console) {
  return openParts(loadConfig({ ANNALS_DATA: console.dataDir }), { mode: 'command' });
}

suite('annals init', () => {
  test('prints ids and secrets that work', async () => {
    await using console = await openReadyConsole();
    const { made } = console;
    assert.deepEqual(Object.keys(made), ['org_id', 'admin', 'client', 'refresh_token']);
    assert.match(made.org_id, /^\d{8}$/);
    assert.deepEqual(Object.keys(made.admin), ['email', 'password']);
    await using parts = await partsOf(console);
    const answer = await parts.access.token({
      grant_type: 'refresh_token',
      client_id: made.client.id,
      client_secret: made.client.secret,
      refresh_token: made.refresh_token,
    });
    const identity = await parts.access.identify(answer.access_token);
    assert.equal(identity?.org, made.org_id);
    assert.deepEqual(identity?.scopes, allScopes);
    const viewer = await parts.directory.viewer(made.org_id, identity?.userId ?? '');
    assert.deepEqual([viewer?.user.email, viewer?.isAdministrator, viewer?.isCeo], [made.admin.email, true, true]);
  });

  test('makes the folder for its owner only', async () => {
    await using console = await openReadyConsole();
    assert.equal((await stat(console.dataDir)).mode & 0o777, 0o700);
  });

  test('on a folder in use is an error and changes nothing', async () => {
    await using console = await openReadyConsole();
    const { exitCode, stdout, stderr } = await console.run(['init', '--json', '--email', 'other@example.com']);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /in use already \(organisation \d+\); nothing was changed/);
    await using parts = await partsOf(console);
    assert.equal((await parts.directory.organisations()).length, 1);
    assert.equal(await parts.directory.userByEmail('other@example.com'), null);
  });

  test('takes name, zone and address', async () => {
    await using console = await openConsole();
    const args = ['init', '--name', 'Zylker', '--time-zone', 'Asia/Kolkata', '--email', 'Ada@Zylker.example'];
    const made = await console.json<Installation>([...args, '--hierarchy', 'reporting_to']);
    await using parts = await partsOf(console);
    const organisation = await parts.directory.organisation(made.org_id);
    const { companyName, timeZone, hierarchy } = organisation ?? {};
    assert.deepEqual([companyName, timeZone, hierarchy], ['Zylker', 'Asia/Kolkata', 'reporting_to']);
    assert.equal(made.admin.email, 'ada@zylker.example');
  });

  test('leaves nothing behind when it is told something that cannot be', async () => {
    await using console = await openConsole();
    for (const mistake of [
      ['--time-zone', 'Mars/Olympus'],
      ['--email', 'nobody'],
      ['--name', ' '],
      ['--admin-name', '\u0007'],
      ['--redirect-uri', 'ftp://x.example'],
    ]) {
      assert.equal((await console.run(['init', ...mistake])).exitCode, 1);
      assert.equal(existsSync(console.dataDir), false);
    }
    assert.equal((await console.run(['init'])).exitCode, 0);
  });

  test('closes a folder that is there already to others, unless it is in use', async () => {
    await using console = await openConsole();
    await mkdir(console.dataDir);
    await chmod(console.dataDir, 0o755);
    assert.equal((await console.run(['init'])).exitCode, 0);
    assert.equal((await stat(console.dataDir)).mode & 0o777, 0o700);
    await chmod(console.dataDir, 0o750);
    assert.equal((await console.run(['init'])).exitCode, 1);
    assert.equal((await stat(console.dataDir)).mode & 0o777, 0o750);
  });
});

suite('users, roles, organisations and clients', () => {
  test('are added by name, and report to whom they were put under', async () => {
    await using console = await openReadyConsole();
    const role = await console.json<{ id: string }>(['role', 'add', '--name', 'Lead', '--reports-to', 'manager']);
    const boss = await console.json<{ id: string; password: string }>([
      'user',
      'add',
      '--email',
      'Boss@x.example',
      '--name',
      'Bo Boss',
      '--role',
      'Manager',
    ]);
    const user = await console.json<{ id: string }>([
      'user',
      'add',
      '--email',
      'a@x.example',
      '--name',
      'A',
      '--role',
      'Lead',
      '--profile',
      'no audit log',
      '--manager',
      'boss@x.example',
    ]);
    await using parts = await partsOf(console);
    const org = console.made.org_id;
    const added = await parts.directory.user(org, user.id);
    assert.deepEqual([added?.role?.id, added?.profile?.name, added?.managerId], [role.id, 'No Audit Log', boss.id]);
    assert.match(boss.password, /\S{8,}/);
  });

  test('that are named wrongly are answered with those there are', async () => {
    await using console = await openReadyConsole();
    const { exitCode, stderr } = await console.run([
      'user',
      'add',
      '--email',
      'a@x.example',
      '--name',
      'A',
      '--role',
      'Pope',
    ]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /no role "Pope"; there is CEO, Manager, Member/);
  });

  test('of a second organisation are told apart by --org', async () => {
    await using console = await openReadyConsole();
    const second = await console.json<Installation>(['org', 'add', '--name', 'Two', '--email', 'two@example.com']);
    const { exitCode, stderr } = await console.run(['token', '--scope', 'ZohoFiles.files.READ']);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`--org:[^]*${second.org_id}  Two`));
    const token = await console.json<{ access_token: string }>([
      'token',
      '--scope',
      'ZohoFiles.files.READ',
      '--org',
      second.org_id,
    ]);
    await using parts = await partsOf(console);
    assert.equal((await parts.access.identify(token.access_token))?.org, second.org_id);
    const foreign = await console.run([
      'token',
      '--scope',
      'ZohoFiles.files.READ',
      '--org',
      second.org_id,
      '--user',
      'admin@example.com',
    ]);
    assert.equal(foreign.exitCode, 1);
  });

  test('lose their tokens when they are deactivated', async () => {
    await using console = await openReadyConsole();
    await console.json(['user', 'add', '--email', 'a@x.example', '--name', 'A']);
    const { access_token } = await console.json<{ access_token: string }>([
      'token',
      '--scope',
      'ZohoFiles.files.READ',
      '--user',
      'a@x.example',
    ]);
    assert.equal((await console.run(['user', 'deactivate', '--email', 'a@x.example'])).exitCode, 0);
    await using parts = await partsOf(console);
    assert.equal(await parts.access.identify(access_token), null);
  });

  test('come back when they are activated, but their tokens do not', async () => {
    await using console = await openReadyConsole();
    await console.json(['user', 'add', '--email', 'a@x.example', '--name', 'A']);
    const tokenArgs = ['token', '--scope', 'ZohoFiles.files.READ', '--user', 'a@x.example'];
    const { access_token } = await console.json<{ access_token: string }>(tokenArgs);
    await console.run(['user', 'deactivate', '--email', 'a@x.example']);
    assert.equal((await console.run(tokenArgs)).exitCode, 1);
    const activated = await console.run(['user', 'activate', '--email', 'a@x.example']);
    assert.deepEqual([activated.exitCode, activated.stderr], [0, '']);
    assert.equal((await console.run(tokenArgs)).exitCode, 0);
    assert.equal((await console.run(['user', 'activate', '--email', 'nobody@x.example'])).exitCode, 1);
    await using parts = await partsOf(console);
    assert.equal(await parts.access.identify(access_token), null);
  });

  test('get a new one-time password, which ends their sessions and not their tokens', async () => {
    await using console = await openReadyConsole();
    const { email, password } = console.made.admin;
    await using parts = await partsOf(console);
    const proven = await parts.directory.proveUser(email, password);
    const secret = (proven && (await parts.access.makeSession(proven))) ?? '';
    assert.ok(await parts.access.session(hashSecret(secret)));
    const made = await console.json<{ email: string; password: string }>(['user', 'password', '--email', email]);
    assert.equal(made.email, email);
    assert.equal(await parts.access.session(hashSecret(secret)), null);
    assert.equal(await parts.directory.proveUser(email, password), null);
    assert.ok(await parts.directory.proveUser(email, made.password));
    assert.equal((await console.run(['user', 'password', '--email', 'nobody@x.example'])).exitCode, 1);
    const plain = await console.run(['user', 'password', '--email', email]);
    assert.match(plain.stdout, /^User .*\nOne-time password {2}[A-Z2-9-]{23}\n$/);
  });

  test('keep one active administrator', async () => {
    await using console = await openReadyConsole();
    const deactivate = () => console.run(['user', 'deactivate', '--email', console.made.admin.email]);
    const refused = await deactivate();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /no active administrator left; add another one first/);
    assert.equal((await console.run(['token', '--scope', 'ZohoFiles.files.READ'])).exitCode, 0);
    await console.json(['user', 'add', '--email', 'b@x.example', '--name', 'B', '--profile', 'Administrator']);
    assert.equal((await deactivate()).exitCode, 0);
  });

  test('of an organisation that is changed see its new name, zone and hierarchy', async () => {
    await using console = await openReadyConsole();
    const { exitCode, stderr } = await console.run(['org', 'set', '--time-zone', 'Asia/Kolkata']);
    assert.equal(exitCode, 0);
    assert.match(stderr, /holds for later entries/);
    const changed = await console.json<object>(['org', 'set', '--name', 'Zylker', '--hierarchy', 'reporting_to']);
    const expected = { name: 'Zylker', time_zone: 'Asia/Kolkata', hierarchy: 'reporting_to' };
    assert.deepEqual(changed, { org_id: console.made.org_id, ...expected });
    assert.equal((await console.run(['org', 'set', '--time-zone', 'Mars/Olympus'])).exitCode, 1);
    assert.equal((await console.run(['org', 'set'])).exitCode, 2);
  });

  test('are warned of scopes that open nothing, and get their token', async () => {
    await using console = await openReadyConsole();
    const args = ['token', '--scope', 'Foo.bar,ZohoFiles.files.READ', '--json'];
    const { exitCode, stdout, stderr } = await console.run(args);
    assert.equal(exitCode, 0);
    assert.deepEqual(Object.keys(JSON.parse(stdout)), ['access_token', 'expires_in']);
    assert.match(stderr, /open nothing here: Foo\.bar\n$/);
    assert.equal((await console.run(['token', '--scope', 'ZohoFiles.files.READ'])).stderr, '');
  });

  test('get codes and further clients that the token endpoint takes', async () => {
    await using console = await openReadyConsole();
    const redirect_uri = 'https://app.example/callback';
    const args = ['client', 'add', '--name', 'App', '--scope', 'ZohoFiles.files.READ', '--redirect-uri', redirect_uri];
    const { client } = await console.json<Installation>(args);
    const codeArgs = ['code', '--scope', 'ZohoFiles.files.READ', '--redirect-uri', redirect_uri];
    assert.equal((await console.run(codeArgs)).exitCode, 1, 'there are two clients');
    const { code } = await console.json<{ code: string }>([...codeArgs, '--client', client.id]);
    await using parts = await partsOf(console);
    const secrets = { client_id: client.id, client_secret: client.secret };
    const answer = await parts.access.token({ grant_type: 'authorization_code', code, redirect_uri, ...secrets });
    assert.equal(answer.scope, 'ZohoFiles.files.READ');
  });

  test('report to another role when it is moved, but never in a circle', async () => {
    await using console = await openReadyConsole();
    await console.json(['role', 'add', '--name', 'Lead']);
    const moved = await console.run(['role', 'move', '--role', 'member', '--reports-to', 'Lead']);
    assert.deepEqual([moved.exitCode, moved.stderr], [0, '']);
    assert.match(moved.stdout, /^Role Member \(\d+\) reports to Lead\n$/);
    const inCircle = await console.run(['role', 'move', '--role', 'Lead', '--reports-to', 'Member']);
    assert.equal(inCircle.exitCode, 1);
    assert.match(inCircle.stderr, /"Lead" would report to itself/);
    await using parts = await partsOf(console);
    const roles = await parts.directory.roles(console.made.org_id);
    const idOf = (name: string) => roles.find((role) => role.name === name)?.id;
    assert.equal(roles.find((role) => role.name === 'Member')?.reportsTo, idOf('Lead'));
  });

  test('lose their tokens with the client that is revoked', async () => {
    await using console = await openReadyConsole();
    const { client, refresh_token } = console.made;
    const secrets = { client_id: client.id, client_secret: client.secret };
    await using parts = await partsOf(console);
    const refresh = () => parts.access.token({ grant_type: 'refresh_token', refresh_token, ...secrets });
    const { access_token } = await refresh();
    assert.equal((await console.run(['client', 'revoke', '--id', '1000.NOBODY'])).exitCode, 1);
    assert.notEqual(await parts.access.identify(access_token), null);
    const revoked = await console.run(['client', 'revoke', '--id', client.id]);
    assert.deepEqual([revoked.exitCode, revoked.stderr], [0, '']);
    assert.equal(await parts.access.identify(access_token), null);
    await assert.rejects(refresh(), { name: 'OAuthError' });
  });

  test('get access tokens with exactly the scopes that were asked for', async () => {
    await using console = await openReadyConsole();
    const made = await console.json<{ access_token: string; expires_in: number }>([
      'token',
      '--scope',
      'ZohoFiles.files.READ,ZohoCRM.users.READ',
    ]);
    assert.deepEqual(Object.keys(made), ['access_token', 'expires_in']);
    assert.equal(made.expires_in, 3600);
    await using parts = await partsOf(console);
    const identity = await parts.access.identify(made.access_token);
    assert.deepEqual(identity?.scopes, ['ZohoFiles.files.READ', 'ZohoCRM.users.READ']);
  });
});
