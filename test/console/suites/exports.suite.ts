/** An export from what the log shows to the file on one's own disk. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { dataFolder, serve } from '../../clients/annals.ts';
import { lineCount, sha256 } from '../../clients/rest.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { savedBytes } from '../downloads.ts';
import { benEntries, givenGround, restOf, settle } from '../ground.ts';
import { LogPage } from '../log-page.ts';

const ground = givenGround();
const { origin, ada, mona } = ground;
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

/** The newest line of the list of exports. */
function newest(page: Page) {
  return page.getByRole('list', { name: 'Exports, newest first' }).getByRole('listitem').first();
}

/** The number that the preview says, and waits for it. */
async function previewed(page: Page): Promise<number> {
  const amount = page.getByRole('region', { name: 'How much it is' });
  const words = await amount.getByText(/^(about )?[\d,]+ entr(y|ies)$/i).innerText();
  return Number(words.replaceAll(/\D/g, ''));
}

/** Presses start, and waits until the list shows that it is done. */
async function exported(page: Page): Promise<void> {
  const created = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Start the export' }).click();
  const answer = (await (await created).json()) as { export: { id: string } };
  const row = page.getByRole('listitem').filter({ has: page.locator(`a[href="/exports/${answer.export.id}"]`) });
  await row.getByText('Finished').waitFor({ timeout: 90_000 });
}

suite('an export', () => {
  test('of what the filters show says beforehand how much it is, and holds exactly that', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: mona });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open('?module=Leads&words=harbour');
    await log.total(`${benEntries} entries`);
    await page.getByRole('link', { name: 'Export', exact: true }).click();
    await page.getByRole('heading', { name: 'New export' }).waitFor();
    assert.equal(await previewed(page), benEntries);
    await page.getByText('One CSV file', { exact: true }).waitFor();
    await exported(page);
    const row = newest(page);
    await row.getByText('Mona Manager').waitFor();
    const download = page.waitForEvent('download');
    await row.getByRole('link', { name: /^Download CSV/ }).click();
    const bytes = await savedBytes(await download);
    assert.equal(lineCount(bytes), benEntries + 1);
    assert.match(Buffer.from(bytes).toString(), /Harbour lead 7/);

    // The API hands out the very same bytes.
    const [job] = await jobsOf('mona');
    const wanted = await restOf(ground).download(job?.files[0]?.link ?? '');
    assert.equal(sha256(bytes), wanted.sha256);
    assert.equal(sha256(bytes), job?.files[0]?.sha256);

    // Its own page says what it holds, and the digest.
    await row.getByRole('link', { name: /^(?!Download)/ }).click();
    await page.getByRole('heading', { name: /^Export \d+/ }).waitFor();
    await page.getByText(wanted.sha256).waitFor();
  });

  test('of everything shows its progress, and its parts arrive byte for byte', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    await page.goto('/exports/new');
    const entries = await previewed(page);
    assert.ok(entries >= ground.entries);
    const isZip = entries > 100_000;
    await page
      .getByText(isZip ? /ZIP files? with \d+ CSV files inside/ : 'One CSV file')
      .first()
      .waitFor();
    const progress = page.getByRole('progressbar', { name: 'Progress' });
    const seen = isZip ? progress.waitFor() : Promise.resolve();
    await exported(page);
    await seen;
    const row = newest(page);
    const [job] = await jobsOf('ada');
    assert.ok(job !== undefined && (job.entries ?? 0) >= entries);
    if (job.files.length > 1) await row.getByRole('link', { name: /files$/ }).click();
    for (const file of job.files) {
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: new RegExp(`^Download.*${file.name}`) }).click();
      const bytes = await savedBytes(await download);
      const wanted = await restOf(ground).download(file.link);
      assert.equal(sha256(bytes), wanted.sha256, file.name);
    }
  });

  test('is kept up to date by the server’s events, and without them by asking', async () => {
    for (const hasEvents of [true, false]) {
      await using visitor = await Visitor.open(browser, origin, { as: ada });
      const { page } = visitor;
      if (!hasEvents) await page.route('**/api/v1/exports/events', (route) => route.abort());
      await page.goto('/exports');
      await page.getByText(hasEvents ? 'Updates by itself.' : 'Looks for news every few seconds.').waitFor();
      const list = page.getByRole('list', { name: 'Exports, newest first' });
      await list.waitFor();
      // Somebody else starts one; it comes into the list, and ends there, with nobody touching the page.
      const word = `nothing-has-this-${hasEvents}-${Date.now()}`;
      const response = await fetch(`${origin}/api/v1/exports`, {
        method: 'POST',
        headers: { authorization: `Zoho-oauthtoken ${ground.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ words: word }),
      });
      assert.equal(response.status, 201);
      await list.getByRole('listitem').filter({ hasText: word }).getByText('Finished').waitFor({ timeout: 60_000 });
      visitor.takeProblems(); // that the stream was blocked
    }
  });

  test('of which nothing would come cannot be started', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    await page.goto('/exports/new?words=no-record-is-called-so');
    await page.getByText('No entry matches, so there is nothing to export.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Start the export' }).count(), 0);
    await page.getByRole('link', { name: 'Change the filters' }).click();
    await page.waitForURL('**/log?words=no-record-is-called-so');
  });

  test('that fails says why, and what to do', async () => {
    await using folder = await dataFolder(100);
    await using server = await serve(folder, { env: { ANNALS_LOG_LEVEL: 'fatal' } });
    const small = await settle(server, 100);
    // Where its files should go there is no folder: as after a disk has gone.
    const results = join(folder.path, 'results');
    await rm(results, { recursive: true });
    await writeFile(results, '');
    await using visitor = await Visitor.open(browser, small.origin, { as: small.ada });
    const { page } = visitor;
    await page.goto('/exports/new');
    await page.getByRole('button', { name: 'Start the export' }).click();
    const row = newest(page);
    await row.getByText('Failed').waitFor({ timeout: 100_000 });
    const words = await row.innerText();
    assert.match(words, /Ask whoever runs the server|tell whoever runs the server/);
    await row.getByRole('link', { name: 'Export again' }).waitFor();
  });
});

interface Job {
  readonly entries: number | null;
  readonly files: readonly { readonly name: string; readonly link: string; readonly sha256: string }[];
}

async function jobsOf(name: 'ada' | 'mona'): Promise<readonly Job[]> {
  const { exports } = (await restOf(ground).json('/api/v1/exports')) as {
    exports: (Job & { created_by: { id: string } })[];
  };
  return exports.filter(({ created_by: { id } }) => id === ground[name].id);
}
