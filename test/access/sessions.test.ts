import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hashSecret } from '../../src/access/secrets.ts';
import { seenEveryMs, sessionDays, sessionIdleHours, sessionsOfUser } from '../../src/access/sessions.ts';
import { type AccessSetup, addAdministrator, openAccess } from './setup.ts';

const hour = 3_600_000;

async function logIn({ access, directory, org, userId }: AccessSetup): Promise<string> {
  const user = directory.db.selectFrom('users').select('password_hash').where('id', '=', userId);
  const { password_hash } = await user.executeTakeFirstOrThrow();
  const secret = await access.makeSession({ org, userId, passwordHash: password_hash ?? '' });
  assert.ok(secret);
  return secret;
}

suite('a session', () => {
  test('is known by what the cookie holds, of which only the hash is stored', async () => {
    await using setup = await openAccess();
    const secret = await logIn(setup);
    const session = await setup.access.session(hashSecret(secret));
    assert.deepEqual([session?.org, session?.userId, session?.passwordIsOneTime], [setup.org, setup.userId, true]);
    assert.equal(await setup.access.session(hashSecret('1000.other')), null);
    const rows = await setup.directory.db.selectFrom('sessions').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(secret));
    assert.equal(await setup.access.identify(secret), null);
  });

  test('ends after hours without use, and after days of use', async () => {
    await using setup = await openAccess();
    const hash = hashSecret(await logIn(setup));
    setup.directory.now += sessionIdleHours * hour - 1;
    assert.ok(await setup.access.session(hash));
    setup.directory.now += 1;
    assert.equal(await setup.access.session(hash), null);

    const used = hashSecret(await logIn(setup));
    const end = setup.directory.now + sessionDays * 24 * hour;
    while (setup.directory.now < end - 1) {
      const session = await setup.access.session(used);
      assert.ok(session && session.expiresAt <= end);
      setup.directory.now = Math.min(end - 1, setup.directory.now + sessionIdleHours * hour - 1);
      await setup.access.seeSession(used);
    }
    assert.ok(await setup.access.session(used));
    setup.directory.now += 1;
    assert.equal(await setup.access.session(used), null);
  });

  test('that is used is written down once in a while', async () => {
    await using setup = await openAccess();
    const hash = hashSecret(await logIn(setup));
    const seenAt = async () => (await setup.access.session(hash))?.seenAt;
    const before = await seenAt();
    setup.directory.now += seenEveryMs - 1;
    await setup.access.seeSession(hash);
    assert.equal(await seenAt(), before);
    setup.directory.now += 1;
    await setup.access.seeSession(hash);
    assert.equal(await seenAt(), setup.directory.now);
  });

  test('ends when its user is deactivated or given another password, and does not come back', async () => {
    await using setup = await openAccess();
    await addAdministrator(setup);
    const { directory } = setup.directory;
    const first = hashSecret(await logIn(setup));
    await directory.updateUser(setup.org, setup.userId, { status: 'inactive' });
    await directory.updateUser(setup.org, setup.userId, { status: 'active' });
    assert.equal(await setup.access.session(first), null);
    const second = hashSecret(await logIn(setup));
    const password = await directory.resetPassword(setup.org, setup.userId);
    assert.equal(await setup.access.session(second), null);
    const third = hashSecret(await logIn(setup));
    await directory.changePassword({ org: setup.org, userId: setup.userId, current: password, next: 'a new password' });
    assert.equal(await setup.access.session(third), null);
  });

  test('is not made by a password that was changed in the meantime, nor for a user who is not active', async () => {
    await using setup = await openAccess();
    await addAdministrator(setup);
    const { org, userId, access } = setup;
    const { directory, seeded } = setup.directory;
    const proven = await directory.proveUser(seeded.adminEmail, seeded.oneTimePassword);
    assert.ok(proven);
    const password = await directory.resetPassword(org, userId);
    assert.equal(await access.makeSession(proven), null);
    const again = await directory.proveUser(seeded.adminEmail, password);
    assert.ok(again);
    await directory.updateUser(org, userId, { status: 'inactive' });
    assert.equal(await access.makeSession(again), null);
  });

  test('is one of so many of a user; then the oldest makes room', async () => {
    await using setup = await openAccess();
    const hashes: string[] = [];
    for (let n = 0; n < sessionsOfUser + 2; n += 1) {
      setup.directory.now += 1;
      hashes.push(hashSecret(await logIn(setup)));
    }
    const live = await Promise.all(hashes.map((hash) => setup.access.session(hash)));
    assert.deepEqual(
      live.map((session) => session !== null),
      hashes.map((_, index) => index >= 2),
    );
  });

  test('that is over is deleted by housekeeping, and no other', async () => {
    await using setup = await openAccess();
    for (let n = 0; n < 5; n += 1) await logIn(setup);
    setup.directory.now += sessionIdleHours * hour;
    const live = hashSecret(await logIn(setup));
    assert.equal(await setup.access.housekeep(3), 3);
    assert.equal(await setup.access.housekeep(3), 2);
    assert.equal(await setup.access.housekeep(3), 0);
    assert.ok(await setup.access.session(live));
    await setup.access.endSession(live);
    assert.equal(await setup.access.session(live), null);
  });
});
