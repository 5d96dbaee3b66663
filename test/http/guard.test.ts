/** What a route of administrators asks of its callers. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { adminScope, allScopes } from '../../src/access/scopes.ts';
import { makeLinks } from '../../src/http/links.ts';
import { sendNothing } from '../../src/http/reply.ts';
import type { GuardedRoute } from '../../src/http/route.ts';
import { buildServer } from '../../src/http/server.ts';
import { Fixture, origin } from './fixture.ts';

const route: GuardedRoute = {
  method: 'PATCH',
  path: '/api/v1/admin/anything',
  operationId: 'anything',
  tag: 'Administration',
  summary: 'Anything',
  answers: { 204: { description: 'Done.' } },
  errors: [],
  scopes: [adminScope],
  needsAuditLog: false,
  needsAdministrator: true,
  handle: async (call) => sendNothing(call.reply),
};

suite('a route of administrators', () => {
  /** Status and code, for what comes with these headers. */
  async function answer(fixture: Fixture, headers: Record<string, string>): Promise<string> {
    await using server = buildServer(fixture.parts, () => makeLinks(origin, null), [route]);
    const { statusCode, body } = await server.inject({ method: 'PATCH', url: route.path, headers });
    return `${statusCode} ${body === '' ? '' : JSON.parse(body).code}`;
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('is open to an administrator who is logged in, and to a token of theirs that has the scope', async () => {
    await using fixture = await Fixture.open();
    assert.equal(await answer(fixture, await fixture.session()), '204 ');
    const token = await fixture.token(fixture.org.adminId, [adminScope]);
    assert.equal(await answer(fixture, bearer(token)), '204 ');
  });

  test('is closed to a token that lacks the scope, and to anybody else', async () => {
    await using fixture = await Fixture.open();
    const user = await fixture.addUser('ben@example.com');
    const own = await fixture.token(fixture.org.adminId, allScopes);
    assert.equal(await answer(fixture, bearer(own)), '401 OAUTH_SCOPE_MISMATCH');
    assert.equal(await answer(fixture, bearer(user.token)), '401 OAUTH_SCOPE_MISMATCH');
    assert.equal(await answer(fixture, await fixture.session(user.id)), '403 NO_PERMISSION');
    assert.equal(await answer(fixture, {}), '401 AUTHENTICATION_FAILURE');
    const { cookie } = await fixture.session();
    assert.equal(await answer(fixture, { cookie }), '403 CROSS_SITE_REQUEST');
  });

  test('is closed at once to an administrator who is none any more, whatever they hold', async () => {
    await using fixture = await Fixture.open();
    await fixture.addUser('second@example.com', { profile: 'Administrator' });
    const token = await fixture.token(fixture.org.adminId, [adminScope]);
    const session = await fixture.session();
    const profiles = await fixture.parts.directory.profiles(fixture.org.zgid);
    const profileId = profiles.find(({ name }) => name === 'Standard')?.id ?? '';
    await fixture.parts.directory.updateUser(fixture.org.zgid, fixture.org.adminId, { profileId });
    for (const headers of [bearer(token), session]) assert.equal(await answer(fixture, headers), '403 NO_PERMISSION');
  });
});
