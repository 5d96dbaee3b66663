import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { IdAllocator } from '../../src/database/ids.ts';
import { Directory } from '../../src/directory/directory.ts';
import { rival, scratchFolder } from '../database/scratch.ts';
import { addPerson, openDirectory, type Setup } from './setup.ts';

const bare = (name: string) => ({ id: null, name });

/** The same directory as another process sees it: nothing of it in memory. */
function elsewhere(setup: Setup): Directory {
  const clock = (): number => setup.now;
  return new Directory(setup.db, new IdAllocator(setup.db, clock), clock);
}

suite('the users that entries name by id', () => {
  test('a known one shows the name that was sent, else its own', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const id = BigInt(seeded.adminId);
    const answers = await directory.resolveUsers(org, [
      { id, name: 'Old Name' },
      { id, name: null },
      { id, name: '' },
    ]);
    assert.deepEqual(answers, [
      { id, name: 'Old Name' },
      { id, name: 'Administrator' },
      { id, name: 'Administrator' },
    ]);
    assert.equal((await directory.user(org, seeded.adminId))?.fullName, 'Administrator');
  });

  test('an unknown one is added as imported, under the name that was sent or its digits', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const answers = await directory.resolveUsers(org, [
      { id: 2n ** 63n - 1n, name: 'Patricia Boyle' },
      { id: 1n, name: null },
    ]);
    assert.deepEqual(answers, [
      { id: 2n ** 63n - 1n, name: 'Patricia Boyle' },
      { id: 1n, name: '1' },
    ]);
    const user = await directory.user(org, '9223372036854775807');
    assert.deepEqual(
      [user?.fullName, user?.firstName, user?.lastName, user?.email, user?.isImported, user?.status],
      ['Patricia Boyle', 'Patricia', 'Boyle', null, true, 'active'],
    );
    assert.equal((await directory.user(org, '1'))?.isImported, true);
  });

  test('the first name that comes takes the place of the digits, and a later one does not', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveUsers(org, [{ id: 5n, name: null }]);
    await directory.resolveUsers(org, [{ id: 5n, name: 'First' }]);
    await directory.resolveUsers(org, [{ id: 5n, name: 'Second' }]);
    assert.equal((await directory.user(org, '5'))?.fullName, 'First');
    assert.deepEqual(await directory.resolveUsers(org, [{ id: 5n, name: null }]), [{ id: 5n, name: 'First' }]);
  });

  test('a name beside the id in the same batch is used, wherever it stands', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const answers = await directory.resolveUsers(org, [
      { id: 5n, name: null },
      { id: 5n, name: 'Named' },
    ]);
    assert.deepEqual(answers, [
      { id: 5n, name: 'Named' },
      { id: 5n, name: 'Named' },
    ]);
  });

  test("an id of another organisation's user is another user", async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const other = await directory.createOrganisation({
      name: 'Other',
      timeZone: 'UTC',
      adminEmail: 'other@example.com',
    });
    const id = BigInt(seeded.adminId);
    await directory.resolveUsers(org, [{ id, name: null }]);
    assert.deepEqual(await directory.resolveUsers(other.zgid, [{ id, name: 'Mallory' }]), [{ id, name: 'Mallory' }]);
    assert.equal((await directory.user(other.zgid, seeded.adminId))?.isImported, true);
    assert.equal((await directory.user(org, seeded.adminId))?.fullName, 'Administrator');
  });
});

suite('the users that entries name by a bare name', () => {
  test('are never an existing user, whose name it may be', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const real = await addPerson(directory, org, { name: 'Patricia Boyle' });
    const byId = await directory.resolveUsers(org, [{ id: 9n, name: 'Patricia Boyle' }]);
    const [answer] = await directory.resolveUsers(org, [bare('Patricia Boyle')]);
    assert.ok(answer && String(answer.id) !== real.id && answer.id !== byId[0]?.id);
    assert.equal((await directory.user(org, String(answer.id)))?.isImported, true);
  });

  test('are the same user each time, in memory or not, and differ by each letter', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const names = ['Patricia', 'patricia', 'Patricia ', 'Patricia\u0301', '912', 'constructor'];
    const first = await directory.resolveUsers(org, names.map(bare));
    assert.deepEqual(await directory.resolveUsers(org, names.map(bare)), first);
    assert.deepEqual(await elsewhere(setup).resolveUsers(org, names.map(bare)), first);
    assert.equal(new Set(first.map((user) => user.id)).size, names.length);
    assert.deepEqual(
      first.map((user) => user.name),
      names,
    );
  });

  test('have the same id on every server: it is made of the name alone, 18 digits', async () => {
    await using one = await openDirectory();
    await using other = await openDirectory();
    other.now += 86_400_000;
    await other.directory.resolveUsers(other.org, [bare('Someone else')]);
    const here = await one.directory.resolveUsers(one.org, [bare('Patricia Boyle')]);
    assert.deepEqual(await other.directory.resolveUsers(other.org, [bare('Patricia Boyle')]), here);
    assert.match(String(here[0]?.id), /^[1-9][0-9]{17}$/);
  });

  test('get another id when someone else has theirs', async () => {
    await using one = await openDirectory();
    await using other = await openDirectory();
    const [usual] = await one.directory.resolveUsers(one.org, [bare('Patricia Boyle')]);
    assert.ok(usual);
    await other.directory.resolveUsers(other.org, [{ id: usual.id, name: 'Someone else' }]);
    const [unusual] = await other.directory.resolveUsers(other.org, [bare('Patricia Boyle')]);
    assert.ok(unusual && unusual.id !== usual.id);
    assert.deepEqual(await elsewhere(other).resolveUsers(other.org, [bare('Patricia Boyle')]), [unusual]);
    assert.equal((await other.directory.user(other.org, String(usual.id)))?.fullName, 'Someone else');
  });

  test('are recognised when an exported file brings them back with their id', async () => {
    await using one = await openDirectory();
    await using other = await openDirectory();
    const here = await one.directory.resolveUsers(one.org, [bare('Patricia Boyle')]);
    assert.deepEqual(await other.directory.resolveUsers(other.org, here), here);
    assert.deepEqual(await other.directory.resolveUsers(other.org, [bare('Patricia Boyle')]), here);
    assert.deepEqual(await one.directory.resolveUsers(one.org, here), here);
  });

  test('are recognised when only their id came before', async () => {
    await using one = await openDirectory();
    await using other = await openDirectory();
    const here = await one.directory.resolveUsers(one.org, [bare('Patricia Boyle')]);
    await other.directory.resolveUsers(
      other.org,
      here.map(({ id }) => ({ id, name: null })),
    );
    assert.deepEqual(await other.directory.resolveUsers(other.org, [bare('Patricia Boyle')]), here);
  });

  test('a ref with neither id nor name is refused', async () => {
    await using setup = await openDirectory();
    for (const name of [null, '']) {
      await assert.rejects(setup.directory.resolveUsers(setup.org, [{ id: null, name }]), RangeError);
    }
  });
});

suite('many users and modules at once', () => {
  test('are answered in the order of the refs', async () => {
    await using setup = await openDirectory();
    const refs = Array.from({ length: 2_000 }, (_, n) =>
      n % 2 ? bare(`Person ${n % 900}`) : { id: BigInt(1 + (n % 700)), name: `N${n}` },
    );
    const answers = await setup.directory.resolveUsers(setup.org, refs);
    for (const [index, ref] of refs.entries()) {
      assert.equal(answers[index]?.name, ref.name);
      if (ref.id !== null) assert.equal(answers[index]?.id, ref.id);
    }
    assert.deepEqual(await elsewhere(setup).resolveUsers(setup.org, refs), answers);
  });

  test('two calls, and two processes, that add the same ones agree', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'annals.sqlite');
    await using setup = await openDirectory(file);
    const others = [rival(file, 'people'), rival(file, 'people')];
    for (const other of others) await other.ready;
    for (const other of others) other.start();
    const results = await Promise.all(others.map((other) => other.result));
    const refs = Array.from({ length: 500 }, (_, n) => bare(`Person ${n}`));
    const here = await Promise.all([
      setup.directory.resolveUsers(setup.org, refs),
      elsewhere(setup).resolveUsers(setup.org, refs),
    ]);
    assert.deepEqual(results[0], results[1]);
    for (const answers of here)
      assert.deepEqual(
        answers.map((user) => String(user.id)),
        results[0],
      );
    const modules = (await setup.directory.modules(setup.org)).filter((module) => module.isImported);
    assert.equal(modules.length, 100);
    assert.equal(new Set(modules.map((module) => module.id)).size, 100);
  });
});

suite('the modules that entries name', () => {
  test('an unknown one is added as imported, with its id when that is free', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveModules(org, [
      { apiName: 'Rockets', id: '0042' },
      { apiName: 'Boosters', id: '42' },
      { apiName: 'Rockets', id: '43' },
      { apiName: 'Tanks', id: null },
      { apiName: 'Odd', id: 'not an id' },
      { apiName: 'Huge', id: '9999999999999999999' },
      { apiName: 'Leads', id: '44' },
    ]);
    const added = (await directory.modules(org)).filter((module) => module.isImported);
    assert.deepEqual(added.map((module) => module.apiName).toSorted(), ['Boosters', 'Huge', 'Odd', 'Rockets', 'Tanks']);
    assert.equal(added.find((module) => module.apiName === 'Rockets')?.id, '42');
    for (const { apiName, id, generatedType } of added) {
      if (apiName !== 'Rockets') assert.match(id, /^[0-9]{18,19}$/);
      assert.equal(generatedType, 'custom');
    }
  });

  test('naming them again, here or elsewhere, adds nothing', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    await directory.resolveModules(org, [{ apiName: 'Rockets', id: null }]);
    const before = await directory.modules(org);
    await directory.resolveModules(org, [{ apiName: 'Rockets', id: '7' }]);
    await elsewhere(setup).resolveModules(org, [
      { apiName: 'Rockets', id: '8' },
      { apiName: 'Leads', id: null },
    ]);
    assert.deepEqual(await directory.modules(org), before);
  });

  test('an organisation has at most 10,000 modules, and another is not concerned', async () => {
    await using setup = await openDirectory();
    const { directory, org } = setup;
    const other = await directory.createOrganisation({ name: 'O', timeZone: 'UTC', adminEmail: 'other@example.com' });
    const rows = Array.from({ length: 9_979 }, (_, n) => ({
      org,
      id: String(n + 1),
      api_name: `Module_${n}`,
      singular_label: 'M',
      plural_label: 'M',
      generated_type: 'custom' as const,
      imported: 1 as const,
      created_at: 0,
    }));
    for (let start = 0; start < rows.length; start += 1_000) {
      await setup.db
        .insertInto('modules')
        .values(rows.slice(start, start + 1_000))
        .execute();
    }
    assert.equal((await directory.modules(org)).length, 10_000);
    await assert.rejects(directory.resolveModules(org, [{ apiName: 'More', id: null }]), { code: 'LIMIT_EXCEEDED' });
    const some = ['More', 'Module_5'].map((apiName) => ({ apiName, id: null }));
    assert.deepEqual([...(await directory.resolveModulesInRoom(org, some))], ['More']);
    await directory.resolveModules(org, [{ apiName: 'Module_5', id: null }]);
    await directory.resolveModules(other.zgid, [{ apiName: 'More', id: null }]);
    assert.equal((await directory.modules(org)).length, 10_000);
  });
});
