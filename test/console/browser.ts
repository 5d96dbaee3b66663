/** Debian's Chromium, and people who sit before it. */
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  chromium as playwright,
} from 'playwright-core';
import type { Person } from './ground.ts';

export const chromium = 'chromium';

/** Milliseconds. Long, since a machine may be busy: nothing waits for it to pass, only for what is to come. */
export const patienceMs = 30_000;

export function openBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: whereIs(chromium),
    // As root, as in CI, Chromium has no sandbox of its own; it is shown only pages of this machine.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb'],
    handleSIGINT: false,
  });
}

function whereIs(command: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, command);
    try {
      accessSync(path);
      return path;
    } catch {
      // not in this folder
    }
  }
  throw new Error(`there is no ${command} on the PATH`);
}

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export interface VisitorOptions {
  /** Who is logged in already; nobody unless given. */
  readonly as?: Person;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  readonly context?: BrowserContextOptions;
}

/**
 * A browser profile of its own with one page. When it is put away it throws if the page broke anywhere: an error that
 * nobody caught, a breach of the content policy, an answer of 500.
 */
export class Visitor implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
  readonly #problems: string[] = [];

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    this.origin = origin;
    page.on('pageerror', (error) => this.#problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' || /^Failed to load resource/.test(message.text())) return;
      this.#problems.push(`console: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.#problems.push(`${response.status()} ${response.url()}`);
    });
  }

  static async open(browser: Browser, origin: string, options: VisitorOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: origin,
      viewport: options.viewport ?? desktop,
      colorScheme: options.theme ?? 'light',
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      ...options.context,
    });
    context.setDefaultTimeout(patienceMs);
    const cookies = options.as?.cookies ?? [];
    await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: origin })));
    return new Visitor(context, await context.newPage(), origin);
  }

  /** The path with its query that the page is at. */
  get place(): string {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** Types address and password into the log-in that is shown, and sends them. */
  async logIn({ email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async logOut(): Promise<void> {
    await this.page.getByRole('button', { name: /^Account menu of/ }).click();
    await this.page.getByRole('button', { name: 'Log out' }).click();
    await this.page.waitForURL('**/login');
  }

  /** What went wrong until now; forgets it. */
  takeProblems(): readonly string[] {
    return this.#problems.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    const problems = this.takeProblems();
    if (problems.length > 0) throw new Error(`the page broke:\n${problems.join('\n')}`);
  }
}
