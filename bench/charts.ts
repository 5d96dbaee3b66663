/** Charts as data. What draws them is drawing.ts. */
import { bestOf, type Figure, summaryOf } from './figures.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** What comes after it is compared with it, up to the next one that is. */
  readonly isOurs: boolean;
}

export interface BarChart {
  readonly kind: 'bars';
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Line {
  readonly label: string;
  /** In the order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly kind: 'lines';
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

export type Chart = BarChart | LineChart;

/** A figure before its references: Annals first, then from the best to the worst. */
export function barsOf(name: string, figure: Figure): BarChart {
  const references = (figure.references ?? []).flatMap(({ what, values }) =>
    values.length === 0 ? [] : [barOf(what, values, false)],
  );
  const sign = figure.unit.endsWith('/s') ? -1 : 1;
  const sorted = references.sort((a, b) => sign * (a.value - b.value));
  const bars = [barOf('Annals', figure.values, true), ...sorted];
  return { kind: 'bars', name, title: figure.what, unit: figure.unit, bars };
}

export interface Groups {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Groups of references: of each the best one is shown. */
  readonly of: readonly string[];
}

/** Several figures of one unit below each other, each before the best reference of each group. */
export function groupsOf({ name, title, figures, of }: Groups): BarChart {
  const bars = figures.flatMap((figure) => {
    const best = of.flatMap((group) => bestOf(figure, [group]) ?? []);
    return [
      barOf(`Annals: ${figure.what}`, figure.values, true),
      ...best.map(({ what, values }) => barOf(what, values, false)),
    ];
  });
  return { kind: 'bars', name, title, unit: figures[0]?.unit ?? '', bars };
}

function barOf(label: string, values: readonly number[], isOurs: boolean): Bar {
  const { median, min, max } = summaryOf(values);
  return { label, value: median, min, max, isOurs };
}
