import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Fixture, origin } from './fixture.ts';

suite('the token endpoint', () => {
  let fixture: Fixture;
  let client: { id: string; secret: string };
  let refresh: string;
  before(async () => {
    fixture = await Fixture.open();
    const { access } = fixture.parts;
    const org = fixture.org.zgid;
    client = await access.createClient({
      org,
      name: 'Test',
      userId: fixture.org.adminId,
      redirectUris: ['https://app.test/back'],
      scopes: ['ZohoCRM.org.READ', 'ZohoCRM.users.READ'],
    });
    ({ token: refresh } = await access.makeRefreshToken({
      clientId: client.id,
      org,
      userId: fixture.org.adminId,
      scopes: ['ZohoCRM.org.READ'],
    }));
  });
  after(() => fixture[Symbol.asyncDispose]());

  function parameters(over: Record<string, string> = {}): Record<string, string> {
    return {
      client_id: client.id,
      client_secret: client.secret,
      grant_type: 'refresh_token',
      refresh_token: refresh,
      ...over,
    };
  }

  function multipart(fields: Record<string, string>) {
    const parts = Object.entries(fields).map(
      ([name, value]) => `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return {
      payload: `${parts.join('')}--xyz--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=xyz' },
    };
  }

  test('takes its parameters from the query, a form, or multipart', async () => {
    const form = new URLSearchParams(parameters()).toString();
    const requests = [
      { url: `/oauth/v2/token?${form}` },
      { url: '/oauth/v2/token', payload: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { url: '/oauth/v2/token', ...multipart(parameters()) },
      { url: '//oauth/v2/token', ...multipart(parameters()) },
      { url: '/oauth/v2/token', payload: form, headers: { 'content-type': 'text/plain' } },
      { url: '/oauth/v2/token', payload: Buffer.from(form) },
      {
        url: `/oauth/v2/token?grant_type=refresh_token&refresh_token=${refresh}`,
        headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      },
    ];
    for (const request of requests) {
      const answer = await fixture.server.inject({ method: 'POST', ...request });
      assert.equal(answer.statusCode, 200, answer.body);
      assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
      assert.equal(answer.headers['cache-control'], 'no-store');
      const body = answer.json();
      assert.deepEqual(Object.keys(body), ['access_token', 'scope', 'api_domain', 'token_type', 'expires_in']);
      assert.equal(body.api_domain, origin);
      assert.equal(body.expires_in, 3600);
      assert.equal(body.scope, 'ZohoCRM.org.READ');
      assert.match(body.access_token, /^1000\.[A-Za-z0-9._-]+$/);
      assert.equal((await fixture.inject({ url: '/crm/v8/org', token: body.access_token })).statusCode, 200);
      assert.equal((await fixture.inject({ url: '/crm/v8/users', token: body.access_token })).statusCode, 401);
    }
  });

  test('a code works once, and its answer brings a refresh token', async () => {
    const { code } = await fixture.parts.access.makeCode({
      org: fixture.org.zgid,
      clientId: client.id,
      userId: fixture.org.adminId,
      scopes: ['ZohoCRM.org.READ'],
      redirectUri: 'https://app.test/back',
    });
    const form = parameters({ grant_type: 'authorization_code', code, redirect_uri: 'https://app.test/back' });
    const first = await fixture.server.inject({ method: 'POST', url: '/oauth/v2/token', ...multipart(form) });
    assert.equal(first.statusCode, 200, first.body);
    assert.deepEqual(Object.keys(first.json()), [
      'access_token',
      'refresh_token',
      'scope',
      'api_domain',
      'token_type',
      'expires_in',
    ]);
    const second = await fixture.server.inject({ method: 'POST', url: '/oauth/v2/token', ...multipart(form) });
    assert.deepEqual([second.statusCode, second.body], [400, '{"error":"invalid_code"}']);
  });

  test('refusals answer {"error"} with 400, or 401 for the client', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{ client_secret: 'wrong' }, 401, 'invalid_client'],
      [{ client_id: '1000.NOBODY' }, 401, 'invalid_client'],
      [{ refresh_token: 'wrong' }, 400, 'invalid_code'],
      [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
      [{ grant_type: 'authorization_code', code: 'wrong', redirect_uri: 'https://app.test/back' }, 400, 'invalid_code'],
      [{ grant_type: 'client_credentials', scope: 'ZohoFiles.files.ALL' }, 400, 'invalid_scope'],
      [{ grant_type: '' }, 400, 'unsupported_grant_type'],
    ];
    for (const [over, status, error] of cases) {
      const answer = await fixture.server.inject({
        method: 'POST',
        url: '/oauth/v2/token',
        ...multipart(parameters(over)),
      });
      assert.deepEqual([answer.statusCode, answer.body], [status, JSON.stringify({ error })]);
    }
    const nothing = await fixture.server.inject({ method: 'POST', url: '/oauth/v2/token' });
    assert.ok([400, 401].includes(nothing.statusCode));
    const broken = await fixture.server.inject({
      method: 'POST',
      url: '/oauth/v2/token',
      headers: { 'content-type': 'multipart/form-data; boundary=xyz' },
      payload: 'garbage',
    });
    assert.ok([400, 401].includes(broken.statusCode));
    assert.deepEqual(Object.keys(broken.json()), ['error']);
  });

  test('revoking answers success, known token or not, and ends what was made from a refresh token', async () => {
    const made = await fixture.server.inject({ method: 'POST', url: '/oauth/v2/token', ...multipart(parameters()) });
    const token: string = made.json().access_token;
    for (const each of ['unknown', refresh, refresh]) {
      const answer = await fixture.server.inject({ method: 'POST', url: `/oauth/v2/token/revoke?token=${each}` });
      assert.deepEqual([answer.statusCode, answer.body], [200, '{"status":"success"}']);
    }
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token })).statusCode, 401);
  });

  test('a form over its limit is 413', async () => {
    const answer = await fixture.server.inject({
      method: 'POST',
      url: '/oauth/v2/token',
      ...multipart({ code: 'x'.repeat(70_000) }),
    });
    assert.equal(answer.statusCode, 413);
  });
});
