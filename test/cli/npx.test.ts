import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');

/** The address of a server that was started by npx, and the npx process. */
async function serveByNpx(data: string) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|ANNALS_|NODE_TEST)/i.test(name)),
  );
  const npx = spawn('npx', ['annals', 'serve', '--data', data, '--port', '0'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: npx.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) return { npx, url };
  }
  throw new Error('the server ended before it answered');
}

async function isGone(url: string): Promise<boolean> {
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    const answers = await fetch(`${url}/openapi.json`).then(
      () => true,
      () => false,
    );
    if (!answers) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}

suite('a server that npx started', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`ends with npx at ${signal}, and leaves its folder to the next`, async (t) => {
      const data = await mkdtemp(join(tmpdir(), 'annals-npx-'));
      t.after(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
      await promisify(execFile)(join(root, 'bin', 'annals'), ['init', '--data', data]);
      const { npx, url } = await serveByNpx(data);
      const ended = once(npx, 'exit');
      npx.kill(signal);
      await ended;
      assert.ok(await isGone(url));
    });
  }
});
