import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bestOf, type Figure, isReached, quantile, ratioOf, timesAsGood } from '../../bench/figures.ts';

const figure: Figure = {
  what: 'an export',
  unit: 's',
  values: [3, 1, 2],
  references: [
    { what: 'slow', group: 'zip', values: [40, 60, 50] },
    { what: 'fast', group: 'gzip', values: [4, 4, 4] },
    { what: 'absent', group: 'zip', values: [], missing: 'it is not installed' },
  ],
};

suite('the arithmetic of the bench', () => {
  test('a quantile lies between the two values beside it', () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
    assert.equal(quantile([10], 0.99), 10);
    assert.throws(() => quantile([], 0.5), RangeError);
  });

  test('a ratio above one says that Annals is ahead, for times and for rates', () => {
    const [slow] = figure.references ?? [];
    assert.ok(slow);
    assert.equal(ratioOf(figure, slow), 25);
    const rate: Figure = { what: 'entries in', unit: 'entries/s', values: [100] };
    assert.equal(ratioOf(rate, { what: 'half as fast', values: [50] }), 2);
    assert.equal(ratioOf(figure, { what: 'absent', values: [] }), null);
  });

  test('the best reference is the one that leaves Annals the smallest ratio, among those of the groups', () => {
    assert.equal(bestOf(figure, null)?.what, 'fast');
    assert.equal(bestOf(figure, ['zip'])?.what, 'slow');
    assert.equal(bestOf(figure, ['none']), null);
  });

  test('a target is reached at its limit, not reached beyond it, and neither when nothing was measured', () => {
    const verdict = timesAsGood('a target', figure, { wanted: 25, groups: ['zip'] });
    assert.equal(verdict.against, 'slow');
    assert.equal(isReached(verdict), true);
    assert.equal(isReached({ ...verdict, wanted: 25.1 }), false);
    assert.equal(isReached({ ...verdict, isAtLeast: false, wanted: 24 }), false);
    assert.equal(isReached(timesAsGood('a target', figure, { wanted: 2, groups: ['none'] })), null);
  });
});
