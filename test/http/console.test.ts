import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { ConsoleFiles } from '../../src/http/console.ts';
import { Fixture } from './fixture.ts';

const html = '<!doctype html><title>Annals</title>';
const script = 'console.log(1);'.repeat(200);

/** A server of nothing but a console, made of these files. */
async function open(files: Record<string, string | Buffer>): Promise<FastifyInstance & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-console-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
  const pages = new ConsoleFiles(folder);
  const server = Fastify({ exposeHeadRoutes: false });
  server.setNotFoundHandler(async (request, reply) => {
    if (await pages.answer(request, reply)) return reply;
    return reply.code(404).send('none');
  });
  return Object.assign(server, {
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

const built = {
  'index.html': html,
  'theme.js': '1;',
  'assets/main-abc.js': script,
  'assets/main-abc.js.br': brotliCompressSync(script),
  'assets/main-abc.js.gz': gzipSync(script),
};
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

suite('the console', () => {
  test('shows its page at each of its addresses, under a policy that allows nothing inline', async () => {
    await using server = await open(built);
    const addresses = [
      '/',
      '/login?next=%2Flog',
      '/log',
      '/exports',
      '/exports/12',
      '/admin',
      '/admin/people',
      '/account',
    ];
    for (const url of [...addresses, '/docs', '/oauth/v2/auth?client_id=1000.X']) {
      const answer = await server.inject({ url, headers: browser });
      assert.equal(answer.statusCode, 200, url);
      assert.equal(answer.body, html);
      assert.equal(answer.headers['cache-control'], 'no-cache');
      const policy = String(answer.headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
    }
  });

  test('leaves to the API what asks for no page, and every address that is none', async () => {
    await using server = await open(built);
    for (const request of [
      { url: '/log', headers: { accept: 'application/json' } },
      { url: '/logs', headers: browser },
      { url: '/index.html', headers: { accept: '*/*' } },
      { url: '/assets/none.js', headers: browser },
      { url: '/assets/main-abc.js.br', headers: browser },
      { url: '/assets/../index.html', headers: { accept: '*/*' } },
      { url: '/assets/%2e%2e/index.html', headers: { accept: '*/*' } },
      { url: '/assets', headers: browser },
      { url: '/log', method: 'POST' as const, headers: browser },
    ]) {
      assert.equal((await server.inject(request)).statusCode, 404, `${request.url}`);
    }
  });

  test('sends a file compressed as the browser takes it, to be kept for ever', async () => {
    await using server = await open(built);
    const ask = (encoding: string) =>
      server.inject({ url: '/assets/main-abc.js', headers: { 'accept-encoding': encoding } });
    const answers = [
      ['gzip, deflate, br', 'br', built['assets/main-abc.js.br']],
      ['gzip', 'gzip', built['assets/main-abc.js.gz']],
      ['br;q=0, gzip;q=0.5', 'gzip', built['assets/main-abc.js.gz']],
      ['identity', undefined, Buffer.from(script)],
    ] as const;
    for (const [asked, encoding, bytes] of answers) {
      const answer = await ask(asked);
      assert.equal(answer.headers['content-encoding'], encoding, asked);
      assert.deepEqual(answer.rawPayload, bytes);
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(answer.headers['content-type'], 'text/javascript;charset=UTF-8');
      assert.equal(answer.headers.vary, 'accept-encoding');
    }
    assert.notEqual((await ask('br')).headers.etag, (await ask('gzip')).headers.etag);
  });

  test('says that what a browser has already is still the same', async () => {
    await using server = await open(built);
    const { etag } = (await server.inject({ url: '/log', headers: browser })).headers;
    const again = await server.inject({ url: '/log', headers: { ...browser, 'if-none-match': String(etag) } });
    assert.equal(again.statusCode, 304);
    assert.equal(again.body, '');
    assert.match(String(again.headers['content-security-policy']), /default-src 'none'/);
  });

  test('says how to build it where it was not built', async () => {
    await using server = await open({});
    const answer = await server.inject({ url: '/log', headers: browser });
    assert.equal(answer.statusCode, 503);
    assert.match(answer.body, /npm run build:console/);
  });

  test('is part of the server, beside the API', async () => {
    await using fixture = await Fixture.open();
    const page = await fixture.inject({ url: '/log', headers: browser, token: null });
    assert.equal(page.statusCode, 200);
    const [, asset = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page.body) ?? [];
    assert.equal((await fixture.inject({ url: asset, token: null })).statusCode, 200);
    assert.doesNotMatch(page.body, /<script>|<style|style="/);
    const none = await fixture.inject({ url: '/logs', headers: browser, token: null });
    assert.equal(none.statusCode, 404);
    assert.equal(none.json().code, 'INVALID_URL_PATTERN');
  });
});
