/** What was measured, and the little arithmetic that is done with it. */

export type Unit = 'entries/s' | 'requests/s' | 'MB/s' | 's' | 'ms' | 'MB';

/** Something else that was measured on the same data in the same run, for comparison. */
export interface Reference {
  readonly what: string;
  /** One for each run; empty when it could not be measured. */
  readonly values: readonly number[];
  /** Why it could not. */
  readonly missing?: string;
}

export interface Figure {
  readonly what: string;
  readonly unit: Unit;
  /** One for each run. */
  readonly values: readonly number[];
  readonly references?: readonly Reference[];
  /** The median must not be above it. */
  readonly limit?: number;
  /** The most memory of the measured process in any run; null where the system does not tell. */
  readonly peakMb?: number | null;
  /** Seconds of processor of the measured process, one for each run. */
  readonly processorSeconds?: readonly number[];
}

export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
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

/** The largest of the peaks of several runs; null when one is unknown. */
export function largest(peaks: readonly (number | null)[]): number | null {
  return peaks.reduce<number | null>((most, peak) => (most === null || peak === null ? null : Math.max(most, peak)), 0);
}
