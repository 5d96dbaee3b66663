import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { fittingScale, linearScale, logarithmicScale } from '../../bench/scales.ts';

suite('the scales of the charts', () => {
  test('a linear scale starts at zero and ends at a round number', () => {
    assert.deepEqual(linearScale(9.3).ticks, [0, 2, 4, 6, 8, 10]);
    assert.equal(linearScale(10).place(5), 0.5);
  });

  test('a logarithmic scale goes from the power of ten below the smallest value to that above the largest', () => {
    const { ticks, place } = logarithmicScale(0.1, 42);
    assert.deepEqual(
      ticks.map((tick) => Number(tick.toPrecision(3))),
      [0.01, 0.1, 1, 10, 100],
    );
    assert.ok(Math.abs(place(1) - 0.5) < 1e-9);
  });

  test('values that lie far apart get a logarithmic scale, and zero never does', () => {
    assert.equal(fittingScale([1, 10]).isLogarithmic, false);
    assert.equal(fittingScale([1, 100]).isLogarithmic, true);
    assert.equal(fittingScale([0, 100]).isLogarithmic, false);
  });

  test('every value lies on its axis, in order', () => {
    const values = fc.array(fc.double({ min: 1e-4, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, (unsorted) => {
        const sorted = unsorted.toSorted((a, b) => a - b);
        const { place } = fittingScale(sorted);
        const places = sorted.map(place);
        assert.ok(places.every((at) => at >= 0 && at <= 1 + 1e-9));
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
