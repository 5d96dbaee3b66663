/** OAuth clients and tokens, as an administrator manages them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { maxClients } from '../../src/access/clients.ts';
import { everyScope } from '../../src/access/scopes.ts';
import { type Asked, ask, done, refusal, refuses, stored, told, toldBy } from './admin-setup.ts';
import { Fixture } from './fixture.ts';

const scopes = ['ZohoCRM.org.READ', 'ZohoCRM.users.READ'];
const redirect_uris = ['https://archive.example.com/back?to=1'];

async function addClient(fixture: Fixture, over: object = {}) {
  const payload = { name: 'Archive', scopes, redirect_uris, ...over };
  return done(fixture, { method: 'POST', path: 'clients', payload });
}

async function tokenOf(fixture: Fixture, { client, secret }: { client: { id: string }; secret: string }) {
  const asked = { client_id: client.id, client_secret: secret, grant_type: 'client_credentials' };
  return (await fixture.parts.access.token(asked)).access_token;
}

async function statusWith(fixture: Fixture, token: string): Promise<number> {
  return (await fixture.inject({ url: '/crm/v8/org', token })).statusCode;
}

suite('clients', () => {
  test('are added with a secret that is shown once, works, and is kept as a hash only', async () => {
    await using fixture = await Fixture.open();
    let added = { client: { id: '' }, secret: '' };
    const [entry, ...others] = await toldBy(fixture, async () => {
      const payload = { name: ' Archive ', scopes, redirect_uris, user_id: fixture.org.adminId };
      const answer = await ask(fixture, { method: 'POST', path: 'clients', payload });
      assert.deepEqual([answer.statusCode, answer.headers['cache-control']], [201, 'no-store'], answer.body);
      added = answer.json();
    });
    const { client, secret } = added;
    assert.deepEqual(client, {
      id: client.id,
      name: 'Archive',
      scopes,
      redirect_uris,
      user: { id: fixture.org.adminId, name: 'Administrator' },
      created_at: '2026-07-01T11:30:00+05:30',
    });
    assert.equal(await statusWith(fixture, await tokenOf(fixture, added)), 200);
    const list = await ask(fixture, { path: 'clients' });
    assert.deepEqual(list.json(), { clients: [client] });
    assert.deepEqual([entry?.action, entry?.record, others], ['added', { id: client.id, name: 'Client Archive' }, []]);
    assert.deepEqual(entry?.changes, [
      { field: 'scopes', new: scopes },
      { field: 'redirect_uris', new: redirect_uris },
      { field: 'user_id', new: fixture.org.adminId },
    ]);
    for (const text of [list.body, await stored(fixture), JSON.stringify(await told(fixture))]) {
      assert.ok(!text.includes(secret));
    }
  });

  test('act for nobody by themselves, and have no addresses, unless it is said', async () => {
    await using fixture = await Fixture.open();
    const { client } = await addClient(fixture, { redirect_uris: undefined, user_id: null });
    assert.deepEqual([client.user, client.redirect_uris], [null, []]);
  });

  test('that are revoked are gone, with every token that came through them, at the next request', async () => {
    await using fixture = await Fixture.open();
    const one = await addClient(fixture, { user_id: fixture.org.adminId });
    const other = await addClient(fixture, { user_id: fixture.org.adminId });
    const [token, kept] = [await tokenOf(fixture, one), await tokenOf(fixture, other)];
    assert.deepEqual([await statusWith(fixture, token), await statusWith(fixture, kept)], [200, 200]);
    const asked: Asked = { method: 'DELETE', path: `clients/${one.client.id}` };
    const [entry, ...others] = await toldBy(fixture, async () => {
      assert.equal((await ask(fixture, asked)).statusCode, 204);
    });
    assert.deepEqual(
      [entry?.action, entry?.record, others],
      ['revoked', { id: one.client.id, name: 'Client Archive' }, []],
    );
    assert.deepEqual([await statusWith(fixture, token), await statusWith(fixture, kept)], [401, 200]);
    await assert.rejects(tokenOf(fixture, one));
    assert.deepEqual(await done(fixture, { path: 'clients' }), { clients: [other.client] });
    assert.deepEqual(
      await toldBy(fixture, async () => {
        assert.equal(await refusal(fixture, asked), '404 INVALID_URL_PATTERN');
      }),
      [],
    );
  });

  test('are refused with the field that is wrong, and then nothing is added or told', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const before = await stored(fixture);
    const cases: [object, string][] = [
      [{ name: undefined }, '400 MANDATORY_NOT_FOUND name'],
      [{ name: ' ' }, '400 INVALID_DATA name'],
      [{ name: 'x'.repeat(201) }, '400 INVALID_DATA name'],
      [{ name: 'a\u0007b' }, '400 INVALID_DATA name'],
      [{ scopes: [] }, '400 INVALID_DATA scopes'],
      [{ scopes: undefined }, '400 INVALID_DATA scopes'],
      [{ scopes: 'ZohoCRM.org.READ' }, '400 INVALID_DATA scopes'],
      [{ scopes: ['no scope'] }, '400 INVALID_DATA scopes'],
      [{ scopes: ['x'.repeat(101)] }, '400 INVALID_DATA scopes[0]'],
      [{ scopes: Array(101).fill('A.b') }, '400 INVALID_DATA scopes'],
      [{ redirect_uris: ['javascript:alert(1)'] }, '400 INVALID_DATA redirect_uris'],
      [{ redirect_uris: ['https://a.example/#x'] }, '400 INVALID_DATA redirect_uris'],
      [{ redirect_uris: ['https://a.example/\ud800'] }, '400 INVALID_DATA redirect_uris'],
      [{ redirect_uris: [`https://a.example/${'x'.repeat(2_000)}`] }, '400 INVALID_DATA redirect_uris[0]'],
      [{ redirect_uris: Array(21).fill('https://a.example/') }, '400 INVALID_DATA redirect_uris'],
      [{ user_id: '1' }, '400 INVALID_DATA user_id'],
      [{ secret: 'mine' }, '400 INVALID_DATA secret'],
    ];
    const entries = await toldBy(fixture, async () => {
      for (const [over, expected] of cases) {
        const payload = { name: 'Archive', scopes, redirect_uris, ...over };
        const found = await refusal(fixture, { method: 'POST', path: 'clients', payload });
        assert.equal(found, expected, JSON.stringify(over));
      }
    });
    assert.deepEqual(entries, []);
    assert.equal(await stored(fixture), before);
    assert.ok(member.id);
  });

  test('as large as they may be are told of all the same', async () => {
    await using fixture = await Fixture.open();
    const uris = Array.from({ length: 12 }, (_, n) => `https://a.example/${n}/${'é'.repeat(1_900)}`);
    const names = Array.from({ length: 100 }, (_, n) => `A${n}.${'b'.repeat(96)}`);
    const [entry] = await toldBy(fixture, () =>
      addClient(fixture, { name: 'é'.repeat(200), redirect_uris: uris, scopes: names }),
    );
    assert.equal(entry?.record.name, `Client ${'é'.repeat(200)}`);
    assert.deepEqual(entry?.changes.find(({ field }) => field === 'scopes')?.new, names);
    assert.match(String(entry?.changes.find(({ field }) => field === 'redirect_uris')?.new), /too long to be shown/);
  });

  test(`there are at most ${maxClients}, not counting those that are revoked`, async () => {
    await using fixture = await Fixture.open();
    const { client } = await addClient(fixture);
    const { db } = fixture.parts;
    const row = await db.selectFrom('clients').selectAll().executeTakeFirstOrThrow();
    const rows = Array.from({ length: maxClients - 1 }, (_, n) => ({ ...row, id: `filling ${n}` }));
    for (let at = 0; at < rows.length; at += 500)
      await db
        .insertInto('clients')
        .values(rows.slice(at, at + 500))
        .execute();
    const add: Asked = { method: 'POST', path: 'clients', payload: { name: 'One more', scopes } };
    assert.equal(await refusal(fixture, add), '400 LIMIT_EXCEEDED');
    await done(fixture, { method: 'DELETE', path: `clients/${client.id}` });
    await done(fixture, add);
  });
});

suite('tokens', () => {
  const addToken = (fixture: Fixture, payload: object) => done(fixture, { method: 'POST', path: 'tokens', payload });

  test('are made for an hour, shown once, and kept as a hash only', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    let made = { id: '', token: '', expires_at: '' };
    const [entry, ...others] = await toldBy(fixture, async () => {
      const payload = { user_id: member.id, scopes: ['zohocrm.ORG.read', 'ZohoCRM.users.READ'] };
      const answer = await ask(fixture, { method: 'POST', path: 'tokens', payload });
      assert.deepEqual([answer.statusCode, answer.headers['cache-control']], [201, 'no-store'], answer.body);
      made = answer.json();
    });
    const { id, token } = made;
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.ok(!token.includes(id));
    assert.equal(made.expires_at, '2026-07-01T12:30:00+05:30');
    const list = await ask(fixture, { path: 'tokens' });
    assert.deepEqual(
      list.json().tokens.find((one: { id: string }) => one.id === id),
      {
        id,
        kind: 'access',
        user: { id: member.id, name: 'member@example.com' },
        client: null,
        scopes,
        created_at: '2026-07-01T11:30:00+05:30',
        expires_at: made.expires_at,
      },
    );
    assert.deepEqual(
      [entry?.action, entry?.record, others],
      ['added', { id, name: 'Access token of member@example.com' }, []],
    );
    assert.deepEqual(entry?.changes, [
      { field: 'user_id', new: member.id },
      { field: 'scopes', new: scopes },
    ]);
    for (const text of [list.body, await stored(fixture), JSON.stringify(await told(fixture))]) {
      assert.ok(!text.includes(token));
      for (const part of token.split('.').slice(1)) assert.ok(!text.includes(part));
    }
    assert.equal(await statusWith(fixture, token), 200);
    fixture.now += 3_600_000;
    assert.equal(await statusWith(fixture, token), 401);
  });

  test('that are revoked end at the next request, and alone', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const one = await addToken(fixture, { user_id: member.id, scopes });
    const other = await addToken(fixture, { user_id: member.id, scopes });
    assert.deepEqual([await statusWith(fixture, one.token), await statusWith(fixture, other.token)], [200, 200]);
    const asked: Asked = { method: 'DELETE', path: `tokens/${one.id}` };
    const [entry, ...others] = await toldBy(fixture, async () => {
      assert.equal((await ask(fixture, asked)).statusCode, 204);
    });
    assert.deepEqual(
      [entry?.action, entry?.record, others],
      ['revoked', { id: one.id, name: 'Access token of member@example.com' }, []],
    );
    assert.deepEqual([await statusWith(fixture, one.token), await statusWith(fixture, other.token)], [401, 200]);
    assert.equal(await refusal(fixture, asked), '404 INVALID_URL_PATTERN');
    for (const id of [
      one.id.slice(0, 15),
      other.id.slice(0, 15),
      other.id.toUpperCase(),
      `${other.id}0`,
      other.token,
      '%25',
    ]) {
      assert.equal(await refusal(fixture, { method: 'DELETE', path: `tokens/${id}` }), '404 INVALID_URL_PATTERN', id);
    }
    assert.equal(await statusWith(fixture, other.token), 200);
  });

  test('that refresh take those that came from them with them', async () => {
    await using fixture = await Fixture.open();
    const { access } = fixture.parts;
    const { client, secret } = await addClient(fixture);
    const userId = fixture.org.adminId;
    const wanted = { org: fixture.org.zgid, userId, clientId: client.id, scopes };
    const { token: refresh_token } = await access.makeRefreshToken(wanted);
    const asked = { client_id: client.id, client_secret: secret, grant_type: 'refresh_token', refresh_token };
    const { access_token } = await access.token(asked);
    const { tokens } = await done(fixture, { path: 'tokens' });
    const refresh = tokens.find((one: { kind: string }) => one.kind === 'refresh');
    assert.deepEqual([refresh.client, refresh.expires_at], [{ id: client.id, name: 'Archive' }, null]);
    assert.equal(await statusWith(fixture, access_token), 200);
    const [entry] = await toldBy(fixture, () => done(fixture, { method: 'DELETE', path: `tokens/${refresh.id}` }));
    assert.equal(entry?.record.name, 'Refresh token of Administrator');
    assert.equal(await statusWith(fixture, access_token), 401);
    await assert.rejects(access.token(asked));
    const left = (await done(fixture, { path: 'tokens' })).tokens;
    assert.deepEqual(
      left.filter((one: { client: unknown }) => one.client !== null),
      [],
    );
  });

  test('that are over, codes, and those of somebody who is out are in no list', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const { client } = await addClient(fixture);
    const wanted = { org: fixture.org.zgid, userId: fixture.org.adminId, clientId: client.id, scopes };
    await fixture.parts.access.makeCode({ ...wanted, redirectUri: null });
    const listed = async () =>
      (await done(fixture, { path: 'tokens' })).tokens.map(({ user }: { user: { id: string } }) => user.id);
    assert.deepEqual((await listed()).toSorted(), [fixture.org.adminId, member.id].toSorted());
    await done(fixture, { method: 'PATCH', path: `users/${member.id}`, payload: { status: 'inactive' } });
    assert.deepEqual(await listed(), [fixture.org.adminId]);
    const headers = await fixture.session();
    fixture.now += 3_600_000;
    assert.deepEqual((await done(fixture, { path: 'tokens', token: null, headers })).tokens, []);
  });

  test('are listed newest first, by pages, each once, also those of one moment', async () => {
    await using fixture = await Fixture.open();
    const made: string[] = [];
    for (const after of [0, 0, 0, 1_000, 0]) {
      fixture.now += after;
      made.push((await addToken(fixture, { user_id: fixture.org.adminId, scopes })).id);
    }
    const all = (await done(fixture, { path: 'tokens' })).tokens.map(({ id }: { id: string }) => id);
    assert.deepEqual(all.slice(0, 2).toSorted(), made.slice(3).toSorted());
    assert.equal(all.length, 6);
    const seen: string[] = [];
    let path = 'tokens?per_page=2';
    for (let page = 1; page <= 3; page += 1) {
      const { tokens, info } = await done(fixture, { path });
      assert.deepEqual([info.count, info.more_records, info.next_cursor !== null], [2, page < 3, page < 3]);
      seen.push(...tokens.map(({ id }: { id: string }) => id));
      path = `tokens?per_page=2&cursor=${info.next_cursor}`;
    }
    assert.deepEqual(seen, all);
    for (const query of ['per_page=0', 'per_page=201', 'cursor=x']) {
      const field = query.split('=')[0];
      assert.equal(await refusal(fixture, { path: `tokens?${query}` }), `400 INVALID_DATA ${field}`);
    }
  });

  test('are refused to whoever cannot hold them, with the field that is wrong', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const gone = await fixture.addUser('gone@example.com');
    await done(fixture, { method: 'PATCH', path: `users/${gone.id}`, payload: { status: 'inactive' } });
    await refuses(fixture, { method: 'POST', path: 'tokens' }, [
      [{ scopes }, '400 MANDATORY_NOT_FOUND user_id'],
      [{ user_id: member.id }, '400 INVALID_DATA scopes'],
      [{ user_id: member.id, scopes: [] }, '400 INVALID_DATA scopes'],
      [{ user_id: member.id, scopes: ['no scope'] }, '400 INVALID_DATA scopes'],
      [{ user_id: member.id, scopes: [7] }, '400 INVALID_DATA scopes[0]'],
      [{ user_id: member.id, scopes: everyScope }, '400 INVALID_DATA scopes'],
      [{ user_id: gone.id, scopes }, '400 INVALID_DATA user_id'],
      [{ user_id: '1', scopes }, '400 INVALID_DATA user_id'],
      [{ user_id: member.id, scopes, expires_at: null }, '400 INVALID_DATA expires_at'],
    ]);
  });
});
