import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allScopes } from '../../src/access/scopes.ts';
import {
  addAdministrator,
  assertRefused,
  changeCode,
  newCode,
  openAccess,
  redirectUri,
  refreshed,
  requestToken,
} from './setup.ts';

const grant_type = 'authorization_code';

suite('the code grant', () => {
  test('gives an access and a refresh token', async () => {
    await using setup = await openAccess();
    const answer = await changeCode(setup, await newCode(setup));
    assert.deepEqual(Object.keys(answer), ['access_token', 'refresh_token', 'scope', 'token_type', 'expires_in']);
    assert.match(answer.access_token, /^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$/);
    assert.match(answer.refresh_token ?? '', /^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$/);
    assert.deepEqual([answer.scope, answer.token_type, answer.expires_in], ['ZohoCRM.users.READ', 'Bearer', 3600]);
    const identity = await setup.access.identify(answer.access_token);
    assert.deepEqual([identity?.org, identity?.userId, identity?.clientId], [setup.org, setup.userId, setup.client.id]);
    assert.deepEqual(identity?.scopes, ['ZohoCRM.users.READ']);
    const again = await refreshed(setup, answer.refresh_token ?? '');
    assert.equal(again.scope, 'ZohoCRM.users.READ');
    assert.ok(await setup.access.identify(again.access_token));
  });

  test('a second use of a code is refused and ends all that the first use brought', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup);
    const first = await changeCode(setup, code);
    const second = await refreshed(setup, first.refresh_token ?? '');
    const other = await changeCode(setup, await newCode(setup));
    await assertRefused(changeCode(setup, code), 'invalid_code');
    assert.equal(await setup.access.identify(first.access_token), null);
    assert.equal(await setup.access.identify(second.access_token), null);
    await assertRefused(refreshed(setup, first.refresh_token ?? ''), 'invalid_code');
    assert.ok(await setup.access.identify(other.access_token));
  });

  test('a second use is noticed however late it comes, as long as the refresh token lives', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup);
    const first = await changeCode(setup, code);
    setup.directory.now += 90 * 86_400_000;
    while ((await setup.access.housekeep()) > 0);
    const late = await refreshed(setup, first.refresh_token ?? '');
    await assertRefused(changeCode(setup, code), 'invalid_code');
    assert.equal(await setup.access.identify(late.access_token), null);
  });

  test('of many uses at the same time one at most succeeds, and its tokens are ended by the others', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup);
    const uses = await Promise.allSettled(Array.from({ length: 10 }, () => changeCode(setup, code)));
    const answers = uses.flatMap((use) => (use.status === 'fulfilled' ? [use.value] : []));
    assert.equal(answers.length, 1);
    assert.equal(await setup.access.identify(answers[0]?.access_token ?? ''), null);
  });

  test('a code lives for 2 minutes, to the millisecond', async () => {
    await using setup = await openAccess();
    const [early, late] = [await newCode(setup), await newCode(setup)];
    setup.directory.now += 119_999;
    assert.ok(await changeCode(setup, early));
    setup.directory.now += 1;
    await assertRefused(changeCode(setup, late), 'invalid_code');
  });

  test('an unknown, empty, missing or hostile code is refused', async () => {
    await using setup = await openAccess();
    for (const code of ['', '1000.0.0', "' or 1=1 --", '\u0000', 'x'.repeat(100_000)]) {
      await assertRefused(changeCode(setup, code), 'invalid_code');
    }
    await assertRefused(requestToken(setup, { grant_type }), 'invalid_code');
  });
});

suite('what a code is bound to', () => {
  test('its redirect URI, to the letter; a wrong one does not use it up', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup);
    for (const uri of [`${redirectUri}/`, redirectUri.toUpperCase(), `${redirectUri}?`, '', 'x'.repeat(10_000)]) {
      await assertRefused(requestToken(setup, { grant_type, code, redirect_uri: uri }), 'invalid_redirect_uri');
    }
    await assertRefused(requestToken(setup, { grant_type, code }), 'invalid_redirect_uri');
    assert.ok(await changeCode(setup, code));
  });

  test('the absence of a redirect URI, when it was made without one', async () => {
    await using setup = await openAccess();
    const code = await newCode(setup, null);
    await assertRefused(requestToken(setup, { grant_type, code, redirect_uri: redirectUri }), 'invalid_redirect_uri');
    assert.ok(await requestToken(setup, { grant_type, code }));
  });

  test("its client: another one's use is refused, and ends nothing", async () => {
    await using setup = await openAccess();
    const { access, org, userId } = setup;
    const other = await access.createClient({
      org,
      name: 'Other',
      userId,
      redirectUris: [redirectUri],
      scopes: allScopes,
    });
    const code = await newCode(setup);
    const parameters = { grant_type, code, redirect_uri: redirectUri };
    await assertRefused(requestToken(setup, parameters, other), 'invalid_code');
    const answer = await changeCode(setup, code);
    await assertRefused(requestToken(setup, parameters, other), 'invalid_code');
    assert.ok(await access.identify(answer.access_token));
  });

  test('the client and user as they are when it is used', async () => {
    await using setup = await openAccess();
    const { directory } = setup.directory;
    const code = await newCode(setup);
    await addAdministrator(setup);
    await directory.updateUser(setup.org, setup.userId, { status: 'inactive' });
    await assertRefused(changeCode(setup, code), 'invalid_code');
  });
});
