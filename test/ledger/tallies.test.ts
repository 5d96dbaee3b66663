import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { maxId } from '../../src/ledger/sqlite/filter.ts';
import { Tallies } from '../../src/ledger/sqlite/tallies.ts';

suite('the parts of a histogram', () => {
  test('are as many as asked for at most, cover the range, and take whole seconds', () => {
    const tallies = new Tallies(100, 199, 30);
    assert.equal(tallies.bucketSeconds, 4);
    assert.deepEqual(
      [100, 103, 104, 199].map((time) => tallies.bucketOf(time)),
      [0, 0, 1, 24],
    );
    assert.equal(new Tallies(100, 102, 30).bucketSeconds, 1);
  });

  test('an estimate that is spread thin is not lost by rounding', () => {
    const tallies = new Tallies(0, 99, 100);
    tallies.spread(0, 99, 'added', 20);
    const { total, isEstimate, buckets } = tallies.result();
    assert.deepEqual([total, isEstimate, buckets.length], [20, true, 20]);
  });

  test('a span is cut at their edges', () => {
    const slices = new Tallies(0, 29, 3).slices({ low: { time: 5, id: 7n }, high: { time: 12, id: 9n } });
    assert.deepEqual(slices, [
      { low: { time: 5, id: 7n }, high: { time: 9, id: maxId } },
      { low: { time: 10, id: 0n }, high: { time: 12, id: 9n } },
    ]);
  });
});
