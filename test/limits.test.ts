/** That each setting of a limit is the limit that a request meets. What lies behind a limit is tested where it is kept. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type ServerFolder, served, serverFolder } from './server-setup.ts';

/** An error, as far as it is looked at; a success has none of it. */
interface Answer {
  readonly code?: string;
  readonly message?: string;
  readonly details?: { readonly limit?: string };
}

suite('the limit of', () => {
  const exports = '/crm/v8/settings/audit_log_export';
  const stack = new AsyncDisposableStack();
  let folder: ServerFolder;
  let url = '';
  before(async () => {
    folder = stack.use(
      await serverFolder({
        ANNALS_MAX_JSON_BODY_BYTES: '1024',
        ANNALS_MAX_ENTRIES_BODY_BYTES: '262144',
        ANNALS_MAX_URL_BYTES: '1024',
        ANNALS_MAX_HEADER_BYTES: '4096',
        ANNALS_MAX_JSON_DEPTH: '8',
        ANNALS_MAX_ENTRIES_PER_PAGE: '3',
        ANNALS_MAX_USERS_PER_PAGE: '3',
        ANNALS_WORKERS: '0',
      }),
    );
    url = stack.use(await served(folder.config)).url;
  });
  after(() => stack.disposeAsync());

  async function refusal(
    path: string,
    request: RequestInit = {},
  ): Promise<readonly [status: number, code: string, words: string]> {
    const headers = { authorization: `Bearer ${folder.token}`, ...request.headers };
    const answer = await fetch(`${url}${path}`, { ...request, headers });
    const { code, message, details } = (await answer.json()) as Answer;
    return [answer.status, code ?? '', `${message} ${details?.limit ?? ''}`];
  }

  test("an export request's body is the setting's", async () => {
    const [status, , words] = await refusal(exports, { method: 'POST', body: ' '.repeat(1025) });
    assert.equal(status, 413);
    assert.match(words, /1024/);
    assert.equal((await refusal(exports, { method: 'POST', body: `${' '.repeat(1022)}[]` }))[0], 400);
  });

  test("a body of entries is the setting's", async () => {
    const [status, , words] = await refusal('/api/v1/entries', { method: 'POST', body: ' '.repeat(262_145) });
    assert.equal(status, 413);
    assert.match(words, /262144/);
    assert.equal((await refusal('/api/v1/entries', { method: 'POST', body: `${' '.repeat(262_142)}[]` }))[0], 200);
  });

  test("how deep JSON may nest is the setting's", async () => {
    const nested = (depth: number) =>
      refusal('/api/v1/entries', { method: 'POST', body: '['.repeat(depth) + ']'.repeat(depth) });
    assert.match((await nested(9))[2], /nest|deep/);
    assert.doesNotMatch((await nested(8))[2], /nest|deep/);
  });

  test("a path with its query is the setting's", async () => {
    assert.deepEqual((await refusal(`/x?${'a'.repeat(1022)}`)).slice(0, 2), [414, 'URI_TOO_LONG']);
    assert.equal((await refusal(`/x?${'a'.repeat(1021)}`))[0], 404);
  });

  test("the headers together is the setting's", async () => {
    const filled = (length: number) => refusal('/x', { headers: { 'x-long': 'a'.repeat(length) } });
    assert.deepEqual((await filled(4096)).slice(0, 2), [431, 'HEADERS_TOO_LARGE']);
    assert.equal((await filled(3000))[0], 404);
  });

  test("a page is the setting's", async () => {
    for (const path of ['/api/v1/entries', '/crm/v8/users']) {
      assert.deepEqual((await refusal(`${path}?per_page=4`)).slice(0, 2), [400, 'INVALID_DATA'], path);
      assert.notEqual((await refusal(`${path}?per_page=3`))[0], 400, path);
    }
  });
});
