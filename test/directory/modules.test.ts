import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { maxModules } from '../../src/directory/named-modules.ts';
import { openDirectory, type Setup } from './setup.ts';

const ships = { apiName: 'Ships', singularLabel: 'Ship', pluralLabel: 'Ships' };

async function otherOrg({ directory }: Setup): Promise<string> {
  return (await directory.createOrganisation({ name: 'O', timeZone: 'UTC', adminEmail: 'other@example.com' })).zgid;
}

suite('a module that an administrator adds', () => {
  test('is there with its labels, trimmed, and entries that name it add no other', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const module = await directory.addModule(org, { ...ships, pluralLabel: ' Fleet ' });
    assert.deepEqual(
      [module.apiName, module.singularLabel, module.pluralLabel, module.isImported],
      ['Ships', 'Ship', 'Fleet', false],
    );
    await directory.resolveModules(org, [{ apiName: 'Ships', id: '7' }]);
    const named = (await directory.modules(org)).filter(({ apiName }) => apiName === 'Ships');
    assert.deepEqual(named, [module]);
    assert.deepEqual(await directory.moduleLabels(org, ['Ships']), new Map([['Ships', 'Fleet']]));
  });

  test('is refused when its name is taken, by an entry too, but not by another organisation', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveModules(org, [{ apiName: 'Ships', id: null }]);
    await assert.rejects(directory.addModule(org, ships), { code: 'DUPLICATE_DATA' });
    await assert.rejects(directory.addModule(org, { ...ships, apiName: 'Leads' }), { code: 'DUPLICATE_DATA' });
    await directory.addModule(await otherOrg(setup), ships);
    for (const wrong of [{ apiName: '' }, { singularLabel: ' ' }, { pluralLabel: 'a\u0000' }]) {
      await assert.rejects(directory.addModule(org, { ...ships, apiName: 'New', ...wrong }), { code: 'INVALID_DATA' });
    }
  });

  test('is refused when there is no room, which the module of the trail never lacks', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const room = maxModules - (await directory.modules(org)).length;
    const names = Array.from({ length: room }, (_, n) => ({ apiName: `Module_${n}`, id: null }));
    await directory.resolveModules(org, names);
    await assert.rejects(directory.addModule(org, ships), { code: 'LIMIT_EXCEEDED' });
    await directory.resolveModules(org, [{ apiName: 'Annals', id: null }]);
    await assert.rejects(directory.addModule(org, ships), { code: 'LIMIT_EXCEEDED' });
  });
});

suite('what a module is called', () => {
  test('is changed by itself: the api_name and the other label stay', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const module = await directory.addModule(org, ships);
    const fleet = await directory.updateModule(org, module.id, { pluralLabel: ' Fleet ' });
    assert.deepEqual(fleet, { ...module, pluralLabel: 'Fleet' });
    assert.deepEqual(await directory.updateModule(org, module.id, { singularLabel: 'Boat' }), {
      ...fleet,
      singularLabel: 'Boat',
    });
    assert.deepEqual(await directory.updateModule(org, module.id, {}), { ...fleet, singularLabel: 'Boat' });
  });

  test("is refused when it is none, and of a module that is not there or another organisation's", async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const module = await directory.addModule(org, ships);
    const other = await otherOrg(setup);
    for (const [zgid, id, labels] of [
      [org, module.id, { pluralLabel: ' ' }],
      [org, module.id, { singularLabel: 'x'.repeat(1_025) }],
      [org, '1', { pluralLabel: 'Fleet' }],
      [other, module.id, { pluralLabel: 'Fleet' }],
    ] as const) {
      await assert.rejects(directory.updateModule(zgid, id, labels), { code: 'INVALID_DATA' });
    }
    assert.deepEqual(
      (await directory.modules(org)).find(({ id }) => id === module.id),
      module,
    );
  });
});
