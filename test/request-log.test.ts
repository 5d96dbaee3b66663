/** What the server's log says of a request, and what it never says: read where it is written, on standard error. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { serverFolder } from './server-setup.ts';

const annals = join(import.meta.dirname, '..', 'bin', 'annals');

interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly remote: string;
}

/** Runs a server with these settings, for as long as the requests take; all that it logged. */
async function logOf(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  requests: (url: string) => Promise<void>,
): Promise<string> {
  const child = spawn(annals, ['serve', '--data', dataDir, '--port', '0'], {
    env: { PATH: process.env.PATH, ANNALS_SHUTDOWN_SECONDS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = text(child.stderr);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      assert.ok(url, line);
      await requests(url);
      break;
    }
  } finally {
    const ended = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGTERM');
    await ended;
  }
  return await log;
}

function requestsIn(log: string): readonly LoggedRequest[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');
}

suite('the log of a request', () => {
  test('has its path, never its query, and nothing that opens anything', async () => {
    await using folder = await serverFolder();
    const secrets = { token: folder.token, secret: 'hunter2-secret', code: '1000.c0de' };
    const log = await logOf(folder.config.dataDir, { ANNALS_LOG_LEVEL: 'trace' }, async (url) => {
      const authorization = `Zoho-oauthtoken ${secrets.token}`;
      const headers = { authorization, 'x-forwarded-for': '203.0.113.9' };
      await fetch(`${url}/crm/v8/org?a=${secrets.secret}`, { headers });
      await fetch(`${url}/nowhere?access_token=${secrets.token}`);
      const query = `grant_type=authorization_code&client_id=x&client_secret=${secrets.secret}&code=${secrets.code}`;
      await fetch(`${url}/oauth/v2/token?${query}`, { method: 'POST' });
      await fetch(`${url}/oauth/v2/token`, { method: 'POST', body: new URLSearchParams(query) });
    });
    assert.deepEqual(
      requestsIn(log).map(({ method, path, status, remote }) => `${method} ${path} ${status} ${remote}`),
      [
        'GET /crm/v8/org 200 127.0.0.1',
        'GET /nowhere 404 127.0.0.1',
        'POST /oauth/v2/token 401 127.0.0.1',
        'POST /oauth/v2/token 401 127.0.0.1',
      ],
    );
    for (const [name, secret] of Object.entries(secrets)) assert.ok(!log.includes(secret), name);
  });

  test('has nothing of a log-in but that there was one, whether it fails, works or breaks', async () => {
    await using folder = await serverFolder();
    const password = await folder.parts.directory.resetPassword(folder.org, folder.adminId);
    const secrets: Record<string, string> = { password, wrong: 'hunter2-wrong', chosen: 'hunter2-chosen-one' };
    const log = await logOf(folder.config.dataDir, { ANNALS_LOG_LEVEL: 'trace' }, async (url) => {
      const page = { 'sec-fetch-site': 'same-origin' };
      const send = (method: string, path: string, body: unknown, headers = {}) =>
        fetch(`${url}${path}`, { method, body: JSON.stringify(body), headers: { ...page, ...headers } });
      const email = 'admin@example.com';
      await send('POST', '/api/v1/session', { email, password: secrets.wrong });
      await send('POST', '/api/v1/session', { email, password: [secrets.wrong] });
      await fetch(`${url}/api/v1/session`, { method: 'POST', body: `{"password":"${secrets.wrong}"` });
      const entered = await send('POST', '/api/v1/session', { email, password });
      assert.equal(entered.status, 200);
      const cookie = entered.headers.getSetCookie().map((each) => each.split(';')[0]);
      for (const [n, each] of cookie.entries()) secrets[`cookie ${n}`] = each?.split('=')[1] ?? '';
      const change = { current_password: password, new_password: secrets.chosen };
      const changed = await send('PUT', '/api/v1/session/password', change, { cookie: cookie.join('; ') });
      assert.equal(changed.status, 200);
      await send('DELETE', '/api/v1/session', {}, { cookie: cookie.join('; ') });
    });
    assert.deepEqual(
      requestsIn(log).map(({ method, path, status }) => `${method} ${path} ${status}`),
      [
        'POST /api/v1/session 401',
        'POST /api/v1/session 400',
        'POST /api/v1/session 400',
        'POST /api/v1/session 200',
        'PUT /api/v1/session/password 200',
        'DELETE /api/v1/session 204',
      ],
    );
    assert.equal(Object.keys(secrets).length, 5);
    for (const [name, secret] of Object.entries(secrets)) assert.ok(secret !== '' && !log.includes(secret), name);
  });

  test('is written soon, though lines are gathered and nothing follows', async () => {
    await using folder = await serverFolder();
    const child = spawn(annals, ['serve', '--data', folder.config.dataDir, '--port', '0'], {
      env: { PATH: process.env.PATH, ANNALS_SHUTDOWN_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const [line] = await once(child.stdout, 'data');
      const url = /http:\S+/.exec(String(line))?.[0];
      assert.ok(url);
      const logged = once(child.stderr, 'data');
      await fetch(`${url}/nowhere`);
      assert.equal(requestsIn(String((await logged)[0])).length, 1);
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
  });

  test('has the address that a proxy gives only when the settings name that proxy', async () => {
    await using folder = await serverFolder();
    for (const [proxies, remote] of [
      ['10.0.0.0/8', '127.0.0.1'],
      ['10.0.0.0/8,127.0.0.1', '203.0.113.9'],
    ] as const) {
      const log = await logOf(folder.config.dataDir, { ANNALS_TRUSTED_PROXIES: proxies }, async (url) => {
        await fetch(`${url}/nowhere`, { headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' } });
      });
      assert.deepEqual(
        requestsIn(log).map((request) => request.remote),
        [remote],
        proxies,
      );
    }
  });
});
