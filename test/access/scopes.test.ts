import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allScopes, hasScope, knownScopes, parseScopes } from '../../src/access/scopes.ts';

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
