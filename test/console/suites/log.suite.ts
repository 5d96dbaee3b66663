/** The log: found, filtered, read, followed, and only what one may see of it. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, CDPSession } from 'playwright-core';
import { openBrowser, Visitor } from '../browser.ts';
import { benEntries, givenGround, record, restOf } from '../ground.ts';
import { LogPage } from '../log-page.ts';
import { measured } from '../out.ts';
import { waitUntil } from '../wait.ts';

const ground = givenGround();
const { origin, ada, mona, ben } = ground;
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

interface Page {
  readonly entries: readonly {
    readonly action: string;
    readonly module: { readonly api_name: string };
    readonly done_by: { readonly name: string };
    readonly record: { readonly name: string };
  }[];
}

async function entriesOf(search: string): Promise<Page['entries']> {
  return ((await restOf(ground).json(`/api/v1/entries?${search}`)) as Page).entries;
}

/** Exactly, unlike a chart that may estimate: counted page by page where it does. */
async function countOf(search: string): Promise<number> {
  const rest = restOf(ground);
  const found = (await rest.json(`/api/v1/entries/histogram?${search}`)) as { total: number; is_estimate: boolean };
  if (!found.is_estimate || found.total > 20_000) return found.total;
  let count = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { info } = (await rest.json(`/api/v1/entries?per_page=1000&${search}${from}`)) as {
      info: { count: number; next_cursor: string | null };
    };
    count += info.count;
    cursor = info.next_cursor;
  }
  return count;
}

suite('filters', () => {
  test('narrow the list and the chart together, stand in the address, and lead back step by step', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open();
    await log.tick('Modules', 'Contacts');
    await page.waitForURL('**/log?module=Contacts');
    await log.tick('Actions', 'Deleted');
    await page.waitForURL('**/log?action=deleted&module=Contacts');
    await log.tick('People', 'Grace Sample');
    await page.waitForURL(/done_by=\d+/);
    const { searchParams } = new URL(page.url());
    const all = await countOf(searchParams.toString());
    assert.ok(all > 0);
    await log.totalNear(all);
    await log.rowOf('Grace Sample').first().waitFor();
    for (const row of (await log.rows.allInnerTexts()).slice(0, 20)) {
      assert.match(row, /Grace Sample/);
      assert.match(row, /Deleted/);
      assert.match(row, /Contacts/);
    }
    // The words are found whatever the case, and all of them have to be there.
    const [first] = await entriesOf(searchParams.toString());
    const name = first?.record.name ?? '';
    await log.words.fill(name.toUpperCase().split(' ').reverse().join(' '));
    await page.waitForURL(/words=/);
    await log.rowOf(name).first().waitFor();
    const shown = new URL(page.url()).searchParams.toString();
    await log.totalNear(await countOf(shown));

    // Somebody else who is sent the address sees the same.
    await using colleague = await Visitor.open(browser, origin, { as: ada });
    const theirs = new LogPage(colleague.page);
    await theirs.open(`?${shown}`);
    await theirs.rowOf(name).first().waitFor();
    assert.equal(await theirs.words.inputValue(), name.toUpperCase().split(' ').reverse().join(' '));
    await colleague.page.getByRole('button', { name: 'People: Grace Sample' }).waitFor();

    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('words'));
    assert.equal(await log.words.inputValue(), '');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.waitForURL('**/log');
    await log.total(/entries$/);
  });

  test('of time are there in one click, and as a range of one’s own', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open();
    await log.chooseTime('Last 7 days');
    await page.waitForURL('**/log?last=7d');
    await page.getByRole('button', { name: 'Time: Last 7 days' }).click();
    const opened = page.getByRole('dialog', { name: 'Time' });
    await opened.getByLabel('From').fill('2020-01-01T00:00');
    await opened.getByLabel('To').fill('2019-01-01T00:00');
    await opened.getByRole('button', { name: 'Set the range' }).click();
    await opened.getByText('The end is before the start.').waitFor();
    await opened.getByLabel('To').fill('2020-02-01T00:00');
    await opened.getByRole('button', { name: 'Set the range' }).click();
    // The browser is in Berlin; the address says it without a zone of its own.
    await page.waitForURL((url) => url.searchParams.get('from') === '2019-12-31T23:00:00Z');
    await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
    await page.getByRole('button', { name: 'Clear all filters' }).click();
    await log.rows.first().waitFor();
  });

  test('are set by the chart: a range that is dragged over, an action that is pressed', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open();
    const image = log.chart.getByRole('img');
    // What it is drawn on comes after the page.
    await image.locator('canvas').waitFor();
    await page.waitForLoadState('networkidle');
    const box = await image.boundingBox();
    assert.ok(box);
    const before = await image.getAttribute('aria-label');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.4, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=.*&to=/);
    const { searchParams } = new URL(page.url());
    const [from, to] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name) ?? ''));
    const days = ((to ?? 0) - (from ?? 0)) / 86_400_000;
    assert.ok(days > 20 && days < 50, `${days} days were chosen by a fifth of 170`);
    const count = await countOf(searchParams.toString());
    assert.ok(count > 0 && count < ground.entries / 2);
    await log.totalNear(count);
    assert.notEqual(await image.getAttribute('aria-label'), before);
    await log.chart.getByRole('button', { name: /^Deleted/ }).click();
    await page.waitForURL(/action=deleted/);
    await log.chart.getByRole('button', { name: /^Deleted/, pressed: true }).waitFor();
  });
});

suite('the list', () => {
  test('is scrolled far in bounded memory, forth and back, without a gap', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page, context } = visitor;
    const log = new LogPage(page);
    await log.open();
    const inspector = await context.newCDPSession(page);
    const nameOf = () => log.rows.first().getByRole('gridcell').last().innerText();
    const first = await nameOf();
    await log.list.focus();
    await far(log, 20);
    const early = await memoryOf(inspector);
    const rows = await far(log, Math.min(200, Math.floor(ground.entries / 100) - 25));
    const late = await memoryOf(inspector);
    measured(`Elements after ${rows.toLocaleString('en')} rows`, `${late.nodes} (at first ${early.nodes})`);
    measured('  JavaScript memory there', `${megabytes(late.bytes)} (at first ${megabytes(early.bytes)})`);
    assert.ok(late.nodes < early.nodes + 500, `${early.nodes} elements became ${late.nodes}`);
    assert.ok(late.bytes < early.bytes + 12 * 2 ** 20, `${early.bytes} bytes became ${late.bytes}`);
    // Newer entries may stand above it by now.
    await page.keyboard.press('Home');
    await log.list
      .getByText(first.split('\n')[0] ?? '')
      .first()
      .waitFor();
  });

  test('opens an entry beside it, with old and new, and leads to more by the person and on the record', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: mona });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open('?words=harbour+lead+7&action=updated');
    await log.rowOf('Harbour lead 7').click();
    await log.panel.getByRole('heading', { name: /Harbour lead 7/ }).waitFor();
    const change = log.panel.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Lead_Status' }) });
    assert.deepEqual(await change.getByRole('cell').allInnerTexts(), ['New', 'Contacted']);
    await log.list.waitFor();
    await page.waitForURL(/entry=/);
    // The organisation is in Kolkata, the browser in Berlin.
    await log.panel.getByText('Asia/Kolkata').waitFor();
    await log.panel.getByText('Europe/Berlin').waitFor();
    const shared = page.url();
    await log.panel.getByRole('link', { name: 'More on this record' }).click();
    await page.waitForURL(/record_id=777?/);
    await log.total('1 entry');
    await log.panel.getByRole('link', { name: 'More by this person' }).click();
    await page.waitForURL((url) => url.searchParams.get('done_by') === ben.id);
    await log.panel.getByRole('button', { name: 'Close' }).click();
    await log.panel.waitFor({ state: 'detached' });
    // The address of an entry opens it for somebody else.
    await page.goto(shared);
    await log.panel.getByRole('heading', { name: /Harbour lead 7/ }).waitFor();
  });

  test('shows by itself what is recorded meanwhile, when that is wanted', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ada });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open();
    await page.getByRole('switch', { name: 'Live' }).check();
    const lit = `Lighthouse ${Date.now()}`;
    await record(ground, [aVisit(lit)]);
    await log.rowOf(lit).waitFor();
    // Further down nothing moves: the new one waits to be shown.
    await log.list.focus();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('PageDown');
    await log.rowOf(lit).waitFor({ state: 'hidden' });
    await record(ground, [aVisit(`${lit}, put out`)]);
    await page.getByRole('button', { name: /new entr(y|ies)$/ }).click();
    await log.rowOf(`${lit}, put out`).waitFor();
  });
});

suite('what a person may not see', () => {
  test('is neither in the list, nor counted, nor offered, nor found by its address', async () => {
    const [hidden] = await entriesOf('per_page=1&module=Leads&words=contact');
    assert.ok(hidden !== undefined);
    const [key] = await keysOf('per_page=1&module=Leads&words=contact');
    await using visitor = await Visitor.open(browser, origin, { as: mona });
    const { page } = visitor;
    const log = new LogPage(page);
    await log.open('?module=Leads');
    await log.total(`${benEntries} entries`);
    for (const row of await log.rows.allInnerTexts()) assert.match(row, /Ben Member/);
    await page.getByRole('button', { name: /^People/ }).click();
    const people = page.getByRole('dialog', { name: 'People' });
    await people.getByRole('checkbox', { name: 'Ben Member' }).waitFor();
    await people.getByRole('searchbox').fill('Sample');
    await people.getByText('Nothing of that name.').waitFor();
    await page.keyboard.press('Escape');
    await log.open(`?module=Leads&entry=${key}`);
    await log.panel.getByText('This entry is not there, or not for you to see.').waitFor();
    await page.goto(`/log?module=Leads&words=${encodeURIComponent('contact')}`);
    await page.getByRole('heading', { name: 'Nothing matches these filters' }).waitFor();
  });
});

async function keysOf(search: string): Promise<readonly string[]> {
  const { entries } = (await restOf(ground).json(`/api/v1/entries?${search}`)) as {
    entries: { id: string; audited_time: string }[];
  };
  return entries.map(({ id, audited_time: time }) => `${Date.parse(time) / 1000}-${id}`);
}

function aVisit(name: string): object {
  const time = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
  return {
    action: 'added',
    done_by: { id: ben.id, name: ben.name },
    module: { api_name: 'Tasks' },
    record: { id: '99', name },
    audited_time: time,
  };
}

/** Goes to the end of what is known, so many times; how many rows the list has then. */
async function far(log: LogPage, times: number): Promise<number> {
  for (let time = 0; time < times; time += 1) {
    const reached = await lastRow(log);
    await log.page.keyboard.press('End');
    await waitUntil(async () => (await lastRow(log)) > reached);
  }
  return lastRow(log);
}

async function lastRow(log: LogPage): Promise<number> {
  return Number((await log.rows.last().getAttribute('aria-rowindex')) ?? 0);
}

interface Memory {
  readonly nodes: number;
  readonly bytes: number;
}

async function memoryOf(inspector: CDPSession): Promise<Memory> {
  await inspector.send('Performance.enable');
  await inspector.send('HeapProfiler.collectGarbage');
  const { metrics } = await inspector.send('Performance.getMetrics');
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { nodes: metric('Nodes'), bytes: metric('JSHeapUsedSize') };
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
