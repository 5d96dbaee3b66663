/** What somebody tries who wants in, or wants to use another one's session. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { logInAllowances } from '../../src/access/throttle.ts';
import { anEntry, Fixture, origin } from './fixture.ts';

const url = '/api/v1/session';
const email = 'admin@example.com';

type Answer = Awaited<ReturnType<Fixture['inject']>>;
type Sent = { readonly headers?: Record<string, string>; readonly remoteAddress?: string };

function logIn(fixture: Fixture, payload: { email: string; password: string }, sent: Sent = {}): Promise<Answer> {
  return fixture.inject({ method: 'POST', url, payload, token: null, ...sent });
}

function oneTime(fixture: Fixture): Promise<string> {
  return fixture.parts.directory.resetPassword(fixture.org.zgid, fixture.org.adminId);
}

function cookieOf(answer: Answer): string {
  return answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

suite('guessing', () => {
  test('gets the same answer for an unknown user, a wrong password, and a user who may not log in', async () => {
    await using fixture = await Fixture.open();
    await fixture.addUser('second@example.com', { profile: 'Administrator' });
    const gone = await fixture.addUser('gone@example.com');
    await fixture.parts.directory.updateUser(fixture.org.zgid, gone.id, { status: 'inactive' });
    const answers = [];
    for (const who of [email, 'nobody@example.com', 'gone@example.com', 'no address', '']) {
      const { statusCode, headers, body } = await logIn(fixture, { email: who, password: 'wrong' });
      const { date: _date, ...rest } = headers;
      answers.push({ statusCode, headers: rest, body });
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.statusCode, 401);
    assert.equal(JSON.parse(answers[0]?.body ?? '').code, 'INVALID_CREDENTIALS');
    assert.equal(answers[0]?.headers['set-cookie'], undefined);
  });

  test('is stopped for an account that there is as for one that there is not, with the time to wait', async () => {
    await using fixture = await Fixture.open();
    const { burst, refillMs } = logInAllowances.pair;
    const password = await oneTime(fixture);
    for (const [who, remoteAddress] of [
      [email, '203.0.113.1'],
      ['nobody@example.com', '203.0.113.2'],
    ] as const) {
      for (let n = 0; n < burst; n += 1) {
        const answer = await logIn(fixture, { email: who, password: 'wrong' }, { remoteAddress });
        assert.equal(answer.statusCode, 401);
      }
      const answer = await logIn(fixture, { email: who.toUpperCase(), password }, { remoteAddress });
      assert.equal(answer.statusCode, 429);
      assert.equal(answer.json().code, 'TOO_MANY_REQUESTS');
      assert.equal(answer.headers['retry-after'], String(refillMs / 1_000));
    }
    // From elsewhere, and here after the time that was named, the right password still opens.
    const here = { remoteAddress: '203.0.113.1' };
    assert.equal((await logIn(fixture, { email, password }, { remoteAddress: '203.0.113.3' })).statusCode, 200);
    fixture.now += refillMs;
    assert.equal((await logIn(fixture, { email, password }, here)).statusCode, 200);
  });

  test('at once is counted one by one', async () => {
    await using fixture = await Fixture.open();
    const { burst } = logInAllowances.pair;
    const tries = Array.from({ length: 3 * burst }, () => logIn(fixture, { email, password: 'wrong' }));
    const statuses = (await Promise.all(tries)).map(({ statusCode }) => statusCode);
    assert.equal(statuses.filter((status) => status === 401).length, burst);
    assert.equal(statuses.filter((status) => status === 429).length, 2 * burst);
  });

  test('by a stranger does not keep out a browser that was logged in with, though its address is the stranger’s', async () => {
    await using fixture = await Fixture.open();
    const password = await oneTime(fixture);
    const cookie = cookieOf(await logIn(fixture, { email, password }));
    const { burst } = logInAllowances.pair;
    for (let n = 0; n <= burst; n += 1) await logIn(fixture, { email, password: 'wrong' });
    assert.equal((await logIn(fixture, { email, password })).statusCode, 429);
    assert.equal((await logIn(fixture, { email, password }, { headers: { cookie } })).statusCode, 200);
    const forged = cookie.replace(/annals_device=./, 'annals_device=g');
    assert.equal((await logIn(fixture, { email, password }, { headers: { cookie: forged } })).statusCode, 429);
  });

  test('behind a header that only a proxy may send is guessing from one address', async () => {
    for (const [proxies, expected] of [
      ['', 429],
      ['127.0.0.1', 401],
    ] as const) {
      await using fixture = await Fixture.open({ env: { ANNALS_TRUSTED_PROXIES: proxies } });
      let last = 0;
      for (let n = 0; n <= logInAllowances.pair.burst; n += 1) {
        const headers = { 'x-forwarded-for': `198.51.100.${n}` };
        last = (await logIn(fixture, { email, password: 'wrong' }, { headers })).statusCode;
      }
      assert.equal(last, expected, proxies);
    }
  });

  test('at the current password, with a session that was left open, is stopped', async () => {
    await using fixture = await Fixture.open();
    const headers = await fixture.session();
    const guess = async () => {
      const payload = { current_password: 'wrong', new_password: 'a good new password' };
      const answer = await fixture.inject({ method: 'PUT', url: `${url}/password`, payload, token: null, headers });
      return answer.statusCode;
    };
    for (let n = 0; n < logInAllowances.device.burst; n += 1) assert.equal(await guess(), 400);
    assert.equal(await guess(), 429);
  });
});

suite('a session that somebody has put into the browser', () => {
  test('does not become that of whoever logs in, and ends', async () => {
    await using fixture = await Fixture.open();
    const ben = await fixture.addUser('ben@example.com');
    const planted = await fixture.session(ben.id);
    const password = await oneTime(fixture);
    for (const cookie of [planted.cookie, 'annals_session=1000.chosen.by.somebody']) {
      const answer = await logIn(fixture, { email, password }, { headers: { cookie } });
      assert.equal(answer.statusCode, 200);
      assert.ok(!cookieOf(answer).includes(cookie));
      const after = await fixture.inject({ url, token: null, headers: { cookie } });
      assert.equal(after.statusCode, 401);
    }
  });

  test('and every log-in and change of the password makes another one', async () => {
    await using fixture = await Fixture.open();
    const current_password = await oneTime(fixture);
    const first = cookieOf(await logIn(fixture, { email, password: current_password }));
    const second = cookieOf(await logIn(fixture, { email, password: current_password }));
    const third = cookieOf(
      await fixture.inject({
        method: 'PUT',
        url: `${url}/password`,
        payload: { current_password, new_password: 'a good new password' },
        token: null,
        headers: { cookie: second, 'sec-fetch-site': 'same-origin' },
      }),
    );
    const ids = [first, second, third].map((cookie) => /annals_session=([^;]+)/.exec(cookie)?.[1]);
    assert.equal(new Set(ids).size, 3);
    for (const cookie of [first, second]) {
      assert.equal((await fixture.inject({ url, token: null, headers: { cookie } })).statusCode, 401);
    }
  });
});

suite('another site’s page', () => {
  const ours = [{ 'sec-fetch-site': 'same-origin' }, { origin }, { 'sec-fetch-site': 'same-site', origin }];
  const others = [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: `${origin}.elsewhere.example` },
    { origin: origin.replace('http:', 'https:') },
    { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
    { referer: `${origin}/log` },
    { host: 'audit.test', 'x-forwarded-host': 'audit.test' },
  ] as const;

  test('cannot write with the cookie, whatever the route', async () => {
    await using fixture = await Fixture.open();
    const { cookie } = await fixture.session();
    const writes = [
      { method: 'POST', url: '/api/v1/entries', payload: anEntry() },
      { method: 'POST', url: '/crm/v8/settings/audit_log_export' },
      { method: 'PUT', url: `${url}/password`, payload: { current_password: 'x', new_password: 'y' } },
      { method: 'POST', url: '/api/v1/consent', payload: { decision: 'allow' } },
      { method: 'DELETE', url },
    ] as const;
    for (const headers of others) {
      for (const write of writes) {
        if (write.method === 'DELETE' && Object.keys(headers).every((name) => !/^(origin|sec-)/.test(name))) continue;
        const answer = await fixture.inject({ ...write, token: null, headers: { ...headers, cookie } });
        assert.deepEqual([answer.statusCode, answer.json().code], [403, 'CROSS_SITE_REQUEST'], JSON.stringify(headers));
      }
    }
    assert.equal((await fixture.inject({ url, token: null, headers: { cookie } })).statusCode, 200);
    assert.deepEqual((await fixture.inject({ url: '/api/v1/entries' })).json().entries, []);
    for (const headers of ours) {
      const answer = await fixture.inject({ ...writes[0], token: null, headers: { ...headers, cookie } });
      assert.equal(answer.statusCode, 200, JSON.stringify(headers));
    }
  });

  test('cannot log its reader in as somebody else, while a program that is no browser can log in', async () => {
    await using fixture = await Fixture.open();
    const password = await oneTime(fixture);
    for (const headers of others) {
      const saysNothing = Object.keys(headers).every((name) => !/^(origin|sec-)/.test(name));
      const answer = await logIn(
        fixture,
        { email, password },
        { headers: { 'content-type': 'text/plain', ...headers } },
      );
      assert.equal(answer.statusCode, saysNothing ? 200 : 403, JSON.stringify(headers));
    }
    for (const headers of ours) assert.equal((await logIn(fixture, { email, password }, { headers })).statusCode, 200);
  });

  test('is no matter for a token, which no browser sends by itself', async () => {
    await using fixture = await Fixture.open();
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    const answer = await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry(), headers });
    assert.equal(answer.statusCode, 200);
  });

  test('gets no answer that it could read', async () => {
    await using fixture = await Fixture.open();
    const headers = { ...(await fixture.session()), origin: 'https://elsewhere.example' };
    const answer = await fixture.inject({ url, token: null, headers });
    for (const name of Object.keys(answer.headers)) assert.doesNotMatch(name, /^access-control-/);
  });
});

suite('the cookies', () => {
  const value = '1000\\.[0-9a-f]{32}\\.[0-9a-f]{32}';
  const mark = '[0-9a-f]{32}\\.[0-9a-f]{64}';

  test('of a server at http and at https have the flags that they must have', async () => {
    for (const [publicUrl, prefix, secure] of [
      ['http://audit.test', '', ''],
      ['https://audit.test', '__Host-', '; Secure'],
    ] as const) {
      await using fixture = await Fixture.open({ publicUrl });
      const answer = await logIn(fixture, { email, password: await oneTime(fixture) });
      const [session = '', device = '', ...others] = [answer.headers['set-cookie'] ?? []].flat();
      const flags = `HttpOnly; SameSite=Lax${secure}$`;
      assert.match(session, new RegExp(`^${prefix}annals_session=${value}; Path=/; Max-Age=604800; ${flags}`));
      assert.match(device, new RegExp(`^${prefix}annals_device=${mark}; Path=/; Max-Age=15552000; ${flags}`));
      assert.deepEqual(others, []);
    }
  });

  test('of http are none at https, where another host of the domain could have set them', async () => {
    await using fixture = await Fixture.open({ publicUrl: 'https://audit.test' });
    const { cookie } = await fixture.session();
    const status = async (sent: string) =>
      (await fixture.inject({ url, token: null, headers: { cookie: sent } })).statusCode;
    assert.equal(await status(cookie), 401);
    assert.equal(await status(`__Host-${cookie}`), 200);
    assert.equal(await status(`annals_session=1000.planted; __Host-${cookie}`), 200);
  });

  test('that are broken, endless or many are no session and no fault', async () => {
    await using fixture = await Fixture.open();
    for (const cookie of [
      'annals_session',
      'annals_session=',
      'annals_session="1000.a"',
      `annals_session=${'1'.repeat(5_000)}`,
      "annals_session=' or 1=1 --",
      'annals_session=%31000.a',
      `${'a=b; '.repeat(1_000)}annals_session=;`,
      '=; ;;annals_session=1000.a.b=',
    ]) {
      assert.equal((await fixture.inject({ url, token: null, headers: { cookie } })).statusCode, 401, cookie);
    }
    const { cookie } = await fixture.session();
    const among = { cookie: `other=1;${cookie} ; xannals_session=1000.b` };
    assert.equal((await fixture.inject({ url, token: null, headers: among })).statusCode, 200);
  });
});

suite('a link to a download, opened in a browser', () => {
  const page = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  async function finished(fixture: Fixture): Promise<string> {
    const made = await fixture.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export' });
    await fixture.runJobs();
    return `/v2/crm/${fixture.org.zgid}/auditlog/${made.json().audit_log_export[0].details.id}/AuditLog.csv`;
  }

  test('leads to the log-in and from there back to the file', async () => {
    await using fixture = await Fixture.open();
    const link = await finished(fixture);
    const answer = await fixture.inject({ url: link, token: null, headers: page });
    assert.equal(answer.statusCode, 302);
    const location = new URL(String(answer.headers.location));
    assert.deepEqual(
      [location.origin, location.pathname, [...location.searchParams]],
      [origin, '/login', [['next', link]]],
    );
    assert.equal(answer.headers['cache-control'], 'no-store');
    const headers = { ...page, cookie: (await fixture.session()).cookie, 'sec-fetch-site': 'cross-site' };
    const file = await fixture.inject({ url: link, token: null, headers });
    assert.equal(file.statusCode, 200);
    assert.match(String(file.headers['content-disposition']), /^attachment; filename="AuditLog\.csv"$/);
    assert.equal(file.body, (await fixture.inject({ url: link })).body);
  });

  test('is the file only for whoever may have it', async () => {
    await using fixture = await Fixture.open();
    const link = await finished(fixture);
    const ben = await fixture.addUser('ben@example.com');
    const headers = { ...page, cookie: (await fixture.session(ben.id)).cookie };
    assert.equal((await fixture.inject({ url: link, token: null, headers })).statusCode, 404);
  });

  test('answers 401 as ever to a program, and to a wrong token', async () => {
    await using fixture = await Fixture.open();
    const link = await finished(fixture);
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }, { accept: 'xtext/htmlx' }]) {
      assert.equal((await fixture.inject({ url: link, token: null, headers })).statusCode, 401);
    }
    assert.equal((await fixture.inject({ url: link, token: '1000.wrong', headers: page })).statusCode, 401);
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token: null, headers: page })).statusCode, 401);
  });

  test('never leads anywhere but to the log-in of the public URL, and back to a path of it', async () => {
    await using fixture = await Fixture.open();
    const { zgid } = fixture.org;
    const led: string[] = [];
    for (const sent of [
      `//v2/crm/${zgid}/auditlog/1/AuditLog.csv`,
      `//elsewhere.example/../v2/crm/${zgid}/auditlog/1/AuditLog.csv`,
      `/v2//crm/${zgid}/auditlog/1/AuditLog.csv?next=https://elsewhere.example`,
      `http://elsewhere.example/v2/crm/${zgid}/auditlog/1/AuditLog.csv`,
      `/v2/crm/%2F%2Felsewhere.example/auditlog/%0d%0aset-cookie:a=b/AuditLog.csv`,
      `/v2/crm/\\\\elsewhere.example/auditlog/1/..%2f..%2f..`,
    ]) {
      const headers = { ...page, host: 'elsewhere.example', 'x-forwarded-host': 'elsewhere.example' };
      const answer = await fixture.inject({ url: sent, token: null, headers });
      if (answer.statusCode === 404) continue;
      assert.equal(answer.statusCode, 302, sent);
      led.push(sent);
      const location = new URL(String(answer.headers.location));
      assert.deepEqual([location.origin, location.pathname], [origin, '/login']);
      const next = new URL(location.searchParams.get('next') ?? '', origin);
      assert.equal(next.origin, origin, sent);
      assert.match(next.pathname, /^\/v2\/crm\/[^/]+\/auditlog\/[^/]+\/[^/]+$/);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    assert.ok(led.length >= 4, led.join(' '));
  });

  test('with a one-time password leads to the log-in, where a password can be chosen', async () => {
    await using fixture = await Fixture.open();
    const { cookie } = await fixture.session();
    await fixture.parts.db.updateTable('users').set({ password_is_one_time: 1 }).execute();
    const url = `/v2/crm/${fixture.org.zgid}/auditlog/1/AuditLog.csv`;
    assert.equal((await fixture.inject({ url, token: null, headers: { ...page, cookie } })).statusCode, 302);
    assert.equal((await fixture.inject({ url, token: null, headers: { cookie } })).statusCode, 403);
  });
});
