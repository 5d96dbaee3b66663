import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allScopes } from '../../src/access/scopes.ts';
import { assertRefused, newRefreshToken, openAccess, refreshed, requestToken } from './setup.ts';

suite('the refresh grant', () => {
  test('gives an access token with all scopes of the refresh token, and no new refresh token', async () => {
    await using setup = await openAccess();
    const answer = await refreshed(setup, await newRefreshToken(setup));
    assert.deepEqual(Object.keys(answer), ['access_token', 'scope', 'token_type', 'expires_in']);
    assert.equal(answer.scope, allScopes.join(' '));
    assert.deepEqual((await setup.access.identify(answer.access_token))?.scopes, allScopes);
  });

  test('gives fewer scopes when fewer are asked for, and none beyond', async () => {
    await using setup = await openAccess();
    const { access, org, userId, client } = setup;
    const scopes = ['ZohoCRM.settings.ALL', 'ZohoFiles.files.READ'];
    const { token } = await access.makeRefreshToken({ org, userId, clientId: client.id, scopes });
    const ask = (scope: string) => requestToken(setup, { grant_type: 'refresh_token', refresh_token: token, scope });
    assert.equal(
      (await ask('ZohoCRM.settings.audit_logs.READ,ZohoFiles.files.READ')).scope,
      'ZohoCRM.settings.audit_logs.READ ZohoFiles.files.READ',
    );
    assert.equal((await ask(' ')).scope, scopes.join(' '));
    for (const scope of [
      'ZohoFiles.files.ALL',
      'ZohoCRM.users.READ',
      'ZohoCRM.unknown.READ',
      'no scope',
      'x'.repeat(5_000),
    ]) {
      await assertRefused(ask(scope), 'invalid_scope');
    }
  });

  test('the refresh token of another client, an unknown one, and an access token are refused', async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const other = await access.createClient({ org, name: 'Other', userId, redirectUris: [], scopes: allScopes });
    const token = await newRefreshToken(setup);
    const grant_type = 'refresh_token';
    await assertRefused(requestToken(setup, { grant_type, refresh_token: token }, other), 'invalid_code');
    const { access_token } = await refreshed(setup, token);
    for (const wrong of [access_token, '', 'x', `${token}0`, token.toUpperCase()]) {
      await assertRefused(refreshed(setup, wrong), 'invalid_code');
    }
    await assertRefused(requestToken(setup, { grant_type }), 'invalid_code');
    assert.equal(await access.identify(token), null);
  });

  test('a refresh token does not expire', async () => {
    await using setup = await openAccess();
    const token = await newRefreshToken(setup);
    setup.directory.now += 5 * 365 * 86_400_000;
    await setup.access.housekeep();
    assert.ok(await refreshed(setup, token));
  });
});

suite('how many access tokens may be alive', () => {
  test('at the limit a new one is refused with the wait, the live ones stay, and time makes room', async () => {
    await using setup = await openAccess({ maxLiveTokens: 3 });
    const token = await newRefreshToken(setup);
    const live: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      live.push((await refreshed(setup, token)).access_token);
      setup.directory.now += 1_000;
    }
    const refusal = await assertRefused(refreshed(setup, token), 'access_denied', 429);
    assert.equal(refusal.retryAfterSeconds, 3_597);
    for (const one of live) assert.ok(await setup.access.identify(one));
    assert.ok(await refreshed(setup, await newRefreshToken(setup)));
    setup.directory.now += 3_597_000;
    assert.ok(await refreshed(setup, token));
    await assertRefused(refreshed(setup, token), 'access_denied', 429);
  });

  test('unless told otherwise there may be 1,000', async () => {
    await using setup = await openAccess();
    const token = await newRefreshToken(setup);
    for (let n = 0; n < 1_000; n += 1) await refreshed(setup, token);
    await assertRefused(refreshed(setup, token), 'access_denied', 429);
  });

  test('many requests at once do not pass it', async () => {
    await using setup = await openAccess({ maxLiveTokens: 5 });
    const token = await newRefreshToken(setup);
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => refreshed(setup, token)));
    assert.equal(tries.filter((one) => one.status === 'fulfilled').length, 5);
  });

  test('it holds for the tokens of a client on its own, too', async () => {
    await using setup = await openAccess({ maxLiveTokens: 2 });
    const ask = () => requestToken(setup, { grant_type: 'client_credentials' });
    await ask();
    await refreshed(setup, await newRefreshToken(setup));
    const { access_token } = await ask();
    await assertRefused(ask(), 'access_denied', 429);
    await setup.access.revoke(access_token);
    assert.ok(await ask());
  });
});
