import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Histogram } from '../../console/src/api/types.ts';
import { seriesOf, stacked } from '../../console/src/pages/log/series.ts';

const at = (minute: number) => new Date(Date.parse('2026-07-01T00:00:00Z') + minute * 60_000).toISOString();
const second = (minute: number) => Date.parse(at(minute)) / 1000;

function histogram(over: Partial<Histogram> = {}): Histogram {
  return {
    from: at(0),
    to: at(59),
    bucket_seconds: 600,
    total: 10,
    is_estimate: false,
    buckets: [
      { start: at(10), actions: { updated: 3, added: 1 } },
      { start: at(40), actions: { updated: 4, deleted: 2 } },
    ],
    ...over,
  };
}

suite('what the chart draws', () => {
  test('has a bar for every stretch of time, also where nothing happened', () => {
    const series = seriesOf(histogram());
    assert.deepEqual(series?.starts, [0, 10, 20, 30, 40, 50].map(second));
    assert.deepEqual([series?.from, series?.to], [second(0), second(60)]);
    assert.deepEqual(
      series?.actions.map(({ action, total, counts }) => [action, total, counts]),
      [
        ['updated', 7, [0, 3, 0, 0, 4, 0]],
        ['deleted', 2, [0, 0, 0, 0, 2, 0]],
        ['added', 1, [0, 1, 0, 0, 0, 0]],
      ],
    );
  });

  test('stacks the actions: the last ends at the sum of all', () => {
    const series = seriesOf(histogram()) ?? assert.fail();
    assert.deepEqual(stacked(series).at(-1), [0, 4, 0, 0, 6, 0]);
  });

  test('puts together what there are no colours left for, and loses none of it', () => {
    const actions = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`action_${index}`, 10 - index]));
    const series = seriesOf(histogram({ buckets: [{ start: at(0), actions }] })) ?? assert.fail();
    assert.equal(series.actions.length, 6);
    assert.equal(stacked(series).at(-1)?.[0], 54);
  });

  test('draws nothing of an empty log, and no more bars than a screen has', () => {
    assert.equal(seriesOf(histogram({ from: null, to: null, buckets: [] })), null);
    const endless = seriesOf(histogram({ to: at(60 * 24 * 3650), bucket_seconds: 1 }));
    assert.equal(endless?.starts.length, 2_000);
  });
});
