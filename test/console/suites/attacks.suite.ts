/** What somebody tries who wants in, or wants to use what another one has open. On a small server of their own. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { dataFolder, serve } from '../../clients/annals.ts';
import { openBrowser, Visitor } from '../browser.ts';
import { cookieHeader, type Ground, newSession, record, restOf, settle } from '../ground.ts';

/** A server whose throttle and sessions may be worn out. */
let ground: Ground;
let browser: Browser;
const opened = new AsyncDisposableStack();

before(async () => {
  browser = await openBrowser();
  opened.defer(() => browser.close());
  const folder = opened.use(await dataFolder());
  ground = await settle(opened.use(await serve(folder)), 0);
});
after(() => opened.disposeAsync());

const sessionCookie = 'annals_session';

suite('guessing', () => {
  test('is stopped, also for who then knows the password, and the page says for how long', async () => {
    const { origin, mona, ben } = ground;
    await using visitor = await Visitor.open(browser, origin);
    const { page } = visitor;
    await page.goto('/login');
    const wrong = page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong.' });
    const stopped = page
      .getByRole('alert')
      .filter({ hasText: /Too many attempts\. Try again in \d+ (minutes|seconds)/ });
    let tries = 0;
    while ((await stopped.count()) === 0) {
      assert.ok(tries < 20, 'guessing goes on and on');
      tries += 1;
      const answer = page.waitForResponse('**/api/v1/session');
      await visitor.logIn({ email: mona.email, password: `guess ${tries}` });
      await answer;
      await wrong.or(stopped).waitFor();
    }
    assert.equal(tries, 6);
    await visitor.logIn(mona);
    await stopped.waitFor();
    // Others are not kept out by it.
    await visitor.logIn(ben);
    await page.getByRole('link', { name: 'Exports' }).waitFor();
  });
});

suite('a session', () => {
  test('has a cookie that no script reads and no other site is sent on a write', async () => {
    const { origin, ada } = ground;
    await using visitor = await Visitor.open(browser, origin);
    await visitor.page.goto('/login');
    await visitor.logIn(ada);
    await visitor.page.getByRole('grid').waitFor();
    const cookies = await visitor.context.cookies();
    for (const { name, httpOnly, sameSite, secure, path } of cookies) {
      assert.deepEqual(
        { httpOnly, sameSite, secure, path },
        { httpOnly: true, sameSite: 'Lax', secure: false, path: '/' },
        name,
      );
    }
    assert.ok(cookies.some(({ name }) => name === sessionCookie));
    assert.equal(await visitor.page.evaluate('document.cookie'), '');
    assert.equal(await visitor.page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })'), '{}');
  });

  test('behind https has a cookie that goes by https only, and to this host only', async () => {
    await using folder = await dataFolder();
    const publicUrl = 'https://log.example';
    await using server = await serve(folder, { env: { ANNALS_PUBLIC_URL: publicUrl } });
    const response = await fetch(`${server.origin}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: publicUrl },
      body: JSON.stringify(folder.initialised.admin),
    });
    assert.equal(response.status, 200);
    for (const cookie of response.headers.getSetCookie()) {
      assert.match(cookie, /^__Host-annals_/);
      for (const flag of [/; Secure/i, /; HttpOnly/i, /; SameSite=Lax/i, /; Path=\//i]) assert.match(cookie, flag);
      assert.doesNotMatch(cookie, /Domain=/i);
    }
  });

  test('that somebody has put into the browser is not that of whoever logs in', async () => {
    const { origin, ada, ben } = ground;
    const bens = (await newSession(origin, ben)).find(([name]) => name === sessionCookie)?.[1] ?? '';
    for (const planted of ['chosen-by-somebody', bens]) {
      await using visitor = await Visitor.open(browser, origin);
      const { page } = visitor;
      await page.goto('/login');
      await page.getByLabel('E-mail').waitFor();
      // After the page has looked who is logged in: from now on it is the browser that brings it along.
      await visitor.context.addCookies([{ name: sessionCookie, value: planted, url: origin }]);
      await visitor.logIn(ada);
      await page.getByRole('button', { name: `Account menu of ${ada.name}` }).waitFor();
      const cookies = await visitor.context.cookies();
      assert.notEqual(cookies.find(({ name }) => name === sessionCookie)?.value, planted);
      const held = await fetch(`${origin}/api/v1/session`, { headers: { cookie: `${sessionCookie}=${planted}` } });
      assert.equal(held.status, 401);
    }
  });

  test('is over on the server too when its person has logged out', async () => {
    const { origin, ada } = ground;
    const cookies = await newSession(origin, ada);
    await using visitor = await Visitor.open(browser, origin, { as: { ...ada, cookies } });
    await visitor.page.goto('/log');
    await visitor.page.getByRole('grid').waitFor();
    await visitor.logOut();
    const headers = { cookie: cookieHeader(cookies) };
    assert.equal((await fetch(`${origin}/api/v1/session`, { headers })).status, 401);
    assert.equal((await fetch(`${origin}/api/v1/entries`, { headers })).status, 401);
  });
});

suite('a page of another origin', () => {
  test('can do nothing in the name of who is logged in, nor read, nor show the console in a frame', async () => {
    const { origin, ada } = ground;
    // localhost is another site; another port of this host is the same site and yet another origin.
    for (const host of ['localhost', '127.0.0.1']) {
      await using evil = await evilSite(origin);
      await using visitor = await Visitor.open(browser, origin, { as: ada });
      const { page } = visitor;
      const outcome = Promise.withResolvers<string>();
      await page.exposeFunction('tell', (told: string) => outcome.resolve(told));
      await page.goto(`http://${host}:${evil.port}/`);
      assert.equal(await outcome.promise, 'read nothing');
      const [, frame] = page.frames();
      assert.ok(frame !== undefined && !frame.url().startsWith(origin), 'the console is shown in a frame');
      await page.getByRole('button', { name: 'You have won' }).click();
      await page.waitForURL(`${origin}/**`);
      visitor.takeProblems(); // what the evil page was refused
      // Still logged in, as the same person, and nothing was started.
      await page.goto('/exports');
      await page.getByRole('button', { name: `Account menu of ${ada.name}` }).waitFor();
      await page.getByRole('heading', { name: 'No exports yet' }).waitFor();
      const users = (await restOf(ground).json('/crm/v8/users?type=AllUsers')) as { users: { full_name: string }[] };
      assert.ok(!users.users.some(({ full_name: name }) => /mallory/i.test(name)));
    }
  });

  test('cannot log its own person in', async () => {
    const { origin, ben } = ground;
    const sent = { method: 'POST', body: JSON.stringify({ email: ben.email, password: ben.password }) };
    for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
      const response = await fetch(`${origin}/api/v1/session`, {
        ...sent,
        headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      });
      assert.equal(response.status, 403, JSON.stringify(headers));
      assert.deepEqual(response.headers.getSetCookie(), []);
    }
  });

  test('is not where one comes to after the log-in', async () => {
    const { origin, ada } = ground;
    const elsewhere = [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '/\t/evil.example/',
      '/%5cevil.example/..//evil.example/',
      '///evil.example',
      'javascript:alert(1)',
      'data:text/html,evil',
      '/login?next=//evil.example',
      `${origin}@evil.example/`,
    ];
    await using guest = await Visitor.open(browser, origin);
    await guest.page.goto(`/login?${new URLSearchParams({ next: '//evil.example/' })}`);
    await guest.logIn(ada);
    await guest.page.getByRole('grid').waitFor();
    assert.equal(guest.place, '/log');
    await using known = await Visitor.open(browser, origin, { as: ada });
    for (const next of elsewhere) {
      await known.page.goto(`/login?${new URLSearchParams({ next })}`);
      await known.page.getByRole('button', { name: /^Account menu/ }).waitFor();
      assert.equal(new URL(known.page.url()).origin, origin, next);
    }
  });
});

suite('what an entry holds', () => {
  test('is shown as text, whatever it is', async () => {
    const script = '<img src=x onerror="document.title=\'broken into\'">';
    await record(ground, [
      {
        action: 'updated',
        done_by: { id: ground.ben.id, name: ground.ben.name },
        module: { api_name: 'Leads' },
        record: { id: '1', name: script },
        related_record: { module: 'Accounts', name: script },
        account_name: script,
        changes: [{ field: script, old: script, new: { deep: script } }],
      },
    ]);
    await using visitor = await Visitor.open(browser, ground.origin, { as: ground.ada });
    const { page } = visitor;
    await page.goto('/log');
    await page.getByRole('row').filter({ hasText: script }).click();
    await page.getByRole('region', { name: 'Entry', exact: true }).getByRole('table').waitFor();
    assert.match(await page.title(), /^Log/);
    assert.equal(await page.getByRole('img').filter({ hasText: /x/ }).count(), 0);
  });
});

suite('who is no administrator', () => {
  test('is shown no administration, and is refused what it would do', async () => {
    const { origin, mona } = ground;
    await using visitor = await Visitor.open(browser, origin, { as: mona });
    const { page } = visitor;
    await page.goto('/admin/people');
    await page.getByRole('heading', { name: 'Only administrators may see this page' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /^Admin/ }).count(), 0);
    const headers = { cookie: cookieHeader(mona.cookies), origin, 'content-type': 'application/json' };
    for (const [method, path] of [
      ['GET', 'users'],
      ['GET', 'clients'],
      ['GET', 'tokens'],
      ['GET', 'organisation'],
      ['PATCH', 'organisation'],
      ['POST', 'users'],
      ['POST', 'tokens'],
    ] as const) {
      const body = method === 'GET' ? {} : { body: '{}' };
      const response = await fetch(`${origin}/api/v1/admin/${path}`, { method, headers, ...body });
      assert.equal(response.status, 403, `${method} ${path}`);
    }
  });
});

interface EvilSite extends AsyncDisposable {
  readonly port: number;
}

/** A page that tries what a page can try against `target`, and says what it has read. */
async function evilSite(target: string): Promise<EvilSite> {
  const html = `<!doctype html><title>Win a prize</title>
    <iframe src="${target}/log"></iframe>
    <form action="${target}/api/v1/exports" method="post" enctype="text/plain">
      <input type="hidden" name='{"words":"' value='"}'><button>You have won</button>
    </form>
    <script type="module">
      const target = ${JSON.stringify(target)};
      const person = JSON.stringify({ first_name: 'Mallory', last_name: 'Mallory', email: 'mallory@example.com' });
      const tries = [
        ['GET', '/api/v1/session'],
        ['GET', '/api/v1/entries'],
        ['POST', '/api/v1/exports', '{}', 'application/json'],
        ['POST', '/api/v1/exports', '{}', 'text/plain'],
        ['POST', '/api/v1/admin/users', person, 'application/json'],
        ['POST', '/api/v1/admin/users', person, 'text/plain'],
        ['DELETE', '/api/v1/session'],
        ['PUT', '/api/v1/session/password', '{}', 'text/plain'],
      ];
      const read = [];
      for (const [method, path, body, type] of tries) {
        for (const mode of ['cors', 'no-cors']) {
          try {
            const headers = type === undefined ? {} : { 'content-type': type };
            const response = await fetch(target + path, { method, mode, body, headers, credentials: 'include' });
            const text = await response.text();
            if (text !== '') read.push(text);
          } catch {}
        }
      }
      await new Promise((done) => (document.readyState === 'complete' ? done() : addEventListener('load', done)));
      tell(read.length === 0 ? 'read nothing' : read.join());
    </script>`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo; // of a TCP server that listens
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
