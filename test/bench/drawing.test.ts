import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { barsOf, groupsOf } from '../../bench/charts.ts';
import { drawingOf } from '../../bench/drawing.ts';

const chart = barsOf('zip', {
  what: 'Everything <all> & more',
  unit: 's',
  values: [1, 2, 3],
  references: [
    { what: 'slow | zip', values: [90] },
    { what: 'absent', values: [], missing: 'it is not installed' },
    { what: 'quick', values: [3] },
  ],
});

suite('the charts of the bench', () => {
  test('Annals comes first, then the others from the best to the worst; what was not measured is no bar', () => {
    assert.deepEqual(
      chart.bars.map(({ label, value }) => [label, value]),
      [
        ['Annals', 2],
        ['quick', 3],
        ['slow | zip', 90],
      ],
    );
  });

  test('rates put the largest first', () => {
    const references = [
      { what: 'low', values: [1] },
      { what: 'high', values: [9] },
    ];
    const { bars } = barsOf('in', { what: 'in', unit: 'entries/s', values: [5], references });
    assert.deepEqual(
      bars.map(({ label }) => label),
      ['Annals', 'high', 'low'],
    );
  });

  test('of several figures each is followed by the best of each group, and compared with that alone', () => {
    const of = (what: string, own: number, theirs: number) => ({
      what,
      unit: 's' as const,
      values: [own],
      references: [
        { what: 'worse', group: 'zip', values: [theirs * 2] },
        { what: 'best', group: 'zip', values: [theirs] },
      ],
    });
    const groups = groupsOf({ name: 'g', title: 'G', figures: [of('a', 1, 2), of('b', 1, 12)], of: ['zip', 'none'] });
    assert.deepEqual(
      groups.bars.map(({ label }) => label),
      ['Annals: a', 'best', 'Annals: b', 'best'],
    );
    const drawing = drawingOf(groups);
    assert.match(drawing, /2\.00 s \(2\.00x\)/);
    assert.match(drawing, /12\.0 s \(12\.0x\)/);
  });

  test('a drawing holds every bar and no markup of its texts', () => {
    const drawing = drawingOf(chart);
    assert.match(drawing, /Everything &lt;all&gt; &amp; more/);
    assert.equal(drawing.match(/<rect /g)?.length, 1 + chart.bars.length);
    assert.doesNotMatch(drawing, /NaN|Infinity/);
  });

  test('a chart of lines holds one line for each series', () => {
    const line = {
      label: 'everything',
      points: [
        [1, 0.1],
        [10, 1],
      ],
    } as const;
    const drawing = drawingOf({ kind: 'lines', name: 'g', title: 'Growth', x: 'million', y: 's', lines: [line, line] });
    assert.equal(drawing.match(/<polyline /g)?.length, 2);
    assert.doesNotMatch(drawing, /NaN|Infinity/);
  });
});
