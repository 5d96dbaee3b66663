import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RepeatIds } from '../../src/intake/repeats.ts';

suite('ids made of content', () => {
  test('are the same whether contents are counted in memory or on disk', () => {
    const contents = Array.from({ length: 500 }, (_, index) => `line ${(index * 7) % 120}`);
    using inMemory = new RepeatIds();
    using onDisk = new RepeatIds(0);
    using both = new RepeatIds(50);
    const ids = contents.map((content) => inMemory.idOf(content));
    assert.deepEqual(
      contents.map((content) => onDisk.idOf(content)),
      ids,
    );
    assert.deepEqual(
      contents.map((content) => both.idOf(content)),
      ids,
    );
    assert.equal(new Set(ids).size, contents.length);
  });

  test('have 18 digits, start again with each file, and differ with the content', () => {
    for (const limit of [0, 10]) {
      using ids = new RepeatIds(limit);
      const [first, second, other] = [ids.idOf('a'), ids.idOf('a'), ids.idOf('b')];
      assert.equal(new Set([first, second, other]).size, 3);
      assert.match(String(first), /^[1-9]\d{17}$/);
      ids.restart();
      assert.deepEqual([ids.idOf('a'), ids.idOf('a')], [first, second]);
    }
  });
});
