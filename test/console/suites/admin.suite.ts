/** Administration: each thing that can be changed is changed by hand, counts at once, and is told in the log. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { dataFolder, serve } from '../../clients/annals.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { savedBytes } from '../downloads.ts';
import { type Ground, restOf, settle } from '../ground.ts';
import { LogPage } from '../log-page.ts';

let ground: Ground;
let browser: Browser;
const opened = new AsyncDisposableStack();

// A small log of its own: people come and go here.
before(async () => {
  browser = await openBrowser();
  opened.defer(() => browser.close());
  const folder = opened.use(await dataFolder(1_000));
  ground = await settle(opened.use(await serve(folder)), 1_000);
});
after(() => opened.disposeAsync());

async function administrator(part: string): Promise<Visitor> {
  const visitor = await Visitor.open(browser, ground.origin, { as: ground.ada });
  await visitor.page.goto('/log');
  await visitor.page.getByRole('link', { name: 'Administration' }).click();
  await visitor.page.getByRole('link', { name: part, exact: true }).click();
  return visitor;
}

/** The entry of the module Annals whose row has all these words, which the log shows to the administrator. */
async function told(page: Page, ...words: readonly string[]): Promise<void> {
  const log = new LogPage(page);
  await log.open('?module=Annals');
  let row: Locator = log.rows;
  for (const word of words) row = row.filter({ hasText: word });
  await row.first().waitFor();
}

/** What a dialog shows once. */
async function secretOf(page: Page, label: string): Promise<string> {
  return (await page.getByRole('dialog').getByRole('status', { name: label }).innerText()).trim();
}

/** Types the name, and goes on when the browser would offer it. */
async function choosePerson(field: Locator, name: string): Promise<void> {
  await field.fill(name);
  await field.page().locator(`datalist option[value^="${name}"]`).waitFor({ state: 'attached' });
}

async function actionFor(page: Page, person: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${person}` }).click();
  await page.getByRole('button', { name: action }).click();
}

suite('people', () => {
  test('are added, changed, given a new password, deactivated, and let in again', async () => {
    await using visitor = await administrator('People');
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add a person' }).click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('Please fill this in.').first().waitFor();
    await dialog.getByLabel('First name').fill('Nia');
    await dialog.getByLabel('Last name').fill('Newcomer');
    await dialog.getByLabel('E-mail').fill('nia@example.com');
    await dialog.getByLabel('Role').selectOption({ label: 'Member' });
    await dialog.getByLabel('Profile').selectOption({ label: 'Standard' });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('dialog', { name: 'One-time password of Nia Newcomer' }).waitFor();
    const first = await secretOf(page, 'One-time password');
    assert.ok(first.length >= 12);
    await page.getByRole('button', { name: 'Done' }).click();

    await using nia = await Visitor.open(browser, ground.origin);
    await nia.page.goto('/login');
    await nia.logIn({ email: 'nia@example.com', password: first });
    await nia.page.getByRole('heading', { name: 'Choose a password' }).waitFor();

    await actionFor(page, 'Nia Newcomer', 'Edit');
    await dialog.getByLabel('Role').selectOption({ label: 'Manager' });
    await choosePerson(dialog.getByLabel('Manager'), 'Mona Manager');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row').filter({ hasText: 'nia@example.com' });
    await row.getByText('Mona Manager').waitFor();

    await actionFor(page, 'Nia Newcomer', 'New one-time password');
    await dialog.getByRole('button', { name: 'Make a one-time password' }).click();
    await page.getByRole('dialog', { name: 'One-time password of Nia Newcomer' }).waitFor();
    assert.notEqual(await secretOf(page, 'One-time password'), first);
    await page.getByRole('button', { name: 'Done' }).click();

    await actionFor(page, 'Nia Newcomer', 'Deactivate');
    await dialog.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Nia Newcomer is deactivated.').waitFor();
    await page.getByLabel('Show').selectOption({ label: 'Deactivated people' });
    await row.waitFor();
    await actionFor(page, 'Nia Newcomer', 'Activate');
    await page.getByText('Nia Newcomer can log in again.').waitFor();
    await told(page, 'Nia Newcomer', 'Ada Auditor');
  });
});

suite('roles, modules and settings', () => {
  test('of which a role is added and renamed', async () => {
    await using visitor = await administrator('Roles');
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add a role' }).click();
    await dialog.getByLabel('Name').fill('Gardener');
    await dialog.getByLabel('Below').selectOption({ label: 'Manager' });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'Edit Gardener' }).click();
    await dialog.getByLabel('Name').fill('Head gardener');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit Head gardener' }).waitFor();
    await told(page, 'Head gardener');
  });

  test('of which a module is called by another name, which the log then shows', async () => {
    await using visitor = await administrator('Modules');
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Edit Leads' }).click();
    await dialog.getByLabel('Several are called').fill('Prospects');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit Prospects' }).waitFor();
    await told(page, 'Ada Auditor', 'Leads');
    const log = new LogPage(page);
    await log.open('?module=Leads');
    await log.rowOf('Prospects').first().waitFor();
  });

  test('of which the time zone says that it holds for later entries', async () => {
    await using visitor = await administrator('Settings');
    const { page } = visitor;
    await page.getByLabel('Days until they are removed').fill('0');
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('A whole number from 1 to 3650, or nothing.').waitFor();
    await page.getByLabel('Days until they are removed').fill('30');
    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await page.getByText('The change holds for later entries.').waitFor();
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('The settings are saved.').waitFor();
    await page.reload();
    assert.equal(await page.getByLabel('Days until they are removed').inputValue(), '30');
    await told(page, 'Ada Auditor', 'My organisation');
  });
});

suite('applications and tokens', () => {
  test('are made with what they may do in words, shown once, and revoked', async () => {
    await using visitor = await administrator('Applications');
    const { page } = visitor;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add an application' }).click();
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Weather station');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('Choose at least one.').waitFor();
    await dialog.getByRole('checkbox').first().check();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('dialog', { name: 'Weather station is added' }).waitFor();
    assert.ok((await secretOf(page, 'Client secret')).length > 20);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke: Weather station' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Weather station is revoked.').waitFor();
    await told(page, 'Weather station');

    await page.goto('/admin/tokens');
    await page.getByRole('button', { name: 'Make an access token' }).click();
    await choosePerson(dialog.getByLabel('Person'), 'Mona Manager');
    await dialog.getByRole('checkbox', { name: /Annals\.entries\.READ/ }).check();
    await dialog.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('dialog', { name: 'The access token' }).waitFor();
    const token = await secretOf(page, 'Access token');
    const answer = () =>
      fetch(`${ground.origin}/api/v1/entries`, { headers: { authorization: `Zoho-oauthtoken ${token}` } });
    assert.notEqual((await answer()).status, 401);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke the access token of Mona Manager' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The token is revoked.').waitFor();
    assert.equal((await answer()).status, 401);
  });
});

suite('the log of what is done here', () => {
  test('tells of log-ins, exports and downloads, and an export does not hold the entry about itself', async () => {
    await using visitor = await Visitor.open(browser, ground.origin);
    const { page } = visitor;
    await page.goto('/exports/new?module=Annals');
    await visitor.logIn(ground.ada);
    await page.getByRole('button', { name: 'Start the export' }).click();
    const row = page.getByRole('list', { name: 'Exports, newest first' }).getByRole('listitem').first();
    await row.getByText('Finished').waitFor();
    const download = page.waitForEvent('download');
    await row.getByRole('link', { name: /^Download/ }).click();
    const csv = Buffer.from(await savedBytes(await download)).toString();
    const { exports } = (await restOf(ground).json('/api/v1/exports')) as { exports: { id: string }[] };
    const id = exports[0]?.id ?? '';
    assert.ok(id !== '' && !csv.includes(id), 'the export holds the entry about itself');
    await told(page, 'Exported', id);
    await told(page, 'Downloaded', id);
    await told(page, 'Signed in', 'Ada Auditor');
  });
});
