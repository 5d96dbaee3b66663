/** Logging in, what a session opens, and how it ends. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import type { Parts } from '../../src/parts.ts';
import { anEntry, Fixture } from './fixture.ts';

const url = '/api/v1/session';
const email = 'admin@example.com';
const chosen = 'correct horse battery';

type Answer = Awaited<ReturnType<Fixture['inject']>>;

/** The administrator's one-time password, made anew. */
function oneTime(fixture: Fixture): Promise<string> {
  return fixture.parts.directory.resetPassword(fixture.org.zgid, fixture.org.adminId);
}

function logIn(fixture: Fixture, password: string, headers: Record<string, string> = {}): Promise<Answer> {
  return fixture.inject({ method: 'POST', url, payload: { email, password }, token: null, headers });
}

/** As a page of ours sends it with the cookies that an answer has set. */
function headersOf(answer: Answer): { cookie: string; 'sec-fetch-site': string } {
  const cookie = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return { cookie, 'sec-fetch-site': 'same-origin' };
}

async function chosenPassword(fixture: Fixture): Promise<Answer> {
  const current_password = await oneTime(fixture);
  const headers = headersOf(await logIn(fixture, current_password));
  const payload = { current_password, new_password: chosen };
  return fixture.inject({ method: 'PUT', url: `${url}/password`, payload, token: null, headers });
}

/** Parts whose `access` or `directory` has this in place of a method. */
function withMethod(part: 'access' | 'directory', method: string, replacement: (real: unknown) => unknown) {
  return (parts: Parts): Parts => ({
    ...parts,
    [part]: new Proxy<object>(parts[part], {
      get(real, name) {
        const value: unknown = Reflect.get(real, name);
        const bound = typeof value === 'function' ? value.bind(real) : value;
        return name === method ? replacement(bound) : bound;
      },
    }),
  });
}

/** What the trail has told, oldest first: `action name`. */
async function told(fixture: Fixture): Promise<string[]> {
  const page = await fixture.inject({ url: '/api/v1/entries?module=Annals&per_page=100' });
  const entries: { action: string; record: { name: string }; done_by: { id: string } }[] = page.json().entries;
  for (const entry of entries) assert.equal(entry.done_by.id, fixture.org.adminId);
  return entries.map(({ action, record }) => `${action} ${record.name}`).reverse();
}

suite('logging in', () => {
  test('answers who it is and what they may do, and sets the cookie', async () => {
    await using fixture = await Fixture.open();
    const answer = await logIn(fixture, await oneTime(fixture));
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const { user, organisation, ...rest } = answer.json();
    assert.deepEqual(
      [user.id, user.email, user.time_zone, user.role.name, user.profile.name],
      [fixture.org.adminId, email, 'Asia/Kolkata', 'CEO', 'Administrator'],
    );
    assert.deepEqual([organisation.zgid, organisation.company_name], [fixture.org.zgid, 'Zylker']);
    assert.deepEqual(rest, {
      may: { administer: true, see_everything: true, use_audit_log: true },
      password_is_one_time: true,
      expires_at: '2026-07-01T23:30:00+05:30',
    });
    const again = await fixture.inject({ url, token: null, headers: headersOf(answer) });
    assert.deepEqual(again.json(), answer.json());
    assert.ok(!answer.body.includes(answer.cookies[0]?.value ?? ''));
  });

  test('with a one-time password opens nothing but the session, until a password is chosen', async () => {
    await using fixture = await Fixture.open();
    const first = await logIn(fixture, await oneTime(fixture));
    const get = async (headers: Record<string, string>, path: string) => {
      const { statusCode, body } = await fixture.inject({ url: path, token: null, headers });
      return [statusCode, JSON.parse(body).code];
    };
    assert.deepEqual(await get(headersOf(first), '/crm/v8/org'), [403, 'PASSWORD_CHANGE_REQUIRED']);
    assert.deepEqual(await get(headersOf(first), '/api/v1/consent'), [403, 'PASSWORD_CHANGE_REQUIRED']);
    assert.equal((await get(headersOf(first), url))[0], 200);
    const changed = await chosenPassword(fixture);
    assert.equal(changed.statusCode, 200, changed.body);
    assert.equal(changed.json().password_is_one_time, false);
    assert.equal((await get(headersOf(changed), '/crm/v8/org'))[0], 200);
    // The token of the same user has never been held up.
    assert.equal((await fixture.inject({ url: '/crm/v8/org' })).statusCode, 200);
  });

  test('that could not be looked at costs no try', async () => {
    let faults = 6;
    await using fixture = await Fixture.open({
      wrap: withMethod('directory', 'proveUser', (real) => async (...given: [string, string]) => {
        if (faults-- > 0) throw new Failure('SERVICE_UNAVAILABLE', 'The disk is full');
        return (real as (...given: [string, string]) => Promise<unknown>)(...given);
      }),
    });
    const password = await oneTime(fixture);
    for (let n = 0; n < 6; n += 1) assert.equal((await logIn(fixture, password)).statusCode, 503);
    assert.equal((await logIn(fixture, password)).statusCode, 200);
  });

  test('a body that is none, or lacks a field, is said to be so', async () => {
    await using fixture = await Fixture.open();
    const cases: [unknown, string, string | undefined][] = [
      ['', 'INVALID_DATA', undefined],
      ['[]', 'INVALID_DATA', undefined],
      [{ email }, 'MANDATORY_NOT_FOUND', 'password'],
      [{ password: 'x' }, 'MANDATORY_NOT_FOUND', 'email'],
      [{ email, password: 7 }, 'INVALID_DATA', 'password'],
      [{ email: 'x'.repeat(321), password: 'x' }, 'INVALID_DATA', 'email'],
      [{ email, password: 'secret'.repeat(200) }, 'INVALID_DATA', 'password'],
    ];
    for (const [payload, code, field] of cases) {
      const answer = await fixture.inject({ method: 'POST', url, payload: payload as string, token: null });
      const body = answer.json();
      assert.deepEqual([answer.statusCode, body.code, body.details.api_name], [400, code, field], answer.body);
      assert.doesNotMatch(answer.body, /secret/);
    }
  });
});

suite('a session', () => {
  test('opens what a token of all scopes opens, and for an administrator more', async () => {
    await using fixture = await Fixture.open();
    const user = await fixture.addUser('ben@example.com');
    for (const [headers, administer] of [
      [await fixture.session(), true],
      [await fixture.session(user.id), false],
    ] as const) {
      for (const path of ['/crm/v8/org', '/crm/v8/users', '/crm/v8/settings/modules', '/api/v1/entries']) {
        const answer = await fixture.inject({ url: path, token: null, headers });
        assert.deepEqual([answer.statusCode, answer.headers['cache-control']], [200, 'no-store'], path);
      }
      const record = { method: 'POST', url: '/api/v1/entries', payload: anEntry(), token: null, headers } as const;
      assert.equal((await fixture.inject(record)).statusCode, 200);
      const { may } = (await fixture.inject({ url, token: null, headers })).json();
      assert.deepEqual(may, { administer, see_everything: administer, use_audit_log: true });
    }
  });

  test('does not help out where a token is wrong', async () => {
    await using fixture = await Fixture.open();
    const headers = await fixture.session();
    for (const authorization of ['Zoho-oauthtoken 1000.wrong', 'Basic eDp5', '']) {
      const answer = await fixture.inject({ url: '/crm/v8/org', token: null, headers: { ...headers, authorization } });
      assert.equal(answer.statusCode, 401, authorization);
    }
  });

  test('is not what a token is, and its cookie’s value is no token', async () => {
    await using fixture = await Fixture.open();
    assert.equal((await fixture.inject({ url })).statusCode, 401);
    const { cookie } = await fixture.session();
    const token = cookie.replace('annals_session=', '');
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token })).statusCode, 401);
    const asCookie = { cookie: `annals_session=${fixture.org.token}`, 'sec-fetch-site': 'same-origin' };
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token: null, headers: asCookie })).statusCode, 401);
  });

  test('that is used does not end, and its use is written down once in five minutes', async () => {
    let writes = 0;
    const wrap = withMethod('access', 'seeSession', (real) => (hash: string) => {
      writes += 1;
      return (real as (hash: string) => Promise<void>)(hash);
    });
    await using fixture = await Fixture.open({ wrap });
    const headers = await fixture.session();
    const seen = async () =>
      (await fixture.parts.db.selectFrom('sessions').select('seen_at').executeTakeFirstOrThrow()).seen_at;
    const use = async () => (await fixture.inject({ url: '/crm/v8/org', token: null, headers })).statusCode;
    const start = fixture.now;
    for (let n = 0; n < 10; n += 1) {
      fixture.now += 29_000;
      assert.equal(await use(), 200);
    }
    assert.deepEqual([await seen(), writes], [start, 0]);
    fixture.now += 10_000;
    assert.deepEqual(await Promise.all([use(), use(), use()]), [200, 200, 200]);
    assert.deepEqual([await seen(), writes], [fixture.now, 1]);
    for (let hours = 0; hours < 6 * 24; hours += 8) {
      fixture.now += 8 * 3_600_000;
      assert.equal(await use(), 200);
    }
    fixture.now += 12 * 3_600_000;
    assert.equal(await use(), 401);
  });

  test('goes on while its use cannot be written down', async () => {
    await using fixture = await Fixture.open({
      wrap: withMethod('access', 'seeSession', () => () => Promise.reject(new Error('the disk is full'))),
    });
    const headers = await fixture.session();
    fixture.now += 3_600_000;
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token: null, headers })).statusCode, 200);
  });

  test('of somebody who is barred or demoted opens at once no more than they may', async () => {
    await using fixture = await Fixture.open();
    await fixture.addUser('second@example.com', { profile: 'Administrator' });
    const headers = await fixture.session();
    const profiles = await fixture.parts.directory.profiles(fixture.org.zgid);
    const profileId = profiles.find(({ name }) => name === 'No Audit Log')?.id ?? '';
    await fixture.parts.directory.updateUser(fixture.org.zgid, fixture.org.adminId, { profileId });
    const { may } = (await fixture.inject({ url, token: null, headers })).json();
    assert.deepEqual([may.administer, may.use_audit_log], [false, false]);
    const answer = await fixture.inject({ url: '/api/v1/entries', token: null, headers });
    assert.deepEqual([answer.statusCode, answer.json().code], [403, 'NO_PERMISSION']);
  });

  test('ends by logging out, which takes the cookie away, and does no harm twice', async () => {
    await using fixture = await Fixture.open();
    const headers = await fixture.session();
    const other = await fixture.session();
    for (const sent of [headers, headers, { 'sec-fetch-site': 'same-origin' }]) {
      const answer = await fixture.inject({ method: 'DELETE', url, token: null, headers: sent });
      assert.equal(answer.statusCode, 204);
      assert.match(
        String(answer.headers['set-cookie']),
        /^annals_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/,
      );
    }
    assert.equal((await fixture.inject({ url, token: null, headers })).statusCode, 401);
    assert.equal((await fixture.inject({ url, token: null, headers: other })).statusCode, 200);
  });
});

suite('another password', () => {
  test('ends the user’s other sessions, and leaves tokens and other people alone', async () => {
    await using fixture = await Fixture.open();
    const ben = await fixture.addUser('ben@example.com');
    const sessions = [await fixture.session(), await fixture.session(ben.id)];
    const answer = await chosenPassword(fixture);
    assert.equal(answer.statusCode, 200);
    const status = async (headers: Record<string, string>) =>
      (await fixture.inject({ url, token: null, headers })).statusCode;
    assert.deepEqual(await Promise.all(sessions.map(status)), [401, 200]);
    assert.equal(await status(headersOf(answer)), 200);
    assert.equal((await fixture.inject({ url: '/crm/v8/org' })).statusCode, 200);
    assert.equal((await logIn(fixture, chosen)).statusCode, 200);
  });

  test('is refused with the field and the reason, and the session stays', async () => {
    await using fixture = await Fixture.open();
    await chosenPassword(fixture);
    const headers = await fixture.session();
    for (const [current_password, new_password, field] of [
      ['wrong', 'a good new password', 'current_password'],
      [chosen, 'short', 'new_password'],
      [chosen, chosen, 'new_password'],
      [chosen, email.toUpperCase(), 'new_password'],
    ]) {
      const payload = { current_password, new_password };
      const answer = await fixture.inject({ method: 'PUT', url: `${url}/password`, payload, token: null, headers });
      assert.deepEqual([answer.statusCode, answer.json().details.api_name], [400, field], answer.body);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    assert.equal((await fixture.inject({ url, token: null, headers })).statusCode, 200);
  });
});

suite('the trail', () => {
  test('tells who came, who went, who failed and who changed a password', async () => {
    await using fixture = await Fixture.open();
    await logIn(fixture, 'wrong');
    await fixture.inject({ method: 'POST', url, payload: { email: 'nobody@example.com', password: 'x' }, token: null });
    const changed = await chosenPassword(fixture);
    await fixture.inject({ method: 'DELETE', url, token: null, headers: headersOf(changed) });
    const user = `User Administrator (${email})`;
    const expected = ['sign-in failed', 'signed in', 'password changed', 'signed out'].map((act) => `${act} ${user}`);
    // The clock stands still, so the order of entries of one second is that of their ids.
    assert.deepEqual((await told(fixture)).sort(), expected.sort());
    const entries = JSON.stringify((await fixture.inject({ url: '/api/v1/entries?module=Annals' })).json());
    for (const secret of [chosen, 'wrong', ...changed.cookies.map(({ value }) => value)]) {
      assert.ok(!entries.includes(secret));
    }
  });

  test('that cannot be written lets nobody in', async () => {
    await using fixture = await Fixture.open({
      wrap: (parts) => ({
        ...parts,
        trail: Object.assign(Object.create(parts.trail), {
          tell: () => Promise.reject(new Failure('SERVICE_UNAVAILABLE', 'The disk is full')),
        }),
      }),
    });
    const answer = await logIn(fixture, await oneTime(fixture));
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.deepEqual(await fixture.parts.db.selectFrom('sessions').selectAll().execute(), []);
  });
});
