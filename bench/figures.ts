/** What was measured, and the little arithmetic that is done with it. */
import type { Chart } from './charts.ts';

export type Unit = 'entries/s' | 'requests/s' | 'MB/s' | 's' | 'ms' | 'MB' | '% more';

/** Something else that was measured on the same data in the same run, for comparison. */
export interface Reference {
  readonly what: string;
  /** One for each run; empty when it could not be measured. */
  readonly values: readonly number[];
  /** Why it could not. */
  readonly missing?: string;
  /** What kind of way it is, where a target names a kind. */
  readonly group?: string;
  /** The most memory in any run; null where the system does not tell. */
  readonly peakMb?: number | null;
  /** Of the file that was made. */
  readonly sizeMb?: number;
}

export interface Figure {
  readonly what: string;
  readonly unit: Unit;
  /** One for each run. */
  readonly values: readonly number[];
  readonly references?: readonly Reference[];
  /** The most memory of the measured process in any run; null where the system does not tell. */
  readonly peakMb?: number | null;
  /** Seconds of processor of the measured process, one for each run. */
  readonly processorSeconds?: readonly number[];
  /** Of the file that was made. */
  readonly sizeMb?: number;
}

export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly verdicts?: readonly Verdict[];
  readonly charts?: readonly Chart[];
}

/** What was set as a target, and what came of it. */
export interface Verdict {
  readonly target: string;
  /** What it is compared with; empty when the target is a figure by itself. */
  readonly against: string;
  readonly wanted: number;
  readonly isAtLeast: boolean;
  readonly unit: 'x' | Unit;
  /** Null: could not be measured. */
  readonly reached: number | null;
}

export function isReached({ wanted, isAtLeast, reached }: Verdict): boolean | null {
  if (reached === null) return null;
  return isAtLeast ? reached >= wanted : reached <= wanted;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summaryOf(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** Between two values it lies on the line between them. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('There is no quantile of nothing');
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** How many times as good as the reference: above 1, Annals is ahead, whatever the unit. */
export function ratioOf(figure: Figure, reference: Reference): number | null {
  if (reference.values.length === 0) return null;
  const ours = quantile(figure.values, 0.5);
  const theirs = quantile(reference.values, 0.5);
  return figure.unit.endsWith('/s') ? ours / theirs : theirs / ours;
}

/** The reference with the best median among those of the groups (null: of all); null when none was measured. */
export function bestOf(figure: Figure, groups: readonly string[] | null): Reference | null {
  const measured = (figure.references ?? []).filter(
    ({ values, group }) => values.length > 0 && (groups === null || (group !== undefined && groups.includes(group))),
  );
  const ratio = (reference: Reference): number => ratioOf(figure, reference) ?? Number.POSITIVE_INFINITY;
  return measured.reduce<Reference | null>(
    (best, one) => (best === null || ratio(one) < ratio(best) ? one : best),
    null,
  );
}

/** At least `wanted` times as good as the best of the groups. */
export function timesAsGood(
  target: string,
  figure: Figure,
  of: { wanted: number; groups: readonly string[] | null },
): Verdict {
  const best = bestOf(figure, of.groups);
  const reached = best === null ? null : ratioOf(figure, best);
  const against = best === null ? `none of ${of.groups?.join(', ') ?? 'them'} could be had` : best.what;
  return { target, against, wanted: of.wanted, isAtLeast: true, unit: 'x', reached };
}

/** The median, as it is. */
export function atLeast(target: string, figure: Figure, wanted: number): Verdict {
  const reached = summaryOf(figure.values).median;
  return { target, against: '', wanted, isAtLeast: true, unit: figure.unit, reached };
}

/** The median, as it is. */
export function atMost(target: string, figure: Figure, wanted: number): Verdict {
  return { ...atLeast(target, figure, wanted), isAtLeast: false };
}

/** The largest of the peaks of several runs; null when one is unknown. */
export function largest(peaks: readonly (number | null)[]): number | null {
  return peaks.reduce<number | null>((most, peak) => (most === null || peak === null ? null : Math.max(most, peak)), 0);
}
