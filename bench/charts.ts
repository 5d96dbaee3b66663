/** Charts as data. What draws them is drawing.ts. */
import { type Figure, summaryOf } from './figures.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
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

/** A figure beside its references: Annals first, then from the best to the worst. */
export function barsOf(name: string, figure: Figure): BarChart {
  const references = (figure.references ?? []).flatMap(({ what, values }) =>
    values.length === 0 ? [] : [barOf(what, values, false)],
  );
  const sign = figure.unit.endsWith('/s') ? -1 : 1;
  const sorted = references.sort((a, b) => sign * (a.value - b.value));
  const bars = [barOf('Annals', figure.values, true), ...sorted];
  return { kind: 'bars', name, title: figure.what, unit: figure.unit, bars };
}

function barOf(label: string, values: readonly number[], isOurs: boolean): Bar {
  const { median, min, max } = summaryOf(values);
  return { label, value: median, min, max, isOurs };
}
