import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { verifyPassword } from '../../src/directory/password.ts';
import { openDirectory } from './setup.ts';

suite('a new organisation', () => {
  test('has its number, id, time zone and hierarchy', async () => {
    await using setup = await openDirectory();
    const { directory, seeded } = setup;
    assert.match(seeded.zgid, /^[1-9][0-9]{7}$/);
    assert.match(seeded.id, /^[0-9]{18,19}$/);
    assert.deepEqual(await directory.organisation(seeded.zgid), {
      zgid: seeded.zgid,
      id: seeded.id,
      companyName: 'Zylker',
      timeZone: 'Asia/Kolkata',
      hierarchy: 'roles',
      resultDays: null,
      createdAt: setup.now,
    });
    assert.equal(await directory.organisation('00000000'), null);
  });

  test('has an administrator with the CEO role, whose one-time password is kept as a hash only', async () => {
    await using setup = await openDirectory();
    const { directory, seeded, org } = setup;
    const admin = await directory.userByEmail(' Admin@Example.com ');
    assert.equal(admin?.id, seeded.adminId);
    assert.equal(admin?.org, org);
    assert.equal(admin?.role?.name, 'CEO');
    assert.equal(admin?.profile?.name, 'Administrator');
    assert.match(seeded.oneTimePassword, /^([2-9A-HJ-NP-Z]{5}-){3}[2-9A-HJ-NP-Z]{5}$/);
    const row = await setup.db
      .selectFrom('users')
      .selectAll()
      .where('id', '=', seeded.adminId)
      .executeTakeFirstOrThrow();
    assert.equal(row.password_is_one_time, 1);
    assert.ok(!JSON.stringify(row).includes(seeded.oneTimePassword));
    assert.equal(await verifyPassword(seeded.oneTimePassword, row.password_hash), true);
    assert.equal(await verifyPassword(seeded.oneTimePassword.toLowerCase(), row.password_hash), false);
  });

  test('has three profiles, a tree of roles with the CEO on top, and the standard modules', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    assert.deepEqual(
      (await directory.profiles(org)).map(({ name, isAdministrator, mayUseAuditLog }) => [
        name,
        isAdministrator,
        mayUseAuditLog,
      ]),
      [
        ['Administrator', true, true],
        ['Standard', false, true],
        ['No Audit Log', false, false],
      ],
    );
    const roles = await directory.roles(org);
    assert.deepEqual(
      roles.map(({ name, isCeo, reportsTo }) => [name, isCeo, roles.find((role) => role.id === reportsTo)?.name]),
      [
        ['CEO', true, undefined],
        ['Manager', false, 'CEO'],
        ['Member', false, 'Manager'],
      ],
    );
    const modules = await directory.modules(org);
    assert.ok(modules.length >= 20);
    assert.deepEqual(modules[0], {
      id: modules[0]?.id,
      apiName: 'Leads',
      singularLabel: 'Lead',
      pluralLabel: 'Leads',
      generatedType: 'default',
      isImported: false,
    });
    assert.equal(new Set(modules.map((module) => module.id)).size, modules.length);
  });

  test('an address that is taken is refused, without a word on whose it is, and nothing is made', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await assert.rejects(directory.createOrganisation({ name: 'Other', timeZone: 'UTC' }), {
      code: 'DUPLICATE_DATA',
      message: new RegExp(`^(?!.*${org}).*admin@example\\.com belongs to a user already`),
    });
    assert.equal((await directory.organisations()).length, 1);
    await directory.createOrganisation({ name: 'Other', timeZone: 'UTC', adminEmail: 'other@example.com' });
    assert.deepEqual((await directory.organisations()).map((one) => one.companyName).toSorted(), ['Other', 'Zylker']);
  });

  test('what cannot be used is refused by name', async () => {
    await using setup = await openDirectory();
    const refused = [
      [{ name: ' ' }, /organisation's name is empty/],
      [{ name: 'é'.repeat(513) }, /organisation's name is longer than 1024 bytes/],
      [{ name: 'a\u0000b' }, /character that cannot be shown/],
      [{ name: 'a\ud800b' }, /character that cannot be shown/],
      [{ timeZone: 'Mars/Olympus' }, /"Mars\/Olympus" is not a time zone/],
      [{ adminEmail: 'nobody' }, /"nobody" is not an e-mail address/],
      [{ adminEmail: 'a,b@example.com' }, /is not an e-mail address/],
      [{ adminEmail: `${'a'.repeat(243)}@example.com` }, /longer than 254 characters/],
      [{ adminName: '' }, /administrator's name is empty/],
    ] as const;
    for (const [change, message] of refused) {
      const wanted = { name: 'Other', timeZone: 'UTC', adminEmail: 'other@example.com', ...change };
      await assert.rejects(setup.directory.createOrganisation(wanted), { code: 'INVALID_DATA', message });
    }
  });
});

suite('changing an organisation', () => {
  test('sets what is named, and leaves the rest and every other organisation', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const before = await directory.organisation(other.zgid);
    const changed = await directory.updateOrganisation(org, { hierarchy: 'reporting_to', timeZone: 'Europe/Berlin' });
    assert.deepEqual(
      [changed.companyName, changed.hierarchy, changed.timeZone],
      ['Zylker', 'reporting_to', 'Europe/Berlin'],
    );
    assert.deepEqual(await directory.updateOrganisation(org, {}), changed);
    assert.deepEqual(await directory.organisation(other.zgid), before);
  });

  test('a bad time zone and an unknown organisation are refused', async () => {
    await using setup = await openDirectory();
    await assert.rejects(setup.directory.updateOrganisation(setup.org, { timeZone: 'nowhere' }), {
      code: 'INVALID_DATA',
    });
    for (const resultDays of [0, 1.5, -1, 3_651, Number.NaN]) {
      await assert.rejects(setup.directory.updateOrganisation(setup.org, { resultDays }), { code: 'INVALID_DATA' });
    }
    await assert.rejects(setup.directory.updateOrganisation('00000000', {}), { code: 'INVALID_DATA' });
  });
});
