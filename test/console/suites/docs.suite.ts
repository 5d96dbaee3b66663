/** The API reference, for who has logged in and for who has not. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { run } from '../../clients/programs.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { cookieHeader, givenGround } from '../ground.ts';

const { origin, ada, token } = givenGround();
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

suite('the API reference', () => {
  test('is there without a log-in, names every endpoint, and has lines for the shell that work', async () => {
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    await page.goto('/docs');
    await page.getByRole('heading', { name: 'API reference' }).waitFor();
    const endpoint = page.getByRole('button', { name: /get.*\/api\/v1\/entries(?![\w{/])/i }).first();
    await endpoint.waitFor();
    const document = (await (await fetch(`${origin}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const shown = await page.getByRole('main').innerText();
    for (const path of Object.keys(document.paths)) {
      assert.ok(shown.replaceAll('\u200b', '').includes(path), `${path} is not shown`);
    }
    await endpoint.click();
    const line = page.getByLabel('Line for the shell: GET /api/v1/entries', { exact: true });
    await line.waitFor();
    const command = (await line.innerText()).trim();
    assert.match(command, /^curl /);
    const answer = await run('bash', ['-c', command], { env: { ANNALS_TOKEN: token } });
    assert.ok(answer.includes('"entries"'), answer.slice(0, 500));
  });

  test('knows the organisation of who is logged in', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    await page.goto('/docs');
    await page.getByRole('button', { name: /^get \/v2\/crm\// }).click();
    const line = page.getByLabel(/^Line for the shell: GET \/v2\/crm\//);
    assert.match(await line.innerText(), new RegExp(`/v2/crm/${await zgid()}/`));
  });
});

/** The organisation's number in download links. */
async function zgid(): Promise<string> {
  const response = await fetch(`${origin}/api/v1/session`, { headers: { cookie: cookieHeader(ada.cookies) } });
  return ((await response.json()) as { organisation: { zgid: string } }).organisation.zgid;
}
