/** The whole way from the log-in to the file with the keyboard alone: no pointer is used in this file. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { lineCount } from '../../clients/rest.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { savedBytes } from '../downloads.ts';
import { benEntries, givenGround } from '../ground.ts';
import { LogPage } from '../log-page.ts';

const { origin, mona } = givenGround();
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const mostTabs = 60;

/** Presses Tab until the wanted one has the focus, which must then be seen. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await hasFocus(wanted)) return;
  }
  throw new Error(`${mostTabs} times Tab did not lead to ${wanted}`);
}

async function hasFocus(wanted: Locator): Promise<boolean> {
  return (await wanted.and(wanted.page().locator(':focus')).count()) === 1;
}

suite('with the keyboard alone', () => {
  test('one logs in, skips to the content, filters, reads an entry, exports, and downloads', async () => {
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    const { keyboard } = page;
    await page.goto('/login');
    // The first field has the focus already.
    await page.getByLabel('E-mail').and(page.locator(':focus')).waitFor();
    await keyboard.type(mona.email);
    await keyboard.press('Tab');
    await keyboard.type(mona.password);
    await keyboard.press('Enter');

    const log = new LogPage(page);
    await log.rows.first().waitFor();
    await page.goto('/log');
    await log.rows.first().waitFor();
    await keyboard.press('Tab');
    assert.ok(await hasFocus(page.getByRole('link', { name: 'Skip to the content' })));
    await keyboard.press('Enter');
    await tabTo(page, log.words);
    await keyboard.type('harbour lead');
    await keyboard.press('Enter');
    await log.total(`${benEntries} entries`);

    await tabTo(page, page.getByRole('button', { name: /^Actions/ }));
    await keyboard.press('Enter');
    const actions = page.getByRole('dialog', { name: 'Actions' });
    await tabTo(page, actions.getByRole('checkbox', { name: 'Updated' }));
    await keyboard.press('Space');
    await page.waitForURL(/action=updated/);
    await keyboard.press('Escape');
    await actions.waitFor({ state: 'detached' });
    assert.ok(await hasFocus(page.getByRole('button', { name: /^Actions/ })), 'the focus is not back on its button');

    await tabTo(page, log.list);
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await log.panel.getByRole('heading', { name: /Harbour lead/ }).waitFor();
    const opened = new URL(page.url()).searchParams.get('entry');
    await keyboard.press('Escape');
    await log.panel.waitFor({ state: 'detached' });
    assert.ok(opened !== null && (await hasFocus(log.list)), 'the focus is not back in the list');

    await page.goto('/log?words=harbour+lead');
    await log.total(`${benEntries} entries`);
    await tabTo(page, page.getByRole('link', { name: 'Export', exact: true }));
    await keyboard.press('Enter');
    const start = page.getByRole('button', { name: 'Start the export' });
    await tabTo(page, start);
    await keyboard.press('Enter');
    const row = page.getByRole('listitem').filter({ hasText: 'harbour' }).first();
    await row.getByText('Finished').waitFor({ timeout: 60_000 });
    const download = page.waitForEvent('download');
    await tabTo(page, row.getByRole('link', { name: /^Download/ }));
    await keyboard.press('Enter');
    assert.equal(lineCount(await savedBytes(await download)), benEntries + 1);

    await tabTo(page, page.getByRole('button', { name: /^Account menu/ }));
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Log out' }));
    await keyboard.press('Enter');
    await page.waitForURL('**/login');
  });
});
