import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Access } from '../../src/access/access.ts';
import { allScopes } from '../../src/access/scopes.ts';
import { openDatabase } from '../../src/database/database.ts';
import { scratchFolder } from '../database/scratch.ts';
import { openDirectory } from '../directory/setup.ts';
import {
  addAdministrator,
  assertRefused,
  changeCode,
  newCode,
  newRefreshToken,
  openAccess,
  refreshed,
} from './setup.ts';

suite('an access token', () => {
  test('identifies organisation, user, scopes and client for an hour, to the millisecond', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const { token, expiresIn } = await access.makeAccessToken({ org, userId, scopes: ['ZohoCRM.org.READ'] });
    assert.equal(expiresIn, 3600);
    const identity = await access.identify(token);
    assert.match(identity?.tokenHash ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(identity, {
      org,
      userId,
      scopes: ['ZohoCRM.org.READ'],
      clientId: null,
      tokenHash: identity?.tokenHash,
      expiresAt: setup.directory.now + 3_600_000,
    });
    setup.directory.now += 3_599_999;
    assert.ok(await access.identify(token));
    setup.directory.now += 1;
    assert.equal(await access.identify(token), null);
  });

  test('identifies nobody when the user is not active, whoever has the same id in another organisation', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const { directory, db } = setup.directory;
    const other = await directory.createOrganisation({ name: 'O', timeZone: 'UTC', adminEmail: 'other@example.com' });
    await directory.resolveUsers(other.zgid, [{ id: BigInt(userId), name: 'Namesake' }]);
    const { token } = await access.makeAccessToken({ org, userId, scopes: allScopes });
    // Not through the directory, which would end the token as well.
    await db.updateTable('users').set({ status: 'inactive' }).where('org', '=', org).where('id', '=', userId).execute();
    assert.equal(await access.identify(token), null);
  });

  test('outlives a restart', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    let token = '';
    {
      await using setup = await openDirectory(file);
      const access = new Access(setup.db, Date.now);
      token = (await access.makeAccessToken({ org: setup.org, userId: setup.seeded.adminId, scopes: allScopes })).token;
    }
    await using db = await openDatabase(file);
    assert.ok(await new Access(db, Date.now).identify(token));
  });

  test('is not made up, cut, doubled, or in another case', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const { token } = await access.makeAccessToken({ org, userId, scopes: allScopes });
    const wrong = [
      '',
      ' ',
      'x',
      token.slice(0, -1),
      token + token,
      `${token} `,
      `${token}\u0000`,
      `${token},`,
      token.toUpperCase(),
      'é',
    ];
    for (const text of [...wrong, 'x'.repeat(1_000_000)]) assert.equal(await access.identify(text), null);
  });

  test('only an access token identifies: not a code, a refresh token or a secret', async () => {
    await using setup = await openAccess();
    for (const other of [await newCode(setup), await newRefreshToken(setup), setup.client.secret, setup.client.id]) {
      assert.equal(await setup.access.identify(other), null);
    }
  });

  test('of one organisation never identifies in another', async () => {
    await using setup = await openAccess();
    const { access } = setup;
    const other = await setup.directory.directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const orgs = [
      { org: setup.org, userId: setup.userId },
      { org: other.zgid, userId: other.adminId },
    ];
    for (const { org, userId } of orgs) {
      const client = await access.createClient({ org, name: 'C', userId, redirectUris: [], scopes: allScopes });
      const refresh = await access.makeRefreshToken({ org, userId, clientId: client.id, scopes: allScopes });
      const credentials = { client_id: client.id, client_secret: client.secret };
      const tokens = [
        (await access.makeAccessToken({ org, userId, scopes: allScopes })).token,
        (await access.token({ ...credentials, grant_type: 'client_credentials' })).access_token,
        (await access.token({ ...credentials, grant_type: 'refresh_token', refresh_token: refresh.token }))
          .access_token,
      ];
      for (const token of tokens) {
        const identity = await access.identify(token);
        assert.deepEqual([identity?.org, identity?.userId], [org, userId]);
      }
      const foreign = { client_id: setup.client.id, client_secret: setup.client.secret };
      await assertRefused(
        access.token({ ...foreign, grant_type: 'refresh_token', refresh_token: refresh.token }),
        'invalid_code',
      );
    }
  });
});

suite('the end of a token', () => {
  test('deactivating the user ends access and refresh tokens at once, and activating does not bring them back', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const { directory } = setup.directory;
    await addAdministrator(setup);
    for (const status of ['inactive', 'deleted'] as const) {
      const refresh = await newRefreshToken(setup);
      const { access_token } = await refreshed(setup, refresh);
      await directory.updateUser(org, userId, { status });
      assert.equal(await access.identify(access_token), null);
      await assertRefused(refreshed(setup, refresh), 'invalid_code');
      await directory.updateUser(org, userId, { status: 'active' });
      assert.equal(await access.identify(access_token), null);
      await assertRefused(refreshed(setup, refresh), 'invalid_code');
      assert.ok(await refreshed(setup, await newRefreshToken(setup)));
    }
  });

  test('revoking an access token ends that one only', async () => {
    await using setup = await openAccess();
    const refresh = await newRefreshToken(setup);
    const [one, other] = [await refreshed(setup, refresh), await refreshed(setup, refresh)];
    await setup.access.revoke(one.access_token);
    assert.equal(await setup.access.identify(one.access_token), null);
    assert.ok(await setup.access.identify(other.access_token));
    assert.ok(await refreshed(setup, refresh));
  });

  test('revoking a refresh token ends its access tokens, and no others', async () => {
    await using setup = await openAccess();
    const [refresh, other] = [await newRefreshToken(setup), await newRefreshToken(setup)];
    const [one, two, foreign] = [
      await refreshed(setup, refresh),
      await refreshed(setup, refresh),
      await refreshed(setup, other),
    ];
    await setup.access.revoke(refresh);
    for (const { access_token } of [one, two]) assert.equal(await setup.access.identify(access_token), null);
    await assertRefused(refreshed(setup, refresh), 'invalid_code');
    assert.ok(await setup.access.identify(foreign.access_token));
  });

  test('revoking what is unknown, empty, revoked already or no token is harmless', async () => {
    await using setup = await openAccess();
    const refresh = await newRefreshToken(setup);
    for (const token of ['', 'x', '\u0000', 'x'.repeat(100_000), setup.client.secret]) await setup.access.revoke(token);
    assert.ok(await refreshed(setup, refresh));
    await setup.access.revoke(refresh);
    await setup.access.revoke(refresh);
  });

  test('no message of a failure holds what was sent', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup);
    await changeCode(setup, code);
    const refusal = await assertRefused(changeCode(setup, code), 'invalid_code');
    const text = `${refusal.message} ${refusal.stack} ${JSON.stringify(refusal)}`;
    for (const hidden of [code, setup.client.secret]) assert.ok(!text.includes(hidden));
  });
});

suite('housekeeping', () => {
  async function grants(setup: { directory: { db: Awaited<ReturnType<typeof openDatabase>> } }): Promise<string[]> {
    return (await setup.directory.db.selectFrom('grants').select('kind').execute()).map((row) => row.kind).toSorted();
  }

  test('deletes what is dead, in bounded batches, and nothing that is alive', async () => {
    await using setup = await openAccess();
    const refresh = await newRefreshToken(setup);
    for (let n = 0; n < 5; n += 1) await refreshed(setup, refresh);
    await newCode(setup);
    const used = await changeCode(setup, await newCode(setup));
    assert.equal(await setup.access.housekeep(), 0);
    setup.directory.now += 3_600_000;
    const { access_token } = await refreshed(setup, refresh);
    assert.equal(await setup.access.housekeep(4), 4);
    assert.equal(await setup.access.housekeep(4), 3);
    assert.equal(await setup.access.housekeep(4), 0);
    assert.deepEqual(await grants(setup), ['access', 'code', 'refresh', 'refresh']);
    assert.ok(await setup.access.identify(access_token));
    await setup.access.revoke(used.refresh_token ?? '');
    while ((await setup.access.housekeep()) > 0);
    assert.deepEqual(await grants(setup), ['access', 'refresh']);
  });
});
