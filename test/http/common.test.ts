import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { type ErrorBody, Fixture } from './fixture.ts';

const list = '/crm/v8/settings/audit_log_export';

/** The status that a request line with this target gets, over a real socket: clients tidy up a URL before they send it. */
async function statusOf(fixture: Fixture, target: string): Promise<number> {
  const address = fixture.server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = connect(address.port, '127.0.0.1');
  socket.end(
    `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fixture.org.token}\r\nConnection: close\r\n\r\n`,
  );
  let answer = '';
  for await (const part of socket) answer += part;
  return Number(answer.split(' ')[1]);
}

suite('every answer', () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await Fixture.open();
  });
  after(() => fixture[Symbol.asyncDispose]());

  function refusal(answer: {
    statusCode: number;
    body: string;
    headers: Record<string, unknown>;
  }): [number, ErrorBody] {
    assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
    const body = JSON.parse(answer.body) as ErrorBody;
    assert.deepEqual(Object.keys(body), ['code', 'details', 'message', 'status']);
    assert.equal(body.status, 'error');
    return [answer.statusCode, body];
  }

  test('an unknown path is 404, with or without a token', async () => {
    for (const token of [null, fixture.org.token]) {
      const [status, body] = refusal(await fixture.inject({ url: '/crm/v8/nothing', token }));
      assert.equal(status, 404);
      assert.deepEqual(body, {
        code: 'INVALID_URL_PATTERN',
        details: {},
        message: 'Please check if the URL trying to access is a correct one',
        status: 'error',
      });
    }
  });

  test('a method that the path does not have is 400, before the token is looked at, and Allow names those it has', async () => {
    for (const method of ['DELETE', 'PUT', 'PATCH', 'OPTIONS'] as const) {
      const answer = await fixture.inject({ method, url: list, token: null });
      const [status, body] = refusal(answer);
      assert.deepEqual([status, body.code], [400, 'INVALID_REQUEST_METHOD']);
      assert.equal(body.message, 'The http request method type is not a valid one');
      assert.equal(answer.headers.allow, 'POST, GET, HEAD');
    }
  });

  test('an escaped letter of a path is that letter', async () => {
    assert.equal((await fixture.inject({ url: '/crm/v7/%6Frg' })).statusCode, 200);
    const [status, body] = refusal(await fixture.inject({ method: 'POST', url: '/crm/v7/%6Frg' }));
    assert.deepEqual([status, body.code], [400, 'INVALID_REQUEST_METHOD']);
  });

  test('another API version is 400 before the method and the token are looked at', async () => {
    for (const version of ['v1', 'v2', 'v6', 'v9', 'v2.1', 'v10', 'V7', '7', 'vX', 'v99999999999']) {
      for (const method of ['GET', 'DELETE'] as const) {
        const url = `/crm/${version}/settings/audit_log_export`;
        const [status, body] = refusal(await fixture.inject({ method, url, token: null }));
        assert.deepEqual([status, body.code], [400, 'API_NOT_SUPPORTED']);
        assert.deepEqual(body.details, { supported_version: 8 });
        assert.equal(body.message, 'The API version given is not supported');
      }
    }
  });

  test('v7 and v8 answer alike', async () => {
    const [seven, eight] = [await fixture.inject({ url: '/crm/v7/org' }), await fixture.inject({ url: '/crm/v8/org' })];
    assert.equal(seven.body, eight.body);
  });

  test('no token, a malformed, an unknown and a revoked token are one and the same 401', async () => {
    const revoked = await fixture.token();
    await fixture.parts.access.revoke(revoked);
    const headers = [
      {},
      { authorization: '' },
      { authorization: 'Zoho-oauthtoken' },
      { authorization: 'Zoho-oauthtoken  ' },
      { authorization: `Basic ${fixture.org.token}` },
      { authorization: fixture.org.token },
      { authorization: 'Bearer 1000.0123.4567' },
      { authorization: `Bearer ${'x'.repeat(600)}` },
      { authorization: `Zoho-oauthtoken ${revoked}` },
      { authorization: `Zoho-oauthtoken ${fixture.org.token}, x` },
    ];
    for (const each of headers) {
      const answer = await fixture.inject({ url: list, headers: each, token: null });
      const [status, body] = refusal(answer);
      assert.equal(status, 401);
      assert.deepEqual(body, {
        code: 'AUTHENTICATION_FAILURE',
        details: {},
        message: 'Authentication failed',
        status: 'error',
      });
      assert.match(String(answer.headers['www-authenticate']), /^Bearer /);
    }
  });

  test('the scheme is Zoho-oauthtoken or Bearer, in any case', async () => {
    for (const scheme of ['Zoho-oauthtoken', 'zoho-OAUTHTOKEN', 'Bearer', 'bearer']) {
      const headers = { authorization: `${scheme} ${fixture.org.token}` };
      assert.equal((await fixture.inject({ url: '/crm/v8/org', headers, token: null })).statusCode, 200);
    }
  });

  test('a token ends to the second that was promised', async () => {
    const token = await fixture.token();
    const start = fixture.now;
    fixture.now = start + 3_599_000;
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token })).statusCode, 200);
    fixture.now = start + 3_600_000;
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token })).statusCode, 401);
    fixture.now = start;
  });

  test('slashes in a row are one, and the path alone decides in an absolute request target', async () => {
    await fixture.server.listen({ host: '127.0.0.1', port: 0 });
    for (const url of [
      '//crm/v8/org',
      '/crm//v8///org',
      '///crm/v8/org',
      'http://elsewhere.test/crm/v8/org?x=http://y',
    ]) {
      assert.equal(await statusOf(fixture, url), 200, url);
    }
    assert.equal(await statusOf(fixture, 'http://elsewhere.test'), 404);
  });

  test('hostile paths are 404 and nothing else', async () => {
    const hostile = [
      '/crm/v8/settings/audit_log_export/%00',
      '/crm/v8/settings/audit_log_export/..%2f..%2fetc',
      '/crm/v8/settings/audit_log_export/%2e%2e',
      '/crm/v8/settings/audit_log_export/١٢٣',
      `/crm/v8/settings/audit_log_export/${encodeURIComponent('१२३')}`,
      `/crm/v8/settings/audit_log_export/${'9'.repeat(20)}`,
      `/crm/v8/settings/audit_log_export/${'9'.repeat(2000)}`,
      '/crm/v8/settings/audit_log_export/1%zz',
      '/crm/v8/settings/audit_log_export/%c0%ae',
      '/crm/v8/settings/audit_log_export/1/2',
      '/crm/v8/settings/audit_log_export/',
      '/v2/crm/1/auditlog/1/..%2f..%2fannals.sqlite',
      '/v2/crm/1/auditlog/1/%00AuditLog.csv',
      '/v2/crm/1/auditlog/../AuditLog.csv',
      "/crm/v8/users/1'%20or%201=1",
      '/',
      '/crm',
    ];
    for (const url of hostile) {
      const answer = await fixture.inject({ url });
      assert.deepEqual(
        [url, ...refusal(answer).map((part) => (typeof part === 'number' ? part : part.code))],
        [url, 404, 'INVALID_URL_PATTERN'],
      );
    }
  });

  test('what we did wrong answers 500 with nothing inside', async () => {
    await using broken = await Fixture.open({
      wrap: (parts) => ({
        ...parts,
        jobs: new Proxy(parts.jobs, {
          get: (target, key) =>
            key === 'list' ? () => Promise.reject(new Error('secret detail')) : Reflect.get(target, key, target),
        }),
      }),
    });
    const [status, body] = refusal(await broken.inject({ url: list }));
    assert.equal(status, 500);
    assert.deepEqual(body, { code: 'INTERNAL_ERROR', details: {}, message: 'Internal Server Error', status: 'error' });
  });

  test('a path over its limit is 414, and a body over its limit 413; both name the limit', async () => {
    const [uri, uriBody] = refusal(await fixture.inject({ url: `${list}?${'a'.repeat(9000)}` }));
    assert.deepEqual([uri, uriBody.code, uriBody.details], [414, 'URI_TOO_LONG', { limit: '8192' }]);
    const segment = await fixture.inject({ url: `/v2/crm/${'1'.repeat(9000)}/auditlog/1/AuditLog.csv` });
    assert.equal(refusal(segment)[0], 414);
    const payload = ' '.repeat(2 ** 20 + 1);
    const [size, sizeBody] = refusal(await fixture.inject({ method: 'POST', url: list, payload }));
    assert.deepEqual([size, sizeBody.code, sizeBody.details], [413, 'REQUEST_TOO_LARGE', { limit: String(2 ** 20) }]);
  });

  test('no JSON body ends in a newline', async () => {
    for (const url of [list, '/crm/v8/org', '/openapi.json', '/nothing']) {
      assert.doesNotMatch((await fixture.inject({ url })).body, /\n$/);
    }
  });
});
