import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { addPerson, openDirectory, profileNamed, roleNamed, type Setup } from './setup.ts';

async function visibleTo(setup: Setup, id: string): Promise<readonly string[] | undefined> {
  const viewer = await setup.directory.viewer(setup.org, id);
  assert.ok(viewer);
  return (await setup.directory.visibleTo(viewer))?.toSorted();
}

suite('who sees whose entries', () => {
  test('an administrator and the CEO role see everyone', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const ceo = await addPerson(directory, org, { name: 'Chief', role: 'CEO' });
    const admin = await addPerson(directory, org, { name: 'Admin', profile: 'Administrator' });
    const [first, second, third] = [
      await directory.viewer(org, seeded.adminId),
      await directory.viewer(org, ceo.id),
      await directory.viewer(org, admin.id),
    ];
    for (const viewer of [first, second, third]) {
      assert.ok(viewer);
      assert.equal(await directory.visibleTo(viewer), null);
    }
    assert.deepEqual(
      [second?.isCeo, second?.isAdministrator, third?.isCeo, third?.isAdministrator],
      [true, false, false, true],
    );
    assert.equal(second?.role?.name, 'CEO');
    assert.equal(third?.profile?.name, 'Administrator');
    assert.equal(third?.organisation.zgid, org);
  });

  test('by roles, one sees oneself and all roles below', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveUsers(org, [{ id: null, name: 'Imported' }]);
    const manager = await addPerson(directory, org, { name: 'Manager', role: 'Manager' });
    await addPerson(directory, org, { name: 'Peer', role: 'Manager' });
    const member = await addPerson(directory, org, { name: 'Member' });
    const gone = await addPerson(directory, org, { name: 'Gone' });
    await directory.updateUser(org, gone.id, { status: 'deleted' });
    assert.deepEqual(await visibleTo(setup, manager.id), [manager.id, member.id, gone.id].toSorted());
    assert.deepEqual(await visibleTo(setup, member.id), [member.id]);
  });

  test('by managers, one sees oneself and all who report, to any depth', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.updateOrganisation(org, { hierarchy: 'reporting_to' });
    const top = await addPerson(directory, org, { name: 'Top' });
    const middle = await addPerson(directory, org, { name: 'Middle', role: 'Manager', manager: top });
    const low = await addPerson(directory, org, { name: 'Low', role: 'Manager', manager: middle });
    assert.deepEqual(await visibleTo(setup, top.id), [top.id, middle.id, low.id].toSorted());
    assert.deepEqual(await visibleTo(setup, middle.id), [middle.id, low.id].toSorted());
    assert.deepEqual(await visibleTo(setup, low.id), [low.id]);
  });

  test('an imported user who is given a place is seen from above', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const manager = await addPerson(directory, org, { name: 'Manager', role: 'Manager' });
    const [imported] = await directory.resolveUsers(org, [{ id: 77n, name: 'Imported' }]);
    await directory.updateUser(org, String(imported?.id), { roleId: (await roleNamed(directory, org, 'Member')).id });
    assert.deepEqual(await visibleTo(setup, manager.id), ['77', manager.id].toSorted());
  });
});

suite('a viewer', () => {
  test('is nobody when not active, unknown, or of another organisation', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const user = await addPerson(directory, org, { name: 'Someone' });
    assert.equal(await directory.viewer(org, other.adminId), null);
    assert.equal(await directory.viewer(org, 'x'), null);
    for (const status of ['inactive', 'deleted'] as const) {
      await directory.updateUser(org, user.id, { status });
      assert.equal(await directory.viewer(org, user.id), null);
    }
  });

  test('may use the audit log by the profile, as it is at this moment', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const user = await addPerson(directory, org, { name: 'Someone' });
    assert.equal((await directory.viewer(org, user.id))?.mayUseAuditLog, true);
    await directory.updateUser(org, user.id, { profileId: (await profileNamed(directory, org, 'No Audit Log')).id });
    assert.equal((await directory.viewer(org, user.id))?.mayUseAuditLog, false);
    const [imported] = await directory.resolveUsers(org, [{ id: null, name: 'Imported' }]);
    assert.equal((await directory.viewer(org, String(imported?.id)))?.mayUseAuditLog, false);
  });
});
