import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import pino from 'pino';
import { allScopes } from '../../src/access/scopes.ts';
import { type OpenParts, openParts } from '../../src/app.ts';
import { anEntry, Fixture } from './fixture.ts';

const list = '/crm/v8/settings/audit_log_export';

/** What another process beside the server has: a connection of its own to the same database. */
function beside(fixture: Fixture): Promise<OpenParts> {
  return openParts(fixture.parts.config, { mode: 'command', clock: () => fixture.now, log: pino({ level: 'silent' }) });
}

suite('what another process changes counts at the next request', () => {
  async function statusOf(fixture: Fixture, token: string, url = list): Promise<number> {
    return (await fixture.inject({ url, token })).statusCode;
  }

  test('a token that was revoked', async () => {
    await using fixture = await Fixture.open();
    await using other = await beside(fixture);
    const [token, second] = [await fixture.token(), await fixture.token()];
    for (const each of [token, second, token]) assert.equal(await statusOf(fixture, each, '/crm/v8/org'), 200);
    await other.access.revoke(token);
    assert.equal(await statusOf(fixture, token, '/crm/v8/org'), 401);
    assert.equal(await statusOf(fixture, second, '/crm/v8/org'), 200);
  });

  test('a client that was revoked', async () => {
    await using fixture = await Fixture.open();
    await using other = await beside(fixture);
    const { zgid: org, adminId: userId } = fixture.org;
    const client = await other.access.createClient({ org, name: 'C', userId, redirectUris: [], scopes: allScopes });
    const { access_token: token } = await fixture.parts.access.token({
      client_id: client.id,
      client_secret: client.secret,
      grant_type: 'client_credentials',
    });
    assert.equal(await statusOf(fixture, token, '/crm/v8/org'), 200);
    await other.access.revokeClient(org, client.id);
    assert.equal(await statusOf(fixture, token, '/crm/v8/org'), 401);
  });

  test('a user who was deactivated', async () => {
    await using fixture = await Fixture.open();
    await using other = await beside(fixture);
    const user = await fixture.addUser('someone@example.com');
    const payload = anEntry();
    const record = () => fixture.inject({ method: 'POST', url: '/api/v1/entries', payload, token: user.token });
    assert.equal((await record()).statusCode, 200);
    await other.directory.updateUser(fixture.org.zgid, user.id, { status: 'inactive' });
    assert.equal((await record()).statusCode, 401);
  });

  test('another profile', async () => {
    await using fixture = await Fixture.open();
    await using other = await beside(fixture);
    const org = fixture.org.zgid;
    const user = await fixture.addUser('someone@example.com');
    assert.equal(await statusOf(fixture, user.token), 400); // no export yet
    const profiles = await other.directory.profiles(org);
    const profileId = profiles.find(({ name }) => name === 'No Audit Log')?.id ?? '';
    await other.directory.updateUser(org, user.id, { profileId });
    assert.equal(await statusOf(fixture, user.token), 403);
  });

  test('another role, another place of a role, another hierarchy', async () => {
    await using fixture = await Fixture.open();
    await using other = await beside(fixture);
    const org = fixture.org.zgid;
    const manager = await fixture.addUser('manager@example.com', { role: 'Manager' });
    const member = await fixture.addUser('member@example.com');
    const payload = anEntry({ done_by: { id: member.id } });
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
    const seen = async () =>
      (await fixture.inject({ url: '/api/v1/entries', token: manager.token })).json().entries.length;
    assert.equal(await seen(), 1);
    await other.directory.updateOrganisation(org, { hierarchy: 'reporting_to' });
    assert.equal(await seen(), 0);
    await other.directory.updateUser(org, member.id, { managerId: manager.id });
    assert.equal(await seen(), 1);
    await other.directory.updateOrganisation(org, { hierarchy: 'roles' });
    const roles = await other.directory.roles(org);
    const idOf = (name: string) => roles.find((role) => role.name === name)?.id ?? '';
    await other.directory.moveRole(org, idOf('Member'), null);
    assert.equal(await seen(), 0);
    await other.directory.updateUser(org, manager.id, { roleId: idOf('CEO') });
    assert.equal(await seen(), 1);
  });

  test('another time zone', async () => {
    await using fixture = await Fixture.open({ timeZone: 'UTC' });
    await using other = await beside(fixture);
    const record = async () => {
      await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
      return (await fixture.inject({ url: '/api/v1/entries?per_page=1' })).json().entries[0].audited_time;
    };
    assert.match(await record(), /\+00:00$/);
    await other.directory.updateOrganisation(fixture.org.zgid, { timeZone: 'Asia/Kolkata' });
    assert.match(await record(), /\+05:30$/);
  });
});

test('a token is good until its last millisecond, also when nothing has changed since it was seen', async () => {
  await using fixture = await Fixture.open();
  const { token } = fixture.org;
  const get = async () => (await fixture.inject({ url: '/crm/v8/org', token })).statusCode;
  assert.equal(await get(), 200);
  fixture.now += 3_599_999;
  assert.equal(await get(), 200);
  fixture.now += 1;
  assert.equal(await get(), 401);
});
