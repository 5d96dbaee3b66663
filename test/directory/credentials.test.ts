import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { deviceMark } from '../../src/directory/credentials.ts';
import { addPerson, openDirectory, type Setup } from './setup.ts';

const email = 'admin@example.com';
const chosen = 'correct horse battery';

/** The administrator with a password of their own choice. */
async function withChosen(setup: Setup): Promise<void> {
  const { directory, org, seeded } = setup;
  await directory.changePassword({ org, userId: seeded.adminId, current: seeded.oneTimePassword, next: chosen });
}

async function isOneTime({ db }: Setup): Promise<number | undefined> {
  const query = db.selectFrom('users').select('password_is_one_time').where('email', '=', email);
  return (await query.executeTakeFirst())?.password_is_one_time;
}

suite('who may log in', () => {
  test('whoever has the address and the password, in whatever case the address is written', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const proven = await directory.proveUser(` ${email.toUpperCase()} `, seeded.oneTimePassword);
    assert.deepEqual([proven?.org, proven?.userId], [org, seeded.adminId]);
    assert.equal(await directory.proveUser(email, `${seeded.oneTimePassword}x`), null);
    assert.equal(await directory.proveUser('nobody@example.com', seeded.oneTimePassword), null);
    assert.equal(await directory.proveUser(email, ''), null);
  });

  test('nobody who is not active, and nobody who is only known from entries', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    await addPerson(directory, org, { name: 'Second', profile: 'Administrator' });
    await directory.updateUser(org, seeded.adminId, { status: 'inactive' });
    assert.equal(await directory.proveUser(email, seeded.oneTimePassword), null);
    await directory.resolveUsers(org, [{ id: 5n, name: 'Imported' }]);
    assert.equal(await directory.proveUser('', ''), null);
    await assert.rejects(directory.resetPassword(org, '5'), { code: 'INVALID_DATA' });
  });
});

suite('a password of one’s own', () => {
  test('takes the place of the one-time password', async () => {
    await using setup = await openDirectory();
    const { directory, seeded } = setup;
    assert.equal(await isOneTime(setup), 1);
    await withChosen(setup);
    assert.equal(await isOneTime(setup), 0);
    assert.ok(await directory.proveUser(email, chosen));
    assert.equal(await directory.proveUser(email, seeded.oneTimePassword), null);
  });

  test('is refused when it is too short, too long, the address or the old one, or when the current one is wrong', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const current = seeded.oneTimePassword;
    const refusals: [string, string, string][] = [
      [current, 'x'.repeat(11), 'new_password'],
      [current, 'é'.normalize('NFD').repeat(11), 'new_password'],
      [current, 'x'.repeat(201), 'new_password'],
      [current, 'Admin@Example.com', 'new_password'],
      [current, ` ${email}`, 'new_password'],
      [current, current, 'new_password'],
      [current, `${'x'.repeat(12)}\ud800`, 'new_password'],
      ['not this one', chosen, 'current_password'],
    ];
    for (const [given, next, field] of refusals) {
      await assert.rejects(
        directory.changePassword({ org, userId: seeded.adminId, current: given, next }),
        (error: { code?: string; details?: Record<string, unknown>; message?: string }) =>
          error.code === 'INVALID_DATA' && error.details?.api_name === field && !error.message?.includes(next),
        next,
      );
    }
    assert.equal(await isOneTime(setup), 1);
  });

  test('has 12 to 200 characters, whatever their size', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    let current = seeded.oneTimePassword;
    for (const next of ['x'.repeat(12), '😀'.repeat(200), '한'.normalize('NFD').repeat(200)]) {
      await directory.changePassword({ org, userId: seeded.adminId, current, next });
      const proven = await directory.proveUser(email, next);
      assert.match(proven?.passwordHash ?? '', /^scrypt\.15\./);
      current = next;
    }
  });

  test('of two changes at the same time one wins', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const change = (next: string) =>
      directory.changePassword({ org, userId: seeded.adminId, current: seeded.oneTimePassword, next });
    const outcomes = await Promise.allSettled([change('one of the two'), change('other of the two')]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  test('that was reset is a new one-time password', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    await withChosen(setup);
    const password = await directory.resetPassword(org, seeded.adminId);
    assert.equal(await isOneTime(setup), 1);
    assert.ok(await directory.proveUser(email, password));
    assert.equal(await directory.proveUser(email, chosen), null);
  });
});

suite('the mark of a browser', () => {
  test('is known again for the user it was made for, until the password changes', async () => {
    await using setup = await openDirectory();
    const { directory, org, seeded } = setup;
    const ben = await addPerson(directory, org, { name: 'Ben' });
    const proven = await directory.proveUser(email, seeded.oneTimePassword);
    assert.ok(proven);
    const mark = deviceMark(proven);
    assert.notEqual(mark, deviceMark(proven));
    assert.equal(await directory.isDeviceOf(email, mark), true);
    assert.equal(await directory.isDeviceOf(ben.email ?? '', mark), false);
    assert.equal(await directory.isDeviceOf('nobody@example.com', mark), false);
    for (const forged of ['', mark.slice(1), `${mark}0`, mark.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
      assert.equal(await directory.isDeviceOf(email, forged), false);
    }
    await directory.resetPassword(org, seeded.adminId);
    assert.equal(await directory.isDeviceOf(email, mark), false);
  });

  test('that was made of no password at all is nobody’s', async () => {
    await using setup = await openDirectory();
    const forged = deviceMark({ org: '', userId: '', passwordHash: 'nobody' });
    assert.equal(await setup.directory.isDeviceOf('nobody@example.com', forged), false);
  });
});
