/** How much has to be loaded, and how long one waits. The times are printed; a machine that is busy is no fault. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page, Response } from 'playwright-core';
import { openBrowser, Visitor } from '../browser.ts';
import { givenGround } from '../ground.ts';
import { LogPage } from '../log-page.ts';
import { measured } from '../out.ts';

const { origin, ada, entries } = givenGround();
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const mostBytes = 200_000;
/** Far above what is meant (200 ms): only what has gone wrong altogether fails. */
const mostMs = 5_000;

suite('the first load', () => {
  for (const [what, path, as] of [
    ['the log-in', '/login', null],
    ['the log', '/log', ada],
  ] as const) {
    test(`of ${what} takes less than ${mostBytes / 1000} KB`, async () => {
      await using visitor = await Visitor.open(browser, origin, as === null ? {} : { as });
      const { page } = visitor;
      const files: Promise<number>[] = [];
      page.on('response', (response) => {
        if (!new URL(response.url()).pathname.startsWith('/api/')) files.push(sizeOf(response));
      });
      const startedAt = performance.now();
      await page.goto(path);
      const shown = as === null ? page.getByRole('button', { name: 'Log in' }) : new LogPage(page).rows.first();
      await shown.waitFor();
      const tookMs = performance.now() - startedAt;
      if (as !== null) await new LogPage(page).chart.getByRole('img').locator('canvas').waitFor();
      await page.waitForLoadState('networkidle');
      const bytes = (await Promise.all(files)).reduce((sum, size) => sum + size, 0);
      measured(`First load of ${what}: compressed, in ${files.length} files`, `${(bytes / 1000).toFixed(1)} KB`);
      measured('  until it is there', `${Math.round(tookMs)} ms`);
      assert.ok(bytes > 20_000 && bytes < mostBytes, `${bytes} bytes`);
    });
  }
});

async function sizeOf(response: Response): Promise<number> {
  const { responseBodySize, responseHeadersSize } = await response.request().sizes();
  return responseBodySize + responseHeadersSize;
}

suite(`a filter on ${entries.toLocaleString('en')} entries`, () => {
  for (const [what, search] of [
    ['a module', 'module=Contacts'],
    ['an action', 'action=deleted'],
    ['a person', 'done_by=100000000000000007'],
    ['a common word', 'words=sample'],
    ['a rare word', 'words=placeholder+bank+77'],
    ['a word that no record has', 'words=no-record-is-called-so'],
    ['the last 30 days', 'last=30d'],
    ['module, action, person, word', 'module=Deals&action=updated&done_by=100000000000000007&words=sample'],
  ] as const) {
    test(`by ${what} is answered at once`, async () => {
      await using visitor = await Visitor.open(browser, origin, { as: ada });
      const { page } = visitor;
      const log = new LogPage(page);
      await log.open('?last=365d');
      await log.chart.getByRole('img').locator('canvas').waitFor();
      await page.waitForLoadState('networkidle');
      // As a link within the console does it: without loading anything but the answers.
      let shownMs = 0;
      const { entries: list, histogram } = await log.answersTo(async () => {
        shownMs = await timeUntilShown(page, search);
      });
      const [listMs, chartMs] = [await timeOf(list), await timeOf(histogram)];
      measured(`Filter by ${what}: list, chart, shown`, `${listMs} ms, ${chartMs} ms, ${Math.round(shownMs)} ms`);
      for (const ms of [listMs, chartMs, shownMs]) assert.ok(ms < mostMs, `${ms} ms`);
    });
  }
});

/** From the request to the last byte of its answer. */
async function timeOf(response: Response): Promise<number> {
  await response.finished();
  const { requestStart, responseEnd } = response.request().timing();
  return Math.round(responseEnd - requestStart);
}

/**
 * Measured within the page: from the change of the address to the first frame in which the list, or that there is
 * nothing yet, is of the new filters.
 */
async function timeUntilShown(page: Page, search: string): Promise<number> {
  const script = `new Promise((resolve) => {
    const startedAt = performance.now();
    history.pushState(null, '', '/log?${search}');
    const look = () => {
      const list = document.querySelector('.log-body');
      const isBusy = document.querySelector('.entries[aria-busy="true"]') !== null;
      if (!isBusy && list !== null && begun) resolve(performance.now() - startedAt);
      else {
        begun ||= isBusy;
        requestAnimationFrame(look);
      }
    };
    let begun = false;
    requestAnimationFrame(look);
  })`;
  return Number(await page.evaluate(script));
}
