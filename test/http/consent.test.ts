/** An application asks a user in their browser for leave to act for them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allScopes, everyScope } from '../../src/access/scopes.ts';
import { Fixture } from './fixture.ts';

const url = '/api/v1/consent';
const redirectUri = 'https://app.example.com/callback?from=annals';
const scope = 'ZohoCRM.org.READ,ZohoFiles.files.READ';

interface Application {
  readonly id: string;
  readonly secret: string;
}

async function application(
  fixture: Fixture,
  org = fixture.org,
  scopes: readonly string[] = allScopes,
): Promise<Application> {
  return await fixture.parts.access.createClient({
    org: org.zgid,
    name: 'Reports',
    userId: null,
    redirectUris: ['https://app.example.com/other', redirectUri],
    scopes,
  });
}

type Sent = Readonly<Record<string, string | null>>;

function parametersOf(id: string, over: Sent = {}): Record<string, string> {
  const all = { client_id: id, redirect_uri: redirectUri, response_type: 'code', scope, state: 'a b&c', ...over };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

async function look(fixture: Fixture, id: string, over: Sent = {}, headers?: Record<string, string>) {
  const query = new URLSearchParams(parametersOf(id, over));
  const session = headers ?? (await fixture.session());
  return fixture.inject({ url: `${url}?${query}`, token: null, headers: session });
}

async function decide(fixture: Fixture, id: string, over: Record<string, unknown>, headers?: Record<string, string>) {
  const payload = { client_id: id, redirect_uri: redirectUri, scope, state: 'a b&c', ...over };
  const session = headers ?? (await fixture.session());
  return fixture.inject({ method: 'POST', url, payload, token: null, headers: session });
}

suite('what an application asks for', () => {
  test('is shown with its name and in words', async () => {
    await using fixture = await Fixture.open();
    const { id } = await application(fixture);
    const answer = await look(fixture, id, { access_type: 'offline' });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.deepEqual(answer.json(), {
      client: { id, name: 'Reports' },
      scopes: [
        { scope: 'ZohoCRM.org.READ', description: 'See the name and time zone of the organisation' },
        { scope: 'ZohoFiles.files.READ', description: 'Download exported files' },
      ],
      redirect_uri: redirectUri,
      state: 'a b&c',
    });
    assert.equal((await look(fixture, id, { state: null })).json().state, null);
  });

  test('is refused in words, never by way of an address that is not the application’s', async () => {
    await using fixture = await Fixture.open();
    const other = await fixture.addOrg('other@example.com');
    const { id } = await application(fixture);
    const foreign = await application(fixture, other);
    const revoked = await application(fixture);
    await fixture.parts.access.revokeClient(fixture.org.zgid, revoked.id);
    const narrow = await application(fixture, fixture.org, ['ZohoCRM.org.READ']);
    const cases: [string, Sent, string][] = [
      ['1000.UNKNOWN', {}, 'client_id'],
      [foreign.id, {}, 'client_id'],
      [revoked.id, {}, 'client_id'],
      [id, { client_id: null }, 'client_id'],
      [id, { redirect_uri: null }, 'redirect_uri'],
      [id, { redirect_uri: 'https://elsewhere.example/' }, 'redirect_uri'],
      [id, { redirect_uri: `${redirectUri}/..` }, 'redirect_uri'],
      [id, { redirect_uri: redirectUri.toUpperCase() }, 'redirect_uri'],
      [id, { redirect_uri: 'x'.repeat(2_001) }, 'redirect_uri'],
      [id, { response_type: 'token' }, 'response_type'],
      [id, { response_type: null }, 'response_type'],
      [id, { scope: null }, 'scope'],
      [id, { scope: 'Annals.admin.ALL' }, 'scope'],
      [narrow.id, {}, 'scope'],
      [id, { state: 'x'.repeat(2_001) }, 'state'],
      [id, { access_type: 'both' }, 'access_type'],
    ];
    for (const [client, over, parameter] of cases) {
      const answer = await look(fixture, client, over);
      assert.deepEqual([answer.statusCode, answer.json().details.api_name], [400, parameter], answer.body);
      assert.equal(answer.headers.location, undefined);
      if (parameter === 'response_type' || parameter === 'access_type') continue;
      const posted = await decide(fixture, client, {
        ...parametersOf(client, over),
        ...absent(over),
        decision: 'deny',
      });
      assert.deepEqual([posted.statusCode, posted.json().details.api_name], [400, parameter], posted.body);
      assert.equal(posted.json().redirect_to, undefined);
    }
    assert.equal((await look(fixture, id, { scope: 'no scope' })).statusCode, 400);
    assert.equal((await decide(fixture, id, { decision: 'perhaps' })).statusCode, 400);
    assert.equal((await decide(fixture, id, {})).statusCode, 400);
  });

  test('is for somebody who is logged in, and no token sees or grants it', async () => {
    await using fixture = await Fixture.open();
    const { id } = await application(fixture);
    assert.equal((await look(fixture, id, {}, {})).statusCode, 401);
    const query = new URLSearchParams(parametersOf(id));
    assert.equal((await fixture.inject({ url: `${url}?${query}` })).statusCode, 401);
    const payload = { ...parametersOf(id), decision: 'allow' };
    assert.equal((await fixture.inject({ method: 'POST', url, payload })).statusCode, 401);
  });

  test('with the administrators’ scope can be granted by an administrator only', async () => {
    await using fixture = await Fixture.open();
    const { id } = await application(fixture, fixture.org, everyScope);
    const ben = await fixture.addUser('ben@example.com');
    const over = { scope: 'Annals.admin.ALL' };
    assert.equal((await look(fixture, id, over)).statusCode, 200);
    const headers = await fixture.session(ben.id);
    assert.equal((await look(fixture, id, over, headers)).statusCode, 400);
    assert.equal((await decide(fixture, id, { ...over, decision: 'allow' }, headers)).statusCode, 400);
    assert.equal((await look(fixture, id, {}, headers)).statusCode, 200);
  });
});

/** Fields that the case leaves out, for a body, where `undefined` does. */
function absent(over: Sent): Record<string, undefined> {
  return Object.fromEntries(
    Object.entries(over).flatMap(([name, value]) => (value === null ? [[name, undefined]] : [])),
  );
}

suite('a decision', () => {
  test('to allow sends the browser back with a code that works once, for the user who gave it', async () => {
    await using fixture = await Fixture.open();
    const { id, secret } = await application(fixture);
    const ben = await fixture.addUser('ben@example.com');
    const answer = await decide(fixture, id, { decision: 'allow' }, await fixture.session(ben.id));
    assert.equal(answer.statusCode, 200, answer.body);
    const target: string = answer.json().redirect_to;
    assert.ok(target.startsWith(`${redirectUri}&code=1000.`), target);
    const parameters = new URL(target).searchParams;
    assert.deepEqual([...parameters.keys()], ['from', 'code', 'state']);
    assert.equal(parameters.get('state'), 'a b&c');
    const change = () =>
      fixture.parts.access.token({
        grant_type: 'authorization_code',
        client_id: id,
        client_secret: secret,
        redirect_uri: redirectUri,
        code: parameters.get('code') ?? '',
      });
    const { access_token, refresh_token, scope: granted } = await change();
    assert.ok(refresh_token);
    assert.equal(granted, scope.replace(',', ' '));
    const users = await fixture.inject({ url: '/crm/v8/org', token: access_token });
    assert.equal(users.statusCode, 200);
    assert.equal((await fixture.parts.access.identify(access_token))?.userId, ben.id);
    await assert.rejects(change(), { error: 'invalid_code' });
  });

  test('to deny sends the browser back without one', async () => {
    await using fixture = await Fixture.open();
    const { id } = await application(fixture);
    const answer = await decide(fixture, id, { decision: 'deny' });
    assert.equal(answer.json().redirect_to, `${redirectUri}&error=access_denied&state=a+b%26c`);
    const plain = { decision: 'deny', redirect_uri: 'https://app.example.com/other', state: null };
    assert.equal(
      (await decide(fixture, id, plain)).json().redirect_to,
      'https://app.example.com/other?error=access_denied',
    );
    const codes = fixture.parts.db.selectFrom('grants').select('hash').where('kind', '=', 'code');
    assert.deepEqual(await codes.execute(), []);
  });

  test('to allow stands in the trail, with the scopes and without the code', async () => {
    await using fixture = await Fixture.open();
    const { id } = await application(fixture);
    const target: string = (await decide(fixture, id, { decision: 'allow' })).json().redirect_to;
    await decide(fixture, id, { decision: 'deny' });
    const { entries } = (await fixture.inject({ url: '/api/v1/entries?module=Annals' })).json();
    assert.equal(entries.length, 1);
    const { action, record, changes, done_by } = entries[0];
    assert.deepEqual([action, record, done_by.id], ['consented', { id, name: 'Client Reports' }, fixture.org.adminId]);
    assert.deepEqual(changes, [{ field: 'scopes', new: scope.split(',') }]);
    assert.ok(!JSON.stringify(entries).includes(new URL(target).searchParams.get('code') ?? ''));
  });
});

test('every scope is listed with what it allows, to anybody', async () => {
  await using fixture = await Fixture.open();
  const { scopes } = (await fixture.inject({ url: '/api/v1/scopes', token: null })).json();
  assert.deepEqual(
    scopes.map((each: { scope: string }) => each.scope),
    everyScope,
  );
  for (const { description } of scopes) assert.match(description, /^[A-Z]/);
});
