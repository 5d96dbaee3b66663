/** The real command, as a process: what only that can show. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { type Console, openReadyConsole } from './console.ts';

const annals = join(import.meta.dirname, '..', '..', 'bin', 'annals');

/** What fails every write, with a full disk's words. Only Linux has it. */
const noFullDevice = existsSync('/dev/full') ? false : 'this system has no /dev/full';

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
}

async function serve(console: Console): Promise<Served> {
  const args = ['serve', '--data', console.dataDir, '--port', '0'];
  const child = spawn(annals, args, { env: { PATH: process.env.PATH, ANNALS_LOG_LEVEL: 'error' } });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) return { url, child, [Symbol.asyncDispose]: stop };
  }
  throw new Error('the server ended without naming its address');
}

interface ListedJob {
  readonly id: string;
  readonly status: string;
  readonly curl: readonly string[];
}

async function finishedJob(console: Console): Promise<ListedJob> {
  for (;;) {
    const [job] = await console.json<ListedJob[]>(['jobs']);
    if (job?.status === 'finished') return job;
    assert.notEqual(job?.status, 'failed');
  }
}

suite('annals serve', () => {
  test('answers at the address it prints, beside other commands, and stops in order', async () => {
    await using console = await openReadyConsole();
    await using served = await serve(console);
    await console.json(['generate', '--entries', '300', '--until', '2026-07-01']);
    const scope = 'ZohoCRM.settings.audit_logs.ALL';
    const { access_token } = await console.json<{ access_token: string }>(['token', '--scope', scope]);
    const created = await fetch(`${served.url}/crm/v8/settings/audit_log_export`, {
      method: 'POST',
      headers: { authorization: `Zoho-oauthtoken ${access_token}` },
    });
    assert.equal(created.status, 200);
    const { curl } = await finishedJob(console);
    const line = curl[0] ?? '';
    assert.match(line, /^curl "http:\/\/127\.0\.0\.1:\d+\/v2\/crm\/\d+\/auditlog\/\d+\/AuditLog\.csv" -X GET -H "Auth/);
    const [, url = '', authorization = ''] = /curl "([^"]+)".*Authorization: ([^"]+)"/.exec(line) ?? [];
    const downloaded = await fetch(url, { headers: { authorization } });
    const { stdout } = await console.run(['export', '-o', '-', '--to', '2026-07-01']);
    // The export through the API holds one line more: the token was made before it.
    const lines = (await downloaded.text()).split('\r\n');
    assert.match(lines.splice(-2, 1)[0] ?? '', /^Annals command line,added,Annals,Access token of Administrator,/);
    assert.equal(lines.join('\r\n'), stdout);
    const second = await console.run(['serve', '--port', '0']);
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /another server is running/);
    const ended = once(served.child, 'exit');
    served.child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  for (const [signal, exitCode] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
    test(`an import that waits for its input ends at ${signal} with exit code ${exitCode}`, async () => {
      await using console = await openReadyConsole();
      const child = spawn(annals, ['import', '--data', console.dataDir, '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
      const entry = {
        audited_time: '2026-01-01',
        action: 'a',
        done_by: { id: '1' },
        module: { api_name: 'M' },
        record: { name: '' },
      };
      child.stdin.write(`${JSON.stringify({ ...entry, audited_time: '2026-01-01T00:00:00Z' })}\n`);
      for (;;) {
        const { exitCode, stdout } = await console.run(['export', '-o', '-', '--action', 'a']);
        assert.equal(exitCode, 0);
        if (stdout.split('\r\n').length === 3) break;
      }
      const ended = once(child, 'exit');
      child.kill(signal);
      assert.deepEqual(await ended, [exitCode, null]);
    });
  }

  test('what cannot be printed is one sentence and a failure', { skip: noFullDevice }, async () => {
    await using console = await openReadyConsole();
    await using full = await open('/dev/full', 'w');
    for (const args of [
      ['export', '-o', '-'],
      ['jobs', '--json'],
      ['token', '--scope', 'ZohoFiles.files.READ'],
    ]) {
      const child = spawn(annals, [...args, '--data', console.dataDir], { stdio: ['ignore', full.fd, 'pipe'] });
      assert(child.stderr !== null);
      const said = text(child.stderr);
      assert.deepEqual(await once(child, 'close'), [1, null]);
      assert.match(await said, /^annals: standard output cannot be written: ENOSPC[^\n]*\n$/);
    }
  });
});
