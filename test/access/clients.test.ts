import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allScopes } from '../../src/access/scopes.ts';
import {
  addAdministrator,
  assertRefused,
  changeCode,
  newCode,
  newRefreshToken,
  openAccess,
  redirectUri,
  refreshed,
  requestToken,
} from './setup.ts';

const client_credentials = { grant_type: 'client_credentials' };

suite('the client_credentials grant', () => {
  test('acts as the user whom the client was made for, with all scopes of the client or those asked for', async () => {
    await using setup = await openAccess();
    const all = await requestToken(setup, client_credentials);
    assert.equal(all.scope, allScopes.join(' '));
    assert.deepEqual(Object.keys(all), ['access_token', 'scope', 'token_type', 'expires_in']);
    const some = await requestToken(setup, { ...client_credentials, scope: 'zohocrm.ORG.read' });
    assert.equal(some.scope, 'ZohoCRM.org.READ');
    const identity = await setup.access.identify(some.access_token);
    assert.deepEqual([identity?.userId, identity?.scopes], [setup.userId, ['ZohoCRM.org.READ']]);
  });

  test('a scope that the client was not made for is refused', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const scopes = ['ZohoCRM.users.READ', 'ZohoCRM.modules.ALL'];
    const small = await access.createClient({ org, name: 'Small', userId, redirectUris: [], scopes });
    const ask = (scope: string) => requestToken(setup, { ...client_credentials, scope }, small);
    assert.equal((await ask('ZohoCRM.modules.ALL')).scope, 'ZohoCRM.modules.ALL');
    for (const scope of ['ZohoCRM.users.ALL', 'ZohoCRM.users.READ,ZohoCRM.org.READ', 'ZohoCRM.modules.READ', ',;']) {
      await assertRefused(ask(scope), 'invalid_scope');
    }
  });

  test('is not allowed for a client without a user, nor when the user is not active', async () => {
    await using setup = await openAccess();
    const { access, org } = setup;
    const nobody = await access.createClient({
      org,
      name: 'Nobody',
      userId: null,
      redirectUris: [],
      scopes: allScopes,
    });
    await assertRefused(requestToken(setup, client_credentials, nobody), 'unsupported_grant_type');
    await addAdministrator(setup);
    await setup.directory.directory.updateUser(org, setup.userId, { status: 'inactive' });
    await assertRefused(requestToken(setup, client_credentials), 'invalid_client', 401);
  });
});

suite('who may ask for a token', () => {
  test('an unknown client, a wrong secret and a missing one look alike', async () => {
    await using setup = await openAccess();
    const { id, secret } = setup.client;
    const refresh_token = await newRefreshToken(setup);
    const wrong = [
      { client_id: '1000.UNKNOWN', client_secret: secret },
      { client_id: id, client_secret: `${secret}0` },
      { client_id: id, client_secret: secret.toUpperCase() },
      { client_id: id, client_secret: '' },
      { client_id: id },
      { client_secret: secret },
      { client_id: id.toLowerCase(), client_secret: secret },
      { client_id: 'x'.repeat(100_000), client_secret: 'x'.repeat(100_000) },
      { client_id: `${id}\u0000`, client_secret: secret },
    ];
    for (const parameters of wrong) {
      await assertRefused(
        setup.access.token({ grant_type: 'refresh_token', refresh_token, ...parameters }),
        'invalid_client',
        401,
      );
    }
  });

  test('another grant type, or none, is refused', async () => {
    await using setup = await openAccess();
    for (const grant_type of ['password', 'implicit', 'Refresh_Token', '', '__proto__', 'toString']) {
      await assertRefused(requestToken(setup, { grant_type }), 'unsupported_grant_type');
    }
    await assertRefused(requestToken(setup, {}), 'unsupported_grant_type');
  });

  test('a revoked client gets nothing, and all its tokens end', async () => {
    await using setup = await openAccess();
    const { access, org, client } = setup;
    const other = await setup.directory.directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const refresh = await newRefreshToken(setup);
    const code = await newCode(setup);
    const { access_token } = await refreshed(setup, refresh);
    assert.equal(await access.revokeClient(other.zgid, client.id), false);
    assert.equal(await access.revokeClient(org, 'unknown'), false);
    assert.ok(await access.identify(access_token));
    assert.equal(await access.revokeClient(org, client.id), true);
    assert.equal(await access.identify(access_token), null);
    await assertRefused(refreshed(setup, refresh), 'invalid_client', 401);
    await assertRefused(changeCode(setup, code), 'invalid_client', 401);
    await assert.rejects(newCode(setup), { code: 'INVALID_DATA' });
    assert.deepEqual(
      (await access.clients(org)).map((one) => one.revokedAt),
      [setup.directory.now],
    );
  });
});

suite('making clients, codes and tokens', () => {
  test('id and secret are what every client can keep, and only a hash of the secret is stored', async () => {
    await using setup = await openAccess();
    const { id, secret } = setup.client;
    for (const text of [id, secret]) assert.match(text, /^[A-Za-z0-9._-]{32,}$/);
    const token = await newRefreshToken(setup);
    const code = await newCode(setup);
    const { access_token } = await refreshed(setup, token);
    const stored = JSON.stringify([
      await setup.directory.db.selectFrom('clients').selectAll().execute(),
      await setup.directory.db.selectFrom('grants').selectAll().execute(),
    ]);
    assert.ok(stored.includes(id));
    for (const hidden of [secret, token, code, access_token]) assert.ok(!stored.includes(hidden));
  });

  test('the clients of an organisation are listed, without their secrets', async () => {
    await using setup = await openAccess();
    const other = await setup.directory.directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    assert.deepEqual(await setup.access.clients(setup.org), [
      {
        id: setup.client.id,
        org: setup.org,
        name: 'Test',
        userId: setup.userId,
        redirectUris: [redirectUri],
        scopes: allScopes,
        createdAt: setup.directory.now,
        revokedAt: null,
      },
    ]);
    assert.deepEqual(await setup.access.clients(other.zgid), []);
  });

  test('a client needs a name, an organisation, a user of it with an account, good URIs and scopes', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const { directory } = setup.directory;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const [imported] = await directory.resolveUsers(org, [{ id: null, name: 'Imported' }]);
    const good = { org, name: 'Good', userId, redirectUris: [redirectUri], scopes: allScopes };
    const bad = [
      { name: ' ' },
      { name: 'x'.repeat(201) },
      { org: '00000000' },
      { userId: other.adminId },
      { userId: String(imported?.id) },
      { scopes: [] },
      { scopes: ['no scope'] },
      { redirectUris: ['/callback'] },
      { redirectUris: ['javascript:alert(1)'] },
      { redirectUris: [`${redirectUri}#x`] },
      { redirectUris: [`${redirectUri}/${'x'.repeat(2_000)}`] },
      { redirectUris: Array.from({ length: 21 }, (_, n) => `${redirectUri}/${n}`) },
    ];
    for (const change of bad)
      await assert.rejects(access.createClient({ ...good, ...change }), { code: 'INVALID_DATA' });
    assert.equal((await access.clients(org)).length, 1);
  });

  test('a code or token needs a client and an active user of the same organisation, and scopes of the client', async () => {
    await using setup = await openAccess();
    const { access, org, userId, client } = setup;
    const { directory } = setup.directory;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const small = await access.createClient({
      org,
      name: 'Small',
      userId,
      redirectUris: [],
      scopes: ['ZohoCRM.org.READ'],
    });
    const good = { org, userId, clientId: client.id, scopes: ['ZohoCRM.users.READ'], redirectUri };
    const bad = [
      { org: other.zgid, userId: other.adminId },
      { userId: other.adminId },
      { clientId: 'unknown' },
      { clientId: small.id, redirectUri: null },
      { scopes: ['a b'] },
      { scopes: [] },
    ];
    for (const change of bad) {
      await assert.rejects(access.makeCode({ ...good, ...change }), { code: 'INVALID_DATA' });
      await assert.rejects(access.makeRefreshToken({ ...good, ...change }), { code: 'INVALID_DATA' });
    }
    await assert.rejects(access.makeCode({ ...good, redirectUri: `${redirectUri}/x` }), { code: 'INVALID_DATA' });
    await assert.rejects(access.makeAccessToken({ org, userId: other.adminId, scopes: allScopes }), {
      code: 'INVALID_DATA',
    });
    await addAdministrator(setup);
    await directory.updateUser(org, userId, { status: 'inactive' });
    for (const make of [access.makeCode(good), access.makeRefreshToken(good), access.makeAccessToken(good)]) {
      await assert.rejects(make, { code: 'INVALID_DATA' });
    }
  });
});
