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
