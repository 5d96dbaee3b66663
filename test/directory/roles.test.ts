import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openDirectory, roleNamed, type Setup } from './setup.ts';

/** Those that every organisation begins with. */
async function usualRoles({ directory, org }: Setup) {
  return {
    ceo: await roleNamed(directory, org, 'CEO'),
    manager: await roleNamed(directory, org, 'Manager'),
    member: await roleNamed(directory, org, 'Member'),
  };
}

suite('roles', () => {
  test('a new one reports to the role that is named, or to the CEO', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const [ceo, member] = [await roleNamed(directory, org, 'CEO'), await roleNamed(directory, org, 'Member')];
    assert.equal((await directory.addRole(org, { name: 'Sales', reportsTo: null })).reportsTo, ceo.id);
    const intern = await directory.addRole(org, { name: ' Intern ', reportsTo: member.id });
    assert.deepEqual(intern, { id: intern.id, name: 'Intern', reportsTo: member.id, isCeo: false });
    assert.deepEqual(await roleNamed(directory, org, 'Intern'), intern);
  });

  test("a name that is taken, an empty one, and another organisation's role are refused", async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const foreign = await roleNamed(directory, other.zgid, 'Member');
    await assert.rejects(directory.addRole(org, { name: 'Member', reportsTo: null }), { code: 'DUPLICATE_DATA' });
    await assert.rejects(directory.addRole(org, { name: '', reportsTo: null }), { code: 'INVALID_DATA' });
    await assert.rejects(directory.addRole(org, { name: 'Sales', reportsTo: foreign.id }), { code: 'INVALID_DATA' });
    await assert.rejects(directory.moveRole(org, foreign.id, null), { code: 'INVALID_DATA' });
  });

  test('a role may not come to report to itself, and the CEO reports to nobody', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const { ceo, manager, member } = await usualRoles(setup);
    const intern = await directory.addRole(org, { name: 'Intern', reportsTo: member.id });
    await assert.rejects(directory.moveRole(org, manager.id, intern.id), /"Manager" would report to itself/);
    await assert.rejects(directory.moveRole(org, manager.id, manager.id), /would report to itself/);
    await assert.rejects(directory.moveRole(org, ceo.id, intern.id), /CEO role reports to nobody/);
    assert.equal((await directory.moveRole(org, member.id, null)).reportsTo, ceo.id);
    assert.equal((await directory.moveRole(org, manager.id, intern.id)).reportsTo, intern.id);
  });

  test('one is renamed, alone or while it moves, and keeps what reports to it', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const { ceo, manager, member } = await usualRoles(setup);
    const intern = await directory.addRole(org, { name: 'Intern', reportsTo: member.id });
    assert.deepEqual(await directory.updateRole(org, member.id, { name: ' Colleague ' }), {
      ...member,
      name: 'Colleague',
    });
    const moved = await directory.updateRole(org, member.id, { name: 'Clerk', reportsTo: manager.id });
    assert.deepEqual(moved, { ...member, name: 'Clerk', reportsTo: manager.id });
    assert.deepEqual(await directory.updateRole(org, ceo.id, { name: 'Chair' }), { ...ceo, name: 'Chair' });
    assert.deepEqual(await roleNamed(directory, org, 'Intern'), intern);
    // Its own name is no name that is taken.
    assert.deepEqual(await directory.updateRole(org, member.id, { name: 'Clerk' }), moved);
  });

  test('one that is not renamed properly stays as it is, and where it is', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({ name: 'O', timeZone: 'UTC', adminEmail: 'o@example.com' });
    const [manager, member] = [await roleNamed(directory, org, 'Manager'), await roleNamed(directory, org, 'Member')];
    const foreign = await roleNamed(directory, other.zgid, 'Member');
    await directory.updateRole(other.zgid, foreign.id, { name: 'Free here' });
    const reportsTo = manager.id;
    await assert.rejects(directory.updateRole(org, member.id, { name: 'Manager', reportsTo }), {
      code: 'DUPLICATE_DATA',
    });
    await assert.rejects(directory.updateRole(org, member.id, { name: ' ', reportsTo }), { code: 'INVALID_DATA' });
    await assert.rejects(directory.updateRole(org, member.id, { name: 'Good', reportsTo: '1' }), {
      code: 'INVALID_DATA',
    });
    await assert.rejects(directory.updateRole(org, foreign.id, { name: 'Good' }), { code: 'INVALID_DATA' });
    assert.deepEqual(await roleNamed(directory, org, 'Member'), member);
    assert.equal((await directory.updateRole(org, member.id, { name: 'Free here' })).name, 'Free here');
  });
});
