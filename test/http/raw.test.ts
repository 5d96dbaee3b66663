import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { Fixture } from './fixture.ts';

suite("the HTTP parser's own refusals", () => {
  let fixture: Fixture;
  let port: number;
  before(async () => {
    fixture = await Fixture.open({ env: { ANNALS_BODY_IDLE_SECONDS: '1', ANNALS_BODY_TOTAL_SECONDS: '1' } });
    await fixture.server.listen({ host: '127.0.0.1', port: 0 });
    const address = fixture.server.server.address();
    assert.ok(address !== null && typeof address === 'object');
    port = address.port;
  });
  after(() => fixture[Symbol.asyncDispose]());

  interface Raw {
    readonly status: number;
    readonly head: string;
    readonly body: { readonly code: string; readonly details: Record<string, unknown> };
  }

  /** What a socket gets that sends this and then keeps still. */
  async function send(text: string): Promise<Raw> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}); // the server may hang up on what it has refused
    await once(socket, 'connect');
    socket.write(text);
    let answer = '';
    socket.on('data', (part) => {
      answer += part;
      const [head = '', body] = answer.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body !== undefined && Buffer.byteLength(body) >= length) socket.destroy();
    });
    await once(socket, 'close');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const parsed = JSON.parse(body);
    assert.deepEqual(Object.keys(parsed), ['code', 'details', 'message', 'status'], text.slice(0, 80));
    assert.match(head, /content-type: application\/json;charset=UTF-8/i);
    return { status: Number(head.split(' ')[1]), head, body: parsed };
  }

  const path = '/crm/v8/settings/audit_log_export';

  test('headers over their limit are 431', async () => {
    for (const length of [16_400, 40_000]) {
      const raw = await send(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(length)}\r\n\r\n`);
      assert.deepEqual([raw.status, raw.body.code, raw.body.details], [431, 'HEADERS_TOO_LARGE', { limit: '16384' }]);
    }
  });

  test('a path over its limit is 414, whether Node still reads it or not', async () => {
    for (const length of [10_000, 100_000]) {
      const raw = await send(`GET ${path}?${'a'.repeat(length)} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.deepEqual([raw.status, raw.body.code, raw.body.details], [414, 'URI_TOO_LONG', { limit: '8192' }]);
    }
  });

  test('a method that HTTP does not know, and one that the router does not, are INVALID_REQUEST_METHOD', async () => {
    for (const method of ['FOO', 'PROPFIND', 'TRACE', 'QUERY']) {
      const raw = await send(`${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.deepEqual([method, raw.status, raw.body.code], [method, 400, 'INVALID_REQUEST_METHOD']);
      assert.match(raw.head, /^allow: POST, GET, HEAD\r?$/im);
      const nowhere = await send(`${method} /nothing HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.deepEqual([nowhere.status, nowhere.body.code], [404, 'INVALID_URL_PATTERN']);
    }
    assert.equal((await send('CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n')).status, 404);
  });

  test('a request without a Host is refused as JSON, and an unknown expectation is none', async () => {
    const raw = await send(`GET ${path} HTTP/1.1\r\n\r\n`);
    assert.deepEqual([raw.status, raw.body.code], [400, 'INVALID_DATA']);
    const expecting = await send(`GET ${path} HTTP/1.1\r\nHost: x\r\nExpect: foo\r\n\r\n`);
    assert.equal(expecting.status, 401);
  });

  test('a client that sends all before it reads gets the refusal', async () => {
    const size = 8 * 2 ** 20;
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fixture.org.token}\r\nContent-Length: ${size}\r\n\r\n`;
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((done, failed) => {
      socket.on('error', failed);
      socket.write(head + 'x'.repeat(size), () => done());
    });
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test('what is no HTTP is refused as JSON', async () => {
    for (const text of [
      'GARBAGE\r\n\r\n',
      `GET ${path} HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n`,
    ]) {
      assert.equal((await send(text)).status, 400);
    }
  });

  test('headers that never end, and a body that never ends, are 408', async () => {
    const head = await send(`GET ${path} HTTP/1.1\r\nHost: x\r\n`);
    assert.deepEqual([head.status, head.body.code], [408, 'REQUEST_TIMEOUT']);
    const auth = `Authorization: Bearer ${fixture.org.token}`;
    const body = await send(`POST ${path} HTTP/1.1\r\nHost: x\r\n${auth}\r\nContent-Length: 10\r\n\r\n{`);
    assert.deepEqual([body.status, body.body.code], [408, 'REQUEST_TIMEOUT']);
  });

  test('a body that is declared too large is refused before it is sent', async () => {
    const auth = `Authorization: Bearer ${fixture.org.token}`;
    const raw = await send(`POST ${path} HTTP/1.1\r\nHost: x\r\n${auth}\r\nContent-Length: 99999999999\r\n\r\n`);
    assert.deepEqual([raw.status, raw.body.code], [413, 'REQUEST_TOO_LARGE']);
  });

  test('the token is looked at before the body', async () => {
    const raw = await send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`);
    assert.deepEqual([raw.status, raw.body.code], [401, 'AUTHENTICATION_FAILURE']);
  });
});
