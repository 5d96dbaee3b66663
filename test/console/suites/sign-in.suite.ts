/** Who is let in, and how: the log-in, the first password, download links, applications that ask for access. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { redirectUri } from '../../clients/annals.ts';
import { sha256 } from '../../clients/rest.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { savedBytes } from '../downloads.ts';
import { addPerson, givenGround, restOf } from '../ground.ts';

const ground = givenGround();
const { origin } = ground;
let browser: Browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

suite('logging in', () => {
  test('with a one-time password leads to choosing another, and then to the log', async () => {
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    const { email, password: oneTime } = ground.initialised.admin;
    const own = 'a lighthouse near the sea';
    await page.goto('/');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();

    await visitor.logIn({ email, password: 'not the password' });
    await page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong.' }).waitFor();
    await visitor.logIn({ email: 'nobody@example.com', password: oneTime });
    await page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong.' }).waitFor();

    await visitor.logIn({ email, password: oneTime });
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    // Nothing else is open before it is done.
    await page.goto('/exports');
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    const choose = async (next: string, repeat: string) => {
      await page.getByLabel('One-time password').fill(oneTime);
      await page.getByLabel('New password', { exact: true }).fill(next);
      await page.getByLabel('New password, once more').fill(repeat);
      await page.getByRole('button', { name: 'Set the password' }).click();
    };
    await choose('too short', 'too short');
    await page.getByText('Use 12 characters or more.', { exact: true }).waitFor();
    await choose(own, `${own}!`);
    await page.getByText('The two are not the same.').waitFor();
    await choose(email, email);
    await page.getByRole('alert').waitFor();
    await choose(own, own);
    await page.getByRole('heading', { name: 'Exports', exact: true }).waitFor();

    await visitor.logOut();
    await page.goto('/log');
    await page.waitForURL('**/login?next=%2Flog');
    await visitor.logIn({ email, password: oneTime });
    await page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong.' }).waitFor();
    await visitor.logIn({ email, password: own });
    await page.getByRole('grid', { name: 'Entries, newest first' }).waitFor();
    assert.equal(visitor.place, '/log');
  });

  test('leads back to the view that was asked for, and logging out leaves nothing of it', async () => {
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    await page.goto('/log?module=Leads&action=added');
    await visitor.logIn(ground.mona);
    await page.getByRole('grid').waitFor();
    assert.equal(visitor.place, '/log?module=Leads&action=added');
    await visitor.logOut();
    await page.goBack();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await page.getByText('Harbour lead').count(), 0);
  });

  test('is asked for again when the session was ended elsewhere', async () => {
    const guest = await addPerson(place(), { name: 'Gus Guest', role: 'Member', profile: 'Standard' });
    await using visitor = await Visitor.open(browser, origin, { as: guest });
    await using other = await Visitor.open(browser, origin);
    await visitor.page.goto('/log');
    await visitor.page.getByRole('main').waitFor();
    // Somewhere else the same person changes the password, which ends the other sessions.
    await other.page.goto('/account');
    await other.logIn(guest);
    const changed = 'a meadow with nine gates';
    await other.page.getByLabel('Current password').fill(guest.password);
    await other.page.getByLabel('New password', { exact: true }).fill(changed);
    await other.page.getByLabel('New password, once more').fill(changed);
    await other.page.getByRole('button', { name: 'Set the password' }).click();
    await other.page.getByText('Your password is changed.').waitFor();

    await visitor.page.getByRole('link', { name: 'Exports' }).click();
    await visitor.page.getByRole('heading', { name: 'Log in' }).waitFor();
    await visitor.logIn({ email: guest.email, password: changed });
    await visitor.page.getByRole('heading', { name: 'Exports', exact: true }).waitFor();
  });
});

suite('a download link', () => {
  test('that is opened while logged out leads to the log-in, and then to the file', async () => {
    const rest = restOf(ground);
    const job = await rest.export({ field: { api_name: 'done_by' }, comparator: 'in', value: [{ id: ground.ben.id }] });
    const [link = ''] = job.download_links;
    const wanted = await rest.download(link);
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    await page.goto(link);
    await page.getByText('Log in, and your download starts.').waitFor();
    const download = page.waitForEvent('download');
    await visitor.logIn(ground.ada);
    const bytes = await savedBytes(await download);
    assert.equal(sha256(bytes), wanted.sha256);
    await page.getByRole('heading', { name: 'Exports', exact: true }).waitFor();
  });
});

suite('an application', () => {
  const scope = 'ZohoCRM.settings.audit_logs.ALL';
  const address = (changed: Record<string, string> = {}) =>
    `/oauth/v2/auth?${new URLSearchParams({
      client_id: ground.initialised.client.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      access_type: 'offline',
      state: 'kept as it is',
      scope,
      ...changed,
    })}`;

  /** Where the application would be told; nothing listens there. */
  async function answerBack(visitor: Visitor): Promise<void> {
    await visitor.context.route(`${redirectUri}**`, (route) => route.fulfill({ body: 'back at the application' }));
  }

  test('is let in by a person who is told what it could do, and gets what it asked for', async () => {
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    await answerBack(visitor);
    await page.goto(address());
    await visitor.logIn(ground.ada);
    await page.getByRole('heading', { name: /asks for access$/ }).waitFor();
    await page.getByText(ground.ada.email).waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${redirectUri}**`);
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get('state'), 'kept as it is');
    const { id, secret } = ground.initialised.client;
    const response = await fetch(`${origin}/oauth/v2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: id,
        client_secret: secret,
        redirect_uri: redirectUri,
        code: searchParams.get('code') ?? '',
      }),
    });
    const granted = (await response.json()) as Record<string, unknown>;
    assert.equal(typeof granted.access_token, 'string', JSON.stringify(granted));
    assert.equal(granted.scope, scope);
  });

  test('is told so when it is denied', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ground.ada });
    await answerBack(visitor);
    await visitor.page.goto(address());
    await visitor.page.getByRole('button', { name: 'Deny' }).click();
    await visitor.page.waitForURL(`${redirectUri}**`);
    const { searchParams } = new URL(visitor.page.url());
    assert.equal(searchParams.get('error'), 'access_denied');
    assert.equal(searchParams.get('state'), 'kept as it is');
    assert.equal(searchParams.get('code'), null);
  });

  test('that would be answered at an address that is not its own is refused, and nobody is sent there', async () => {
    await using visitor = await Visitor.open(browser, origin, { as: ground.ada });
    await visitor.page.goto(address({ redirect_uri: 'http://127.0.0.1:1/stolen' }));
    await visitor.page.getByRole('heading', { name: 'This request cannot be answered' }).waitFor();
    assert.equal(await visitor.page.getByRole('button', { name: 'Allow' }).count(), 0);
    assert.equal(new URL(visitor.page.url()).origin, origin);
  });
});

function place() {
  return { origin, folder: { path: ground.dataPath } };
}
