import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hashing, hashPassword, oneTimePassword, verifyPassword } from '../../src/directory/password.ts';

suite('passwords', () => {
  test('the right one is true, any other is false, and two hashes of one differ', async () => {
    const [one, other] = await Promise.all([
      hashPassword('correct horse', 'chosen'),
      hashPassword('correct horse', 'chosen'),
    ]);
    assert.notEqual(one, other);
    assert.equal(await verifyPassword('correct horse', one), true);
    assert.equal(await verifyPassword('correct horse ', one), false);
    assert.equal(await verifyPassword('', one), false);
  });

  test('both spellings of an accented letter are one password', async () => {
    assert.equal(await verifyPassword('caf\u00e9', await hashPassword('cafe\u0301', 'one-time')), true);
  });

  test('nobody has no password', async () => {
    assert.equal(await verifyPassword('', null), false);
    assert.equal(await verifyPassword('x', null), false);
  });

  test('takes as much work to refuse nobody, a wrong one, and a wrong one-time password', async () => {
    const hashes = [null, await hashPassword('a', 'chosen'), await hashPassword('a', 'one-time')];
    const work = new Map<string | null, number>();
    for (let turn = 0; turn < 3; turn += 1) {
      for (const hash of hashes) {
        // The processor's time of this process, its threads included: how long it took depends on who else was at work.
        const before = process.cpuUsage();
        await verifyPassword('b', hash);
        work.set(hash, Math.min(work.get(hash) ?? Number.POSITIVE_INFINITY, process.cpuUsage(before).user));
      }
    }
    const all = [...work.values()];
    assert.ok(Math.max(...all) < 1.5 * Math.min(...all), all.join(' '));
  });

  test('are checked a few at a time; when too many wait, the next is told to come again', async () => {
    const room = hashing.atOnce + hashing.waiting;
    const works = Array.from({ length: room + 1 }, () => hashPassword('x', 'one-time'));
    const outcomes = await Promise.allSettled(works);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    assert.deepEqual(
      refused.map((each) => each.status === 'rejected' && each.reason.code),
      ['TOO_MANY_REQUESTS'],
    );
    assert.equal(outcomes.at(-1)?.status, 'rejected');
    assert.ok(await hashPassword('x', 'one-time'));
  });

  test('one that is over-long is refused when it is set, and false when it is tried', async () => {
    await assert.rejects(hashPassword('x'.repeat(1_025), 'chosen'), /^RangeError: the password is too long$/);
    assert.equal(await verifyPassword('x'.repeat(1_025), await hashPassword('', 'one-time')), false);
  });

  test('a damaged hash is an error that does not show it', async () => {
    await assert.rejects(verifyPassword('x', 'md5.secret'), /^Error: a stored password hash is damaged$/);
  });

  test('one-time passwords differ', () => {
    assert.equal(new Set(Array.from({ length: 100 }, oneTimePassword)).size, 100);
  });
});
