import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { adminScope, allScopes, everyScope, hasScope, knownScopes, parseScopes } from '../../src/access/scopes.ts';
import { addPerson, profileNamed } from '../directory/setup.ts';
import { addAdministrator, assertRefused, openAccess, requestToken } from './setup.ts';

suite('scopes in a text', () => {
  test('are separated by commas or white space, each once, in their order', () => {
    const expected = ['ZohoCRM.users.READ', 'ZohoFiles.files.READ'];
    for (const text of [
      'ZohoCRM.users.READ,ZohoFiles.files.READ',
      ' ZohoCRM.users.READ  ZohoFiles.files.READ\n',
      'ZohoCRM.users.READ, ZohoFiles.files.READ,ZohoCRM.users.READ,',
    ]) {
      assert.deepEqual(parseScopes(text), expected);
    }
  });

  test('a known one is spelt as we spell it; an unknown one is kept', () => {
    assert.deepEqual(parseScopes('zohocrm.users.all ZohoCRM.modules.leads.READ'), [
      'ZohoCRM.users.ALL',
      'ZohoCRM.modules.leads.READ',
    ]);
  });

  test('what is no scope, none at all, and too many are refused', () => {
    const many = Array.from({ length: 101 }, (_, n) => `A.b${n}`).join(' ');
    for (const text of [
      '',
      ' ,',
      'ZohoCRM',
      'ZohoCRM..READ',
      '.READ',
      'a.b;c.d',
      'a.<b>',
      'é.a',
      `a.${'b'.repeat(100)}`,
      many,
    ]) {
      assert.throws(() => parseScopes(text), { code: 'INVALID_DATA' }, text);
    }
  });

  test('every known one is in the right form and says in words what it allows', () => {
    assert.deepEqual(parseScopes(allScopes.join(',')), allScopes);
    for (const words of Object.values(knownScopes)) assert.match(words, /^[A-Z][^.]+$/);
  });
});

suite('what follows from a scope', () => {
  test('itself; any one of several will do', () => {
    assert.ok(hasScope(['ZohoCRM.users.READ'], ['ZohoCRM.users.READ', 'ZohoCRM.users.ALL']));
    assert.ok(!hasScope(['ZohoCRM.users.READ'], ['ZohoCRM.users.ALL']));
    assert.ok(!hasScope(['ZohoCRM.users.READ'], []));
    assert.ok(!hasScope([], ['ZohoCRM.users.READ']));
  });

  test('an ALL covers what stands under it, and nothing else', () => {
    for (const covered of [
      'ZohoCRM.settings.audit_logs.CREATE',
      'ZohoCRM.settings.audit_logs.ALL',
      'ZohoCRM.settings.modules.READ',
    ]) {
      assert.ok(hasScope(['ZohoCRM.settings.ALL'], [covered]), covered);
    }
    assert.ok(hasScope(['Annals.entries.ALL'], ['Annals.entries.CREATE']));
    assert.ok(
      !hasScope(['ZohoCRM.settings.audit_logs.ALL'], ['ZohoCRM.settings.modules.READ', 'ZohoCRM.settings.ALL']),
    );
    assert.ok(!hasScope(['ZohoCRM.users.ALL'], ['ZohoCRM.org.READ', 'ZohoCRM.usersx.READ']));
  });

  test('an unknown ALL opens nothing', () => {
    for (const unknown of ['ZohoCRM.ALL', 'ZohoCRM.modules.ALL', 'Annals.ALL', 'ZohoFiles.ALL']) {
      for (const scope of allScopes) assert.ok(!hasScope([unknown], [scope]), `${unknown} ${scope}`);
    }
  });
});

suite('the scope of administrators', () => {
  const scopes = [adminScope, 'ZohoCRM.org.READ'];

  test('is in no list of what anybody may hold', () => {
    assert.ok(everyScope.includes(adminScope));
    assert.ok(!allScopes.includes(adminScope));
    for (const scope of allScopes) assert.ok(!hasScope([scope], [adminScope]), scope);
  });

  test('is granted to administrators only', async () => {
    await using setup = await openAccess();
    const { access, org, userId, client } = setup;
    const { id } = await addPerson(setup.directory.directory, org, { name: 'Ben' });
    const { token } = await access.makeAccessToken({ org, userId, scopes });
    assert.deepEqual((await access.identify(token))?.scopes, scopes);
    const refused = { code: 'INVALID_DATA', message: /Annals\.admin\.ALL is for administrators/ };
    await assert.rejects(access.makeAccessToken({ org, userId: id, scopes }), refused);
    const other = await access.createClient({ org, name: 'C', userId: id, redirectUris: [], scopes });
    await assert.rejects(access.makeRefreshToken({ org, userId: id, scopes, clientId: other.id }), refused);
    await assert.rejects(access.makeRefreshToken({ org, userId, scopes, clientId: client.id }), /was not made for/);
  });

  test('is left out of the tokens of somebody who is no administrator any more', async () => {
    await using setup = await openAccess();
    await addAdministrator(setup);
    const { access, org, userId } = setup;
    const client = await access.createClient({ org, name: 'C', userId, redirectUris: [], scopes });
    const { token } = await access.makeRefreshToken({ org, userId, scopes, clientId: client.id });
    const granted = async (parameters: Record<string, string>) =>
      (await requestToken(setup, parameters, client)).scope.split(' ');
    const byRefresh = { grant_type: 'refresh_token', refresh_token: token };
    const byClient = { grant_type: 'client_credentials' };
    for (const parameters of [byRefresh, byClient]) assert.deepEqual(await granted(parameters), scopes);
    const profileId = (await profileNamed(setup.directory.directory, org, 'Standard')).id;
    await setup.directory.directory.updateUser(org, userId, { profileId });
    for (const parameters of [byRefresh, byClient]) {
      assert.deepEqual(await granted(parameters), ['ZohoCRM.org.READ']);
      await assertRefused(requestToken(setup, { ...parameters, scope: adminScope }, client), 'invalid_scope');
    }
  });
});
