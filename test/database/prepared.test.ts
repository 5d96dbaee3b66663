import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openDatabase } from '../../src/database/database.ts';
import { PreparedQuery } from '../../src/database/prepared.ts';

suite('a prepared query', () => {
  test('is built once, and takes new values each time, by name and as often as they occur', async () => {
    await using db = await openDatabase(':memory:');
    for (const name of ['a', 'b', 'c'])
      await db
        .insertInto('id_allocator')
        .values({ name, next: `${name}1` })
        .execute();
    let built = 0;
    const query = new PreparedQuery((given: { name: string; next: string }) => {
      built += 1;
      return db
        .selectFrom('id_allocator')
        .select('name')
        .where('name', '!=', 'c')
        .where((where) =>
          where.or([where('next', '=', given.next), where('name', '=', given.name), where('next', '=', given.name)]),
        )
        .orderBy('name');
    });
    assert.deepEqual(await query.all(db, { next: 'b1', name: 'a' }), [{ name: 'a' }, { name: 'b' }]);
    assert.deepEqual(await query.first(db, { next: 'c1', name: 'b1' }), { name: 'b' });
    assert.equal(await query.first(db, { next: "' or 1 = 1 --", name: 'c' }), undefined);
    assert.equal(built, 1);
  });

  test('runs within a transaction, and says how many rows it changed', async () => {
    await using db = await openDatabase(':memory:');
    const put = new PreparedQuery((given: { name: string; next: string }) =>
      db.insertInto('id_allocator').values({ name: given.name, next: given.next }),
    );
    const undone = db.transaction().execute(async (trx) => {
      const { numAffectedRows } = await put.run(trx, { name: 'x', next: '1' });
      assert.equal(numAffectedRows, 1n);
      throw new Error('no');
    });
    await assert.rejects(undone, /^Error: no$/);
    assert.deepEqual(await db.selectFrom('id_allocator').selectAll().execute(), []);
  });
});
