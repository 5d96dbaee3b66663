import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { searchedUsers } from '../../src/directory/users-list.ts';
import { addPerson, openDirectory, type Setup } from './setup.ts';

suite('the people whom somebody is typing', () => {
  async function suggested(setup: Setup, text: string, over: object = {}): Promise<string[]> {
    const search = { text, limit: 10, among: null, ...over };
    return (await setup.directory.peopleNamed(setup.org, search)).map(({ name }) => name);
  }

  test('are those with it in their name or address, by name, whatever their status and the case', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const gone = await addPerson(directory, org, { name: 'Zoe Boyle' });
    await directory.updateUser(org, gone.id, { status: 'inactive' });
    await directory.resolveUsers(org, [
      { id: null, name: 'Émile Boyd' },
      { id: null, name: '100% Sure_' },
    ]);
    await directory.createOrganisation({ name: 'O', timeZone: 'UTC', adminEmail: 'boy@example.org' });
    assert.deepEqual(await suggested(setup, ' bOY '), ['Zoe Boyle', 'Émile Boyd']);
    assert.deepEqual(await suggested(setup, 'ZOE.boyle@'), ['Zoe Boyle']);
    for (const text of ['émile', 'ÉMILE', 'Émile', 'e\u0301mile']) {
      assert.deepEqual(await suggested(setup, text), ['Émile Boyd'], text);
    }
    assert.deepEqual(await suggested(setup, '%'), ['100% Sure_']);
    assert.deepEqual(await suggested(setup, 'e_'), ['100% Sure_']);
    assert.deepEqual(await suggested(setup, "\\'"), []);
    assert.deepEqual(await suggested(setup, ''), ['100% Sure_', 'Administrator', 'Zoe Boyle', 'Émile Boyd']);
    const [found] = await directory.peopleNamed(org, { text: 'zoe', limit: 1, among: null });
    assert.deepEqual(found, { id: gone.id, name: 'Zoe Boyle', status: 'inactive' });
  });

  test('are no more than are asked for, and only those among whom they are looked for', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const [ada, ben] = [
      await addPerson(directory, org, { name: 'Ada' }),
      await addPerson(directory, org, { name: 'Ben' }),
    ];
    assert.deepEqual(await suggested(setup, '', { limit: 2 }), ['Ada', 'Administrator']);
    assert.deepEqual(await suggested(setup, '', { among: [ben.id, ada.id, '1'] }), ['Ada', 'Ben']);
    assert.deepEqual(await suggested(setup, '', { among: [] }), []);
  });
});

suite('a search of users', () => {
  const everyone = { text: null, status: null, isImported: null, after: null, limit: 50 };

  test('finds what holds the text in either form of it and either case, and nothing else', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await addPerson(directory, org, { name: 'Ada' });
    await directory.resolveUsers(org, [
      { id: null, name: 'Łukasz É' },
      { id: null, name: 'STRAẞE' },
    ]);
    const found = async (over: object) =>
      (await directory.searchUsers(org, { ...everyone, ...over })).users.map(({ fullName }) => fullName);
    assert.deepEqual(await found({ text: 'ŁUKASZ e\u0301' }), ['Łukasz É']);
    assert.deepEqual(await found({ text: 'straße' }), ['STRAẞE']);
    assert.deepEqual(await found({ text: 'ADMIN@' }), ['Administrator']);
    assert.deepEqual(await found({ text: '%' }), []);
    assert.deepEqual((await found({ isImported: true })).toSorted(), ['STRAẞE', 'Łukasz É']);
    assert.deepEqual((await found({ isImported: false })).toSorted(), ['Ada', 'Administrator']);
    assert.deepEqual(await found({ status: 'inactive' }), []);
  });

  test('goes on behind the last, also among those who were added at one moment, and ends', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveUsers(
      org,
      Array.from({ length: 1_100 }, (_, n) => ({ id: null, name: `Person ${n % 2 ? 'odd' : 'even'} ${n}` })),
    );
    for (const limit of [7, 499, 500, 550]) {
      const seen = new Set<string>();
      let after = null;
      let pages = 0;
      do {
        const page = await directory.searchUsers(org, { ...everyone, text: ' odd ', limit, after });
        assert.ok(page.users.length <= limit);
        for (const { id, fullName } of page.users) {
          assert.ok(!seen.has(id) && fullName.includes(' odd '));
          seen.add(id);
        }
        after = page.next;
        pages += 1;
      } while (after !== null);
      // One may come to the end and find nobody.
      assert.ok(pages <= Math.ceil(550 / limit) + 1);
      assert.equal(seen.size, 550, String(limit));
    }
  });

  test(`looks at no more than ${searchedUsers} users at once, and says where it stopped`, async () => {
    await using setup = await openDirectory();
    const { db, org, directory } = setup;
    const row = await db.selectFrom('users').selectAll().executeTakeFirstOrThrow();
    const rows = Array.from({ length: searchedUsers }, (_, n) => ({
      ...row,
      id: String(n + 1),
      email: null,
      imported: 1 as const,
      imported_name: `Filling ${n}`,
      full_name: `Filling ${n}`,
      created_at: setup.now + 1,
    }));
    for (let at = 0; at < rows.length; at += 1_000)
      await db
        .insertInto('users')
        .values(rows.slice(at, at + 1_000))
        .execute();
    setup.now += 2;
    const last = await addPerson(directory, org, { name: 'Needle' });
    const first = await directory.searchUsers(org, { ...everyone, text: 'needle' });
    assert.deepEqual(first.users, []);
    assert.ok(first.next);
    const second = await directory.searchUsers(org, { ...everyone, text: 'needle', after: first.next });
    assert.deepEqual([second.users.map(({ id }) => id), second.next], [[last.id], null]);
  });
});
