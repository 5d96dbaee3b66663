/** Who may administer, and what: their own organisation alone. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { adminScope, allScopes } from '../../src/access/scopes.ts';
import { routes } from '../../src/http/routes.ts';
import { type Asked, ask, done, placesOf, refusal, stored } from './admin-setup.ts';
import { Fixture, type SampleOrg } from './fixture.ts';

/** An organisation with one of everything that has an id. */
interface Side {
  readonly org: SampleOrg;
  readonly user: string;
  readonly role: string;
  readonly client: string;
  readonly token: string;
  readonly module: string;
}

async function sideOf(fixture: Fixture, org: SampleOrg, domain: string): Promise<Side> {
  const { token } = org;
  const add = (path: string, payload: object) => done(fixture, { method: 'POST', path, payload, token });
  const person = { last_name: 'Boyle', email: `boyle@${domain}`, ...(await placesOf(fixture, 'Standard', org)) };
  const { user } = await add('users', person);
  const scopes = ['ZohoCRM.org.READ'];
  return {
    org,
    user: user.id,
    role: (await add('roles', { name: 'Sales' })).role.id,
    client: (await add('clients', { name: 'Archive', scopes })).client.id,
    token: (await add('tokens', { user_id: user.id, scopes })).id,
    module: (await add('modules', { api_name: 'Ships', singular_label: 'Ship', plural_label: 'Ships' })).module.id,
  };
}

/** All that can be done to one thing, in an order in which each can be done. */
function changesTo({ user, role, client, token, module }: Side): Asked[] {
  return [
    { method: 'PATCH', path: `users/${user}`, payload: { last_name: 'Other' } },
    { method: 'POST', path: `users/${user}/password` },
    { method: 'PATCH', path: `roles/${role}`, payload: { name: 'Other' } },
    { method: 'PATCH', path: `modules/${module}`, payload: { plural_label: 'Other' } },
    { method: 'DELETE', path: `tokens/${token}` },
    { method: 'DELETE', path: `clients/${client}` },
    { method: 'PATCH', path: `users/${user}`, payload: { status: 'inactive' } },
  ];
}

suite('the administration', () => {
  test('is closed to whoever is no administrator, on every one of its routes', async () => {
    await using fixture = await Fixture.open();
    const side = await sideOf(fixture, fixture.org, 'example.com');
    const member = await fixture.addUser('member@example.com', { role: 'CEO' });
    const headers = await fixture.session(member.id);
    const before = await stored(fixture);
    const closed = routes.filter(({ path }) => path.startsWith('/api/v1/admin/'));
    assert.ok(closed.length >= 19);
    for (const { method, path } of closed) {
      const kind = /admin\/(\w+?)s?\//.exec(path)?.[1] as 'user' | 'role' | 'client' | 'token' | 'module' | undefined; // what the paths name
      const asked = { method: method as 'GET', path: path.slice(14).replace('{id}', kind ? side[kind] : '') }; // one of them
      assert.equal(await refusal(fixture, { ...asked, token: null, headers }), '403 NO_PERMISSION', path);
      assert.equal(await refusal(fixture, { ...asked, token: member.token }), '401 OAUTH_SCOPE_MISMATCH', path);
    }
    assert.equal(await stored(fixture), before);
  });

  test('ends for somebody at the moment in which they are no administrator any more', async () => {
    await using fixture = await Fixture.open();
    const second = await fixture.addUser('second@example.com', { profile: 'Administrator' });
    const token = await fixture.token(second.id, [adminScope]);
    const headers = await fixture.session(second.id);
    await done(fixture, { path: 'users', token });
    const { profile_id } = await placesOf(fixture);
    await done(fixture, { method: 'PATCH', path: `users/${second.id}`, payload: { profile_id } });
    assert.equal(await refusal(fixture, { path: 'users', token }), '403 NO_PERMISSION');
    assert.equal(await refusal(fixture, { path: 'users', token: null, headers }), '403 NO_PERMISSION');
  });

  test('gives nobody but administrators a token for itself', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const payload = { user_id: member.id, scopes: [...allScopes, adminScope.toLowerCase()] };
    assert.equal(await refusal(fixture, { method: 'POST', path: 'tokens', payload }), '400 INVALID_DATA scopes');
    await done(fixture, { method: 'POST', path: 'tokens', payload: { ...payload, user_id: fixture.org.adminId } });
  });

  test('is of the own organisation: what is of another is not there, and stays as it is', async () => {
    await using fixture = await Fixture.open();
    const one = await sideOf(fixture, fixture.org, 'example.com');
    const other = await sideOf(fixture, await fixture.addOrg('other@example.org'), 'example.org');
    const before = await stored(fixture);
    for (const [caller, target] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const asked of changesTo(target)) {
        const { statusCode, body } = await ask(fixture, { ...asked, token: caller.org.token });
        assert.equal(statusCode, 404, `${asked.path} ${body}`);
      }
    }
    assert.equal(await stored(fixture), before);
    for (const asked of changesTo(other)) await done(fixture, { ...asked, token: other.org.token });
  });

  test("nothing can be put under, or given to, another organisation's", async () => {
    await using fixture = await Fixture.open();
    const one = await sideOf(fixture, fixture.org, 'example.com');
    const other = await sideOf(fixture, await fixture.addOrg('other@example.org'), 'example.org');
    const foreign = await placesOf(fixture, 'Administrator', other.org);
    const person = { last_name: 'X', email: 'x@example.com', ...(await placesOf(fixture)) };
    const scopes = ['ZohoCRM.org.READ'];
    const before = await stored(fixture);
    const cases: [Asked['method'], string, object, string][] = [
      ['POST', 'users', { ...person, role_id: foreign.role_id }, 'role_id'],
      ['POST', 'users', { ...person, profile_id: foreign.profile_id }, 'profile_id'],
      ['POST', 'users', { ...person, manager_id: other.user }, 'manager_id'],
      ['PATCH', `users/${one.user}`, { role_id: foreign.role_id }, 'role_id'],
      ['PATCH', `users/${one.user}`, { profile_id: foreign.profile_id }, 'profile_id'],
      ['PATCH', `users/${one.user}`, { manager_id: other.user }, 'manager_id'],
      ['POST', 'roles', { name: 'New', reports_to: other.role }, 'reports_to'],
      ['PATCH', `roles/${one.role}`, { reports_to: other.role }, 'reports_to'],
      ['POST', 'clients', { name: 'New', scopes, user_id: other.user }, 'user_id'],
      ['POST', 'tokens', { scopes, user_id: other.user }, 'user_id'],
    ];
    for (const [method = 'POST', path, payload, field] of cases) {
      assert.equal(await refusal(fixture, { method, path, payload }), `400 INVALID_DATA ${field}`.trimEnd(), path);
    }
    assert.equal(await stored(fixture), before);
  });

  test('lists nothing of another organisation', async () => {
    await using fixture = await Fixture.open();
    const other = await sideOf(fixture, await fixture.addOrg('other@example.org'), 'example.org');
    const ids = [other.org.zgid, other.org.adminId, other.user, other.role, other.client, other.token, other.module];
    const theirs: string[] = [];
    for (const path of ['users', 'roles', 'profiles', 'clients', 'tokens', 'modules', 'organisation']) {
      const { body } = await ask(fixture, { path });
      for (const id of ids) assert.ok(!body.includes(id), path);
      theirs.push((await ask(fixture, { path, token: other.org.token })).body);
    }
    for (const id of ids) assert.ok(theirs.some((body) => body.includes(id)));
  });
});
