/** The log page as a person finds their way in it: by roles and labels. */
import type { Locator, Page, Response } from 'playwright-core';
import { waitUntil } from './wait.ts';

export class LogPage {
  readonly page: Page;
  readonly list: Locator;
  readonly chart: Locator;
  readonly words: Locator;
  readonly panel: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole('grid', { name: 'Entries, newest first' });
    this.chart = page.getByRole('region', { name: 'Entries over time' });
    this.words = page.getByLabel('Words in the record’s name');
    this.panel = page.getByRole('region', { name: 'Entry', exact: true });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/log${search}`);
    await this.rows.first().waitFor();
  }

  /** Those of entries, not the head nor what stands below the last. */
  get rows(): Locator {
    return this.list.getByRole('row').filter({ has: this.page.getByRole('time') });
  }

  rowOf(name: string): Locator {
    return this.rows.filter({ hasText: name });
  }

  /** Ticks one entry of the filter that is called so: People, Modules or Actions. */
  async tick(filter: string, choice: string): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: new RegExp(`^${filter}\\b`) }).click();
    const opened = page.getByRole('dialog', { name: filter });
    await opened.getByRole('searchbox').fill(choice);
    await opened.getByRole('checkbox', { name: choice, exact: true }).check();
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'detached' });
  }

  async chooseTime(preset: string): Promise<void> {
    await this.page.getByRole('button', { name: /^Time:/ }).click();
    await this.page.getByRole('dialog', { name: 'Time' }).getByRole('radio', { name: preset }).click();
  }

  /** Waits until the chart says so many; a regular expression or the words. */
  async total(words: RegExp | string): Promise<void> {
    await this.chart.getByText(words).waitFor();
  }

  /** Waits until the chart says so many, or "about" a number that is not far from it. */
  async totalNear(count: number): Promise<void> {
    const said = () => this.chart.getByText(/^(about )?[\d,]+ entr(y|ies)$/i).innerText();
    await waitUntil(async () => {
      const words = await said();
      const number = Number(words.replaceAll(/\D/g, ''));
      return /^about/i.test(words) ? Math.abs(number - count) < 0.03 * count : number === count;
    }, `a total of ${count}`);
  }

  /** The answers to what the page asks because of `act`: the entries and the chart. */
  async answersTo(act: () => Promise<void>): Promise<{ readonly entries: Response; readonly histogram: Response }> {
    const isOf = (path: string) => (response: Response) => new URL(response.url()).pathname === path;
    const [entries, histogram] = await Promise.all([
      this.page.waitForResponse(isOf('/api/v1/entries')),
      this.page.waitForResponse(isOf('/api/v1/entries/histogram')),
      act(),
    ]);
    return { entries, histogram };
  }
}
