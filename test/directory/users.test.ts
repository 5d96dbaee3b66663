import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { UserListType } from '../../src/directory/users-list.ts';
import { addPerson, openDirectory, profileNamed, roleNamed, type Setup } from './setup.ts';

suite('adding a user', () => {
  test('gives an id, a role, a profile, a manager, and a one-time password that differs', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const role = await roleNamed(directory, org, 'Manager');
    const profile = await profileNamed(directory, org, 'Standard');
    const wanted = {
      name: ' Patricia Anne Boyle ',
      email: 'Patricia@Example.COM',
      roleId: role.id,
      profileId: profile.id,
    };
    const { user, oneTimePassword } = await directory.addUser(org, { ...wanted, managerId: seeded.adminId });
    assert.deepEqual(user, {
      org,
      id: user.id,
      fullName: 'Patricia Anne Boyle',
      firstName: 'Patricia Anne',
      lastName: 'Boyle',
      email: 'patricia@example.com',
      role: { id: role.id, name: 'Manager' },
      profile: { id: profile.id, name: 'Standard' },
      managerId: seeded.adminId,
      status: 'active',
      isImported: false,
      timeZone: null,
      createdAt: setup.now,
    });
    assert.notEqual(oneTimePassword, seeded.oneTimePassword);
    assert.deepEqual(await directory.user(org, user.id), user);
    assert.deepEqual(await directory.userByEmail('patricia@example.com'), user);
  });

  test('an unknown role, profile or manager, also one of another organisation, is refused', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const good = {
      name: 'X',
      email: 'x@example.com',
      roleId: (await roleNamed(directory, org, 'Member')).id,
      profileId: (await profileNamed(directory, org, 'Standard')).id,
      managerId: null,
    };
    const foreign = [
      { roleId: (await roleNamed(directory, other.zgid, 'Member')).id },
      { profileId: (await profileNamed(directory, other.zgid, 'Standard')).id },
      { managerId: other.adminId },
      { roleId: '' },
      { managerId: '1' },
    ];
    for (const change of foreign) {
      await assert.rejects(directory.addUser(org, { ...good, ...change }), { code: 'INVALID_DATA' });
      const { user } = await directory.addUser(org, { ...good, email: `${await setup.ids.next()}@example.com` });
      await assert.rejects(directory.updateUser(org, user.id, change), { code: 'INVALID_DATA' });
      assert.deepEqual(await directory.user(org, user.id), user);
    }
  });

  test('an address is taken in the whole installation, whatever its case, and only once under concurrency', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const wanted = async (zgid: string) => ({
      name: 'X',
      email: 'Same@example.com',
      roleId: (await roleNamed(directory, zgid, 'Member')).id,
      profileId: (await profileNamed(directory, zgid, 'Standard')).id,
      managerId: null,
    });
    const [here, there] = [await wanted(org), await wanted(other.zgid)];
    const tries = await Promise.allSettled([
      directory.addUser(org, here),
      directory.addUser(other.zgid, there),
      directory.addUser(org, here),
    ]);
    assert.deepEqual(tries.map((one) => one.status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
    await assert.rejects(directory.addUser(org, here), { code: 'DUPLICATE_DATA' });
  });

  test('an id that an imported user has is passed over', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const next = (await setup.ids.take(1)) + 1n;
    await directory.resolveUsers(org, [{ id: next, name: 'Imported' }]);
    const user = await addPerson(directory, org, { name: 'Real' });
    assert.notEqual(user.id, String(next));
    assert.equal((await directory.user(org, String(next)))?.fullName, 'Imported');
  });
});

suite('changing a user', () => {
  test('a chain of managers may not become a ring, however long', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const first = await addPerson(directory, org, { name: 'First' });
    let last = first;
    for (const name of ['Second', 'Third', 'Fourth']) last = await addPerson(directory, org, { name, manager: last });
    await assert.rejects(directory.updateUser(org, first.id, { managerId: last.id }), /report to themselves/);
    await assert.rejects(directory.updateUser(org, first.id, { managerId: first.id }), /report to themselves/);
    assert.equal((await directory.user(org, first.id))?.managerId, null);
    assert.equal((await directory.updateUser(org, last.id, { managerId: first.id })).managerId, first.id);
    assert.equal((await directory.updateUser(org, last.id, { managerId: null })).managerId, null);
  });

  test("another organisation's user does not exist", async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    await assert.rejects(directory.updateUser(org, other.adminId, { status: 'inactive' }), { code: 'INVALID_DATA' });
    assert.equal(await directory.user(org, other.adminId), null);
    assert.equal((await directory.user(other.zgid, other.adminId))?.status, 'active');
    assert.deepEqual(
      await directory.knownUsers(org, [other.adminId, setup.seeded.adminId, 'x']),
      new Set([setup.seeded.adminId]),
    );
  });

  test('name, role, profile and status are set', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const user = await addPerson(directory, org, { name: 'Some One' });
    const role = await roleNamed(directory, org, 'Manager');
    const profile = await profileNamed(directory, org, 'No Audit Log');
    const changed = await directory.updateUser(org, user.id, {
      name: 'Any Body',
      roleId: role.id,
      profileId: profile.id,
      status: 'inactive',
    });
    assert.deepEqual(
      [
        changed.fullName,
        changed.firstName,
        changed.lastName,
        changed.role?.name,
        changed.profile?.name,
        changed.status,
      ],
      ['Any Body', 'Any', 'Body', 'Manager', 'No Audit Log', 'inactive'],
    );
  });
});

suite('the e-mail address of a user', () => {
  test('is changed to one that is free, in lower case, and then the old one is free', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const user = await addPerson(directory, org, { name: 'Ada' });
    const changed = await directory.updateUser(org, user.id, { email: ' Ada@Example.COM ' });
    assert.deepEqual(changed, { ...user, email: 'ada@example.com' });
    assert.deepEqual(await directory.userByEmail('ada@example.com'), changed);
    assert.equal(await directory.userByEmail(user.email ?? ''), null);
    assert.equal((await addPerson(directory, org, { name: 'Ada' })).email, user.email);
    // Their own is not taken.
    assert.deepEqual(await directory.updateUser(org, user.id, { email: 'ADA@example.com' }), changed);
  });

  test('is refused when it is none or taken, in another organisation too, and then nothing is changed', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.createOrganisation({ name: 'Other', timeZone: 'UTC', adminEmail: 'other@example.com' });
    const user = await addPerson(directory, org, { name: 'Ada' });
    for (const [email, code] of [
      ['admin@example.com', 'DUPLICATE_DATA'],
      ['OTHER@example.com', 'DUPLICATE_DATA'],
      ['nobody', 'INVALID_DATA'],
      ['', 'INVALID_DATA'],
      [`${'a'.repeat(243)}@example.com`, 'INVALID_DATA'],
    ] as const) {
      await assert.rejects(directory.updateUser(org, user.id, { email, name: 'Other' }), { code });
      assert.deepEqual(await directory.user(org, user.id), user);
    }
  });

  test('is not given to somebody who is known from entries only', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveUsers(org, [{ id: 5n, name: 'Imported' }]);
    await assert.rejects(directory.updateUser(org, '5', { email: 'i@example.com' }), /known from entries only/);
    assert.equal((await directory.user(org, '5'))?.email, null);
  });
});

suite('lists of users', () => {
  async function names(setup: Setup, type: UserListType): Promise<string[]> {
    const query = { type, page: 1, perPage: 200, currentUserId: setup.seeded.adminId };
    return (await setup.directory.users(setup.org, query)).users.map((user) => user.fullName);
  }

  test('each type has its users; imported ones are active and not confirmed', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    setup.now += 1;
    const [gone, deleted] = [
      await addPerson(directory, org, { name: 'Gone' }),
      await addPerson(directory, org, { name: 'Deleted' }),
    ];
    await addPerson(directory, org, { name: 'Second Admin', profile: 'Administrator' });
    await directory.updateUser(org, gone.id, { status: 'inactive' });
    await directory.updateUser(org, deleted.id, { status: 'deleted' });
    setup.now += 1;
    await directory.resolveUsers(org, [{ id: null, name: 'Imported' }]);
    await directory.createOrganisation({ name: 'Other', timeZone: 'UTC', adminEmail: 'other@example.com' });
    const expected: Record<UserListType, string[]> = {
      AllUsers: ['Administrator', 'Gone', 'Second Admin', 'Imported'],
      ActiveUsers: ['Administrator', 'Second Admin', 'Imported'],
      DeactiveUsers: ['Gone'],
      ConfirmedUsers: ['Administrator', 'Gone', 'Second Admin'],
      NotConfirmedUsers: ['Imported'],
      DeletedUsers: ['Deleted'],
      ActiveConfirmedUsers: ['Administrator', 'Second Admin'],
      AdminUsers: ['Administrator', 'Second Admin'],
      ActiveConfirmedAdmins: ['Administrator', 'Second Admin'],
      CurrentUser: ['Administrator'],
    };
    for (const [type, users] of Object.entries(expected)) {
      assert.deepEqual(await names(setup, type as UserListType), users, type); // the keys of the record above
    }
  });

  test('pages follow each other without a gap, and say whether there is more', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveUsers(
      org,
      Array.from({ length: 6 }, (_, n) => ({ id: null, name: `Person ${n}` })),
    );
    const seen: string[] = [];
    for (const [page, size, hasMore] of [
      [1, 3, true],
      [2, 3, true],
      [3, 1, false],
      [4, 0, false],
    ] as const) {
      const found = await directory.users(org, { type: 'AllUsers', page, perPage: 3, currentUserId: null });
      assert.deepEqual([found.users.length, found.hasMore], [size, hasMore]);
      seen.push(...found.users.map((user) => user.id));
    }
    assert.equal(new Set(seen).size, 7);
  });

  test('a page may be as long as an installation allows', async () => {
    await using setup = await openDirectory();
    const refs = Array.from({ length: 300 }, (_, n) => ({ id: null, name: `Person ${n}` }));
    await setup.directory.resolveUsers(setup.org, refs);
    const query = { type: 'AllUsers', page: 1, perPage: 10_000, currentUserId: null } as const;
    assert.equal((await setup.directory.users(setup.org, query)).users.length, 301);
  });

  test('a page out of bounds is refused', async () => {
    await using setup = await openDirectory();
    for (const [page, perPage] of [
      [0, 10],
      [1, 0],
      [1.5, 10],
      [Number.NaN, 10],
      [2 ** 53, 10],
    ] as const) {
      const query = { type: 'AllUsers', page, perPage, currentUserId: null } as const;
      await assert.rejects(setup.directory.users(setup.org, query), { code: 'INVALID_DATA' });
    }
  });
});
