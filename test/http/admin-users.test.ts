import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Asked, ask, done, placesOf, refusal, stored, told, toldBy } from './admin-setup.ts';
import { anEntry, Fixture } from './fixture.ts';

/** A body that adds Patricia Boyle, with what the test cares about put over it. */
async function person(fixture: Fixture, over: object = {}): Promise<object> {
  const places = await placesOf(fixture);
  return { first_name: 'Patricia', last_name: 'Boyle', email: 'patricia@example.com', ...places, ...over };
}

async function addPerson(fixture: Fixture, over: object = {}) {
  return done(fixture, { method: 'POST', path: 'users', payload: await person(fixture, over) });
}

function logIn(fixture: Fixture, email: string, password: string) {
  return fixture.inject({ method: 'POST', url: '/api/v1/session', payload: { email, password }, token: null });
}

suite('adding people', () => {
  test('answers the user and a password that logs in once shown, and is kept as a hash only', async () => {
    await using fixture = await Fixture.open();
    const places = await placesOf(fixture);
    const payload = await person(fixture, { email: ' Patricia@Example.com', manager_id: fixture.org.adminId });
    const answer = await ask(fixture, { method: 'POST', path: 'users', payload });
    assert.deepEqual([answer.statusCode, answer.headers['cache-control']], [201, 'no-store'], answer.body);
    const { user, one_time_password: password } = answer.json();
    assert.deepEqual(user, {
      id: user.id,
      full_name: 'Patricia Boyle',
      first_name: 'Patricia',
      last_name: 'Boyle',
      email: 'patricia@example.com',
      role: { id: places.role_id, name: 'Member' },
      profile: { id: places.profile_id, name: 'Standard' },
      manager: { id: fixture.org.adminId, name: 'Administrator' },
      status: 'active',
      is_imported: false,
      time_zone: null,
      created_at: '2026-07-01T11:30:00+05:30',
    });
    assert.ok(!(await stored(fixture)).includes(password));
    const session = await logIn(fixture, 'patricia@example.com', password);
    assert.deepEqual([session.statusCode, session.json().password_is_one_time], [200, true]);
    const list = await ask(fixture, { path: 'users' });
    assert.ok(list.body.includes(user.id) && !list.body.includes(password));
  });

  test('is an entry with what the user has, by names, and without the password', async () => {
    await using fixture = await Fixture.open();
    let password = '';
    const [entry, ...others] = await toldBy(fixture, async () => {
      password = (await addPerson(fixture)).one_time_password;
    });
    assert.deepEqual(others, []);
    assert.deepEqual([entry?.action, entry?.record.name], ['added', 'User Patricia Boyle (patricia@example.com)']);
    assert.deepEqual(entry?.changes, [
      { field: 'full_name', new: 'Patricia Boyle' },
      { field: 'email', new: 'patricia@example.com' },
      { field: 'role', new: 'Member' },
      { field: 'profile', new: 'Standard' },
      { field: 'status', new: 'active' },
    ]);
    assert.ok(password.length > 0 && !JSON.stringify(await told(fixture)).includes(password));
  });

  test('refuses what is missing, wrong, too long, taken or unknown, by its name, and adds and tells nothing', async () => {
    await using fixture = await Fixture.open();
    await fixture.addOrg('taken@example.org');
    const before = await stored(fixture);
    const cases: [object, string][] = [
      [{ last_name: undefined }, '400 MANDATORY_NOT_FOUND last_name'],
      [{ email: undefined }, '400 MANDATORY_NOT_FOUND email'],
      [{ role_id: undefined }, '400 MANDATORY_NOT_FOUND role_id'],
      [{ profile_id: undefined }, '400 MANDATORY_NOT_FOUND profile_id'],
      [{ last_name: 7 }, '400 INVALID_DATA last_name'],
      [{ last_name: ' ' }, '400 INVALID_DATA last_name'],
      [{ last_name: 'x'.repeat(1_025) }, '400 INVALID_DATA last_name'],
      [{ last_name: 'é'.repeat(600) }, '400 INVALID_DATA last_name'],
      [{ first_name: 'a\u0000b' }, '400 INVALID_DATA first_name'],
      [{ first_name: 'f'.repeat(600), last_name: 'l'.repeat(600) }, '400 INVALID_DATA last_name'],
      [{ email: 'nobody' }, '400 INVALID_DATA email'],
      [{ email: `${'x'.repeat(250)}@example.com` }, '400 INVALID_DATA email'],
      [{ email: 'Taken@example.org' }, '400 DUPLICATE_DATA email'],
      [{ role_id: '1' }, '400 INVALID_DATA role_id'],
      [{ role_id: 'x' }, '400 INVALID_DATA role_id'],
      [{ profile_id: 1 }, '400 INVALID_DATA profile_id'],
      [{ manager_id: '12345678901234567890' }, '400 INVALID_DATA manager_id'],
      [{ is_administrator: true }, '400 INVALID_DATA is_administrator'],
    ];
    const entries = await toldBy(fixture, async () => {
      for (const [over, expected] of cases) {
        const payload = await person(fixture, over);
        assert.equal(
          await refusal(fixture, { method: 'POST', path: 'users', payload }),
          expected,
          JSON.stringify(over),
        );
      }
    });
    assert.deepEqual(entries, []);
    assert.equal(await stored(fixture), before);
  });

  test('takes a body of up to 64 KiB, which is an object', async () => {
    await using fixture = await Fixture.open();
    for (const [payload, status] of [
      ['[]', 400],
      ['"x"', 400],
      [`{"last_name":"${'x'.repeat(66_000)}"}`, 413],
    ] as const) {
      const answer = await fixture.inject({ method: 'POST', url: '/api/v1/admin/users', payload });
      assert.equal(answer.statusCode, status, answer.body);
    }
  });
});

suite('changing people', () => {
  test('sets what is named, leaves the rest, and tells the old and the new of what is other', async () => {
    await using fixture = await Fixture.open();
    const { user } = await addPerson(fixture);
    const { profile_id } = await placesOf(fixture, 'No Audit Log');
    const patch = (payload: object) => done(fixture, { method: 'PATCH', path: `users/${user.id}`, payload });
    const [entry] = await toldBy(fixture, () => patch({ last_name: 'Doe', email: 'Doe@example.com', profile_id }));
    assert.deepEqual(
      [entry?.action, entry?.record],
      ['updated', { id: user.id, name: 'User Patricia Doe (doe@example.com)' }],
    );
    assert.deepEqual(entry?.changes, [
      { field: 'full_name', old: 'Patricia Boyle', new: 'Patricia Doe' },
      { field: 'email', old: 'patricia@example.com', new: 'doe@example.com' },
      { field: 'profile', old: 'Standard', new: 'No Audit Log' },
    ]);
    const [manager] = await toldBy(fixture, () => patch({ first_name: null, manager_id: fixture.org.adminId }));
    assert.deepEqual(manager?.changes, [
      { field: 'full_name', old: 'Patricia Doe', new: 'Doe' },
      { field: 'manager_id', old: null, new: fixture.org.adminId },
    ]);
    const { user: after } = await patch({ manager_id: null });
    const names = { full_name: 'Doe', first_name: null, last_name: 'Doe', email: 'doe@example.com' };
    assert.deepEqual(after, { ...user, ...names, profile: { id: profile_id, name: 'No Audit Log' } });
    assert.deepEqual(await toldBy(fixture, () => patch({ last_name: 'Doe' })), []);
    assert.deepEqual(await toldBy(fixture, () => patch({})), []);
  });

  test('refuses what is wrong by its name, and changes and tells nothing', async () => {
    await using fixture = await Fixture.open();
    const { user } = await addPerson(fixture);
    const before = await stored(fixture);
    const cases: [object, string][] = [
      [{ status: 'asleep' }, '400 INVALID_DATA status'],
      [{ status: null }, '400 INVALID_DATA status'],
      [{ last_name: '' }, '400 INVALID_DATA last_name'],
      [{ last_name: null }, '400 INVALID_DATA last_name'],
      [{ email: 'ADMIN@example.com' }, '400 DUPLICATE_DATA email'],
      [{ email: null }, '400 INVALID_DATA email'],
      [{ role_id: null }, '400 INVALID_DATA role_id'],
      [{ manager_id: user.id }, '400 INVALID_DATA manager_id'],
      [{ password: 'x' }, '400 INVALID_DATA password'],
      [{ last_name: 'Good', profile_id: '1' }, '400 INVALID_DATA profile_id'],
    ];
    const entries = await toldBy(fixture, async () => {
      for (const [payload, expected] of cases) {
        const asked: Asked = { method: 'PATCH', path: `users/${user.id}`, payload };
        assert.equal(await refusal(fixture, asked), expected, JSON.stringify(payload));
      }
      for (const id of ['1', 'x', '%27', '0'.repeat(30)]) {
        const asked: Asked = { method: 'PATCH', path: `users/${id}`, payload: { last_name: 'Other' } };
        assert.equal(await refusal(fixture, asked), '404 INVALID_URL_PATTERN', id);
      }
    });
    assert.deepEqual(entries, []);
    assert.equal(await stored(fixture), before);
  });

  test('whoever is deactivated is out at once, with every token and session, for good', async () => {
    await using fixture = await Fixture.open();
    const { user, one_time_password } = await addPerson(fixture);
    const token = await fixture.token(user.id);
    const headers = await fixture.session(user.id);
    const statuses = async () => [
      (await fixture.inject({ url: '/crm/v8/org', token })).statusCode,
      (await fixture.inject({ url: '/crm/v8/org', token: null, headers })).statusCode,
      (await logIn(fixture, 'patricia@example.com', one_time_password)).statusCode,
    ];
    const set = (status: string) => done(fixture, { method: 'PATCH', path: `users/${user.id}`, payload: { status } });
    assert.deepEqual(await statuses(), [200, 200, 200]);
    const [entry] = await toldBy(fixture, () => set('inactive'));
    assert.deepEqual(entry?.changes, [{ field: 'status', old: 'active', new: 'inactive' }]);
    assert.deepEqual(await statuses(), [401, 401, 401]);
    await set('active');
    assert.deepEqual(await statuses(), [401, 401, 200]);
  });

  test('the last active administrator stays one, whichever way it is tried, and whoever else is on the way out', async () => {
    await using fixture = await Fixture.open();
    const { profile_id } = await placesOf(fixture);
    const path = `users/${fixture.org.adminId}`;
    const ways = [{ status: 'inactive' }, { status: 'deleted' }, { profile_id }];
    const second = await fixture.addUser('second@example.com', { profile: 'Administrator' });
    await done(fixture, { method: 'PATCH', path: `users/${second.id}`, payload: { status: 'inactive' } });
    const before = await stored(fixture);
    const entries = await toldBy(fixture, async () => {
      for (const payload of ways)
        assert.equal(await refusal(fixture, { method: 'PATCH', path, payload }), '400 INVALID_DATA');
    });
    assert.deepEqual(entries, []);
    assert.equal(await stored(fixture), before);
    await done(fixture, { method: 'PATCH', path: `users/${second.id}`, payload: { status: 'active' } });
    // Each of two takes the other's place away at the same moment: one of them must be left.
    const both = [fixture.org.adminId, second.id].map((id) =>
      ask(fixture, { method: 'PATCH', path: `users/${id}`, payload: { profile_id } }),
    );
    const statuses = (await Promise.all(both)).map(({ statusCode }) => statusCode);
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
  });

  test('somebody known from entries gets a name, a role and a manager, but no address and no password', async () => {
    await using fixture = await Fixture.open();
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    const path = 'users/554023000000799326';
    const { role_id } = await placesOf(fixture);
    const { user } = await done(fixture, { method: 'PATCH', path, payload: { last_name: 'Boyle-Doe', role_id } });
    assert.deepEqual([user.full_name, user.role.id, user.is_imported], ['Patricia Boyle-Doe', role_id, true]);
    const email = { email: 'patricia@example.com' };
    assert.equal(await refusal(fixture, { method: 'PATCH', path, payload: email }), '400 INVALID_DATA email');
    assert.equal(await refusal(fixture, { method: 'POST', path: `${path}/password` }), '400 INVALID_DATA');
  });

  test('names as long as they may be are told in full', async () => {
    await using fixture = await Fixture.open();
    const last_name = 'x'.repeat(1_024);
    const [added] = await toldBy(fixture, () => addPerson(fixture, { first_name: null, last_name }));
    assert.equal(added?.record.name, `User ${last_name} (patricia@example.com)`);
  });
});

suite('a new one-time password', () => {
  test('takes the place of the old, ends sessions but no tokens, and is told of without itself', async () => {
    await using fixture = await Fixture.open();
    const { user, one_time_password: old } = await addPerson(fixture);
    const token = await fixture.token(user.id);
    const headers = await fixture.session(user.id);
    let password = '';
    const [entry] = await toldBy(fixture, async () => {
      const answer = await ask(fixture, { method: 'POST', path: `users/${user.id}/password` });
      assert.deepEqual([answer.statusCode, answer.headers['cache-control']], [200, 'no-store'], answer.body);
      password = answer.json().one_time_password;
    });
    assert.deepEqual(
      [entry?.action, entry?.record, entry?.changes],
      ['password reset', { id: user.id, name: 'User Patricia Boyle (patricia@example.com)' }, []],
    );
    assert.ok(!JSON.stringify(await told(fixture)).includes(password) && !(await stored(fixture)).includes(password));
    assert.equal((await logIn(fixture, 'patricia@example.com', old)).statusCode, 401);
    assert.equal((await logIn(fixture, 'patricia@example.com', password)).statusCode, 200);
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token })).statusCode, 200);
    assert.equal((await fixture.inject({ url: '/crm/v8/org', token: null, headers })).statusCode, 401);
  });
});

suite('the list of people', () => {
  /** Names, over all pages. */
  async function names(fixture: Fixture, query: string): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const { users, info } = await done(fixture, {
        path: `users?${query}${cursor === null ? '' : `&cursor=${cursor}`}`,
      });
      assert.deepEqual([info.count, info.more_records], [users.length, info.next_cursor !== null]);
      found.push(...users.map((user: { full_name: string }) => user.full_name));
      cursor = info.next_cursor;
    } while (cursor !== null);
    return found;
  }

  test('is read by pages, each person once, while others are added', async () => {
    await using fixture = await Fixture.open();
    for (const last_name of ['Ada', 'Ben', 'Cleo', 'Dora']) {
      await addPerson(fixture, { first_name: null, last_name, email: `${last_name}@example.com` });
    }
    const first = await done(fixture, { path: 'users?per_page=2' });
    fixture.now += 1_000;
    await addPerson(fixture, { first_name: null, last_name: 'Eve', email: 'eve@example.com' });
    const rest = await done(fixture, { path: `users?per_page=200&cursor=${first.info.next_cursor}` });
    const seen = [...first.users, ...rest.users].map((user: { full_name: string }) => user.full_name);
    assert.deepEqual([first.users.length, first.info.more_records, rest.info.more_records], [2, true, false]);
    assert.deepEqual(seen.toSorted(), ['Ada', 'Administrator', 'Ben', 'Cleo', 'Dora', 'Eve']);
    assert.deepEqual(await names(fixture, 'per_page=1'), seen);
  });

  test('is searched by name and address whatever the case, by status, and by whether they can log in', async () => {
    await using fixture = await Fixture.open();
    await addPerson(fixture, { first_name: 'Łukasz', last_name: 'ÉMILE' });
    await fixture.inject({
      method: 'POST',
      url: '/api/v1/entries',
      payload: anEntry({ done_by: { name: 'Emil 100%' } }),
    });
    const { user } = await addPerson(fixture, { email: 'gone@example.com', last_name: 'Gone' });
    await done(fixture, { method: 'PATCH', path: `users/${user.id}`, payload: { status: 'inactive' } });
    const cases: [string, string[]][] = [
      ['search=%C5%81UKASZ%20%C3%A9m', ['Łukasz ÉMILE']],
      ['search=e%CC%81mile', ['Łukasz ÉMILE']],
      ['search=PATRICIA%40', ['Łukasz ÉMILE']],
      ['search=100%25', ['Emil 100%']],
      ['search=%25', ['Emil 100%']],
      ['search=_', []],
      ['search=nobody', []],
      ['status=inactive', ['Patricia Gone']],
      ['status=deleted', []],
      ['imported=true', ['Emil 100%']],
      ['imported=false&status=active', ['Administrator', 'Łukasz ÉMILE']],
      ['search=%20', ['Administrator', 'Emil 100%', 'Patricia Gone', 'Łukasz ÉMILE']],
    ];
    for (const [query, expected] of cases) {
      assert.deepEqual((await names(fixture, query)).toSorted(), expected, query);
      assert.deepEqual((await names(fixture, `${query}&per_page=1`)).toSorted(), expected, query);
    }
  });

  test('refuses a page, a cursor, a search or a choice that is none', async () => {
    await using fixture = await Fixture.open();
    for (const [query, field] of [
      ['per_page=0', 'per_page'],
      ['per_page=201', 'per_page'],
      ['per_page=1.5', 'per_page'],
      ['per_page=', 'per_page'],
      ['cursor=', 'cursor'],
      ['cursor=bm9uZQ', 'cursor'],
      [`cursor=${'A'.repeat(61)}`, 'cursor'],
      [`search=${'x'.repeat(201)}`, 'search'],
      ['status=asleep', 'status'],
      ['imported=yes', 'imported'],
    ] as const) {
      assert.equal(await refusal(fixture, { path: `users?${query}` }), `400 INVALID_DATA ${field}`, query);
    }
    await done(fixture, { path: `users?per_page=200&search=${'x'.repeat(200)}` });
  });
});
