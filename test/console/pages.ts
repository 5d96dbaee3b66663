/** Every page of the console, each in a state that shows much of it. */
import type { Page } from 'playwright-core';
import { redirectUri } from '../clients/annals.ts';
import type { Ground, Person } from './ground.ts';
import { LogPage } from './log-page.ts';

export interface Sight {
  readonly name: string;
  readonly as: (ground: Ground) => Person | null;
  /** Goes there, and waits until all is there. */
  readonly show: (page: Page, ground: Ground) => Promise<void>;
}

const nobody = () => null;
const ada = ({ ada: person }: Ground) => person;
const mona = ({ mona: person }: Ground) => person;

function at(path: string, heading: string | RegExp): Sight['show'] {
  return async (page) => {
    await page.goto(path);
    await page
      .getByRole('heading', { name: heading, exact: typeof heading === 'string' })
      .first()
      .waitFor();
    await settled(page);
  };
}

/** Nothing is on its way any more: no skeleton, no busy part. */
async function settled(page: Page): Promise<void> {
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

async function showLog(page: Page, search: string): Promise<LogPage> {
  const log = new LogPage(page);
  await log.open(search);
  await log.chart.getByRole('img').locator('canvas').waitFor();
  await settled(page);
  return log;
}

export const sights: readonly Sight[] = [
  { name: 'login', as: nobody, show: at('/login', 'Log in') },
  {
    name: 'log',
    as: ada,
    show: async (page) => {
      await showLog(page, '');
    },
  },
  {
    name: 'log-filtered',
    as: ada,
    show: async (page) => {
      await showLog(page, '?module=Deals&action=updated&action=deleted&words=sample');
    },
  },
  {
    name: 'log-entry',
    as: mona,
    show: async (page) => {
      const log = await showLog(page, '?words=harbour&action=updated');
      await log.rows.first().click();
      await log.panel.getByText('Recorded by').waitFor();
      await settled(page);
    },
  },
  {
    name: 'log-people',
    as: ada,
    show: async (page) => {
      await showLog(page, '');
      const filters = page.getByRole('button', { name: 'Filters' });
      if (await filters.isVisible()) await filters.click();
      else await page.getByRole('button', { name: 'People' }).click();
      await settled(page);
    },
  },
  { name: 'log-nothing', as: mona, show: at('/log?words=no-record-is-called-so', 'Nothing matches these filters') },
  { name: 'exports', as: ada, show: at('/exports', 'Exports') },
  {
    name: 'export',
    as: ada,
    show: async (page) => {
      await at('/exports', 'Exports')(page, {} as Ground);
      const list = page.getByRole('list', { name: 'Exports, newest first' });
      await list.getByRole('link').first().click();
      await page.getByRole('heading', { name: /^Export \d+/ }).waitFor();
      await settled(page);
    },
  },
  { name: 'export-new', as: ada, show: at('/exports/new?module=Leads', 'New export') },
  ...['people', 'roles', 'applications', 'tokens', 'modules', 'settings'].map((part) => ({
    name: `admin-${part}`,
    as: ada,
    show: at(`/admin/${part}`, 'Administration'),
  })),
  {
    name: 'admin-person-dialog',
    as: ada,
    show: async (page, ground) => {
      await at('/admin/people', 'Administration')(page, ground);
      await page.getByRole('button', { name: 'Add a person' }).click();
      await page.getByRole('dialog').getByLabel('Last name').waitFor();
    },
  },
  {
    name: 'admin-application-dialog',
    as: ada,
    show: async (page, ground) => {
      await at('/admin/applications', 'Administration')(page, ground);
      await page.getByRole('button', { name: 'Add an application' }).click();
      await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
    },
  },
  { name: 'account', as: ada, show: at('/account', 'Account') },
  {
    name: 'account-menu',
    as: ada,
    show: async (page, ground) => {
      await at('/account', 'Account')(page, ground);
      await page.getByRole('button', { name: /^Account menu/ }).click();
      await page.getByRole('button', { name: 'Log out' }).last().waitFor();
    },
  },
  {
    name: 'consent',
    as: ada,
    show: (page, ground) =>
      at(
        `/oauth/v2/auth?${new URLSearchParams({
          client_id: ground.initialised.client.id,
          redirect_uri: redirectUri,
          response_type: 'code',
          scope: 'ZohoCRM.settings.audit_logs.ALL,Annals.entries.READ',
          state: 'x',
        })}`,
        /asks for access$/,
      )(page, ground),
  },
  { name: 'consent-refused', as: ada, show: at('/oauth/v2/auth?client_id=1', 'This request cannot be answered') },
  {
    name: 'docs',
    as: nobody,
    show: async (page) => {
      await page.goto('/docs');
      await page.getByRole('heading', { name: 'API reference' }).waitFor();
      await page
        .getByRole('button', { name: /\/api\/v1\/entries/ })
        .first()
        .waitFor();
    },
  },
  { name: 'not-found', as: ada, show: at('/admin/nowhere', 'There is no such page') },
  { name: 'not-administrator', as: mona, show: at('/admin/people', 'Only administrators may see this page') },
];
