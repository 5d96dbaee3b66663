/** Tokens by their short ids. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type AccessSetup, openAccess } from './setup.ts';

/** Two tokens whose hashes begin alike, at one moment; their short ids. */
async function alike(setup: AccessSetup, starts: readonly [string, string]): Promise<string[]> {
  const { access, org, userId, directory } = setup;
  await access.makeAccessToken({ org, userId, scopes: ['ZohoCRM.org.READ'] });
  const { db } = directory;
  const row = await db.selectFrom('grants').selectAll().executeTakeFirstOrThrow();
  await db.deleteFrom('grants').execute();
  for (const start of starts)
    await db
      .insertInto('grants')
      .values({ ...row, hash: start.padEnd(64, '0') })
      .execute();
  return starts.map((start) => start.slice(0, 16));
}

async function live({ access, org }: AccessSetup): Promise<number> {
  return (await access.liveTokens(org, { after: null, limit: 10 })).length;
}

suite('the short id of a token', () => {
  test('is no more than what it says: neither a shorter one, nor one that goes on otherwise, ends a token', async () => {
    await using setup = await openAccess();
    const [one = '', other = ''] = await alike(setup, ['0123456789abcdef1', '0123456789abcdee2']);
    for (const id of ['', one.slice(0, 15), `${one}1`, '%', `${one.slice(0, 15)}_`, '0123456789abcded']) {
      assert.equal(await setup.access.revokeTokenById(setup.org, id), null, id);
    }
    assert.equal(await live(setup), 2);
    assert.equal((await setup.access.revokeTokenById(setup.org, one))?.id, one);
    assert.deepEqual(
      (await setup.access.liveTokens(setup.org, { after: null, limit: 10 })).map(({ id }) => id),
      [other],
    );
  });

  test('that two tokens have ends neither, for it could be the wrong one', async () => {
    await using setup = await openAccess();
    const [id = ''] = await alike(setup, ['0123456789abcdef1', '0123456789abcdef2']);
    assert.equal(await setup.access.revokeTokenById(setup.org, id), null);
    assert.equal(await live(setup), 2);
  });
});
