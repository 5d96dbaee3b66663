/** What the chart draws, made of what the API answers: a bar for every stretch of time, also the empty ones. */
import type { Histogram } from '../../api/types.ts';
import { text } from '../../text/en.ts';

export interface Series {
  /** Epoch seconds at which the bars begin. */
  readonly starts: readonly number[];
  readonly bucketSeconds: number;
  /** Epoch seconds: what the chart spans. */
  readonly from: number;
  readonly to: number;
  /** Most entries first; what is beyond the colours is one of `others`. */
  readonly actions: readonly { readonly action: string; readonly total: number; readonly counts: readonly number[] }[];
}

/** Actions with a colour of their own. */
const mostActions = 6;
/** More bars than anybody asks for: a wrong answer must not fill the memory. */
const mostBars = 2_000;

/** Null: there is nothing to draw. */
export function seriesOf({ from, to, bucket_seconds: step, buckets }: Histogram): Series | null {
  const [first] = buckets;
  if (from === null || to === null || first === undefined || step <= 0) return null;
  const start = secondsOf(first.start);
  // The first bar begins at or before the range, in step with those that hold something.
  const begin = start - Math.ceil(Math.max(0, start - secondsOf(from)) / step) * step;
  const end = Math.max(secondsOf(to), secondsOf(buckets.at(-1)?.start ?? to));
  const length = Math.min(mostBars, Math.floor((end - begin) / step) + 1);
  const starts = Array.from({ length }, (_, index) => begin + index * step);
  const counts = new Map<string, number[]>();
  for (const bucket of buckets) {
    const index = Math.round((secondsOf(bucket.start) - begin) / step);
    if (index < 0 || index >= length) continue;
    for (const [action, count] of Object.entries(bucket.actions)) {
      const row = counts.get(action) ?? new Array<number>(length).fill(0);
      row[index] = (row[index] ?? 0) + count;
      counts.set(action, row);
    }
  }
  return { starts, bucketSeconds: step, from: begin, to: begin + length * step, actions: ordered(counts, length) };
}

function ordered(counts: ReadonlyMap<string, readonly number[]>, length: number): Series['actions'] {
  const all = [...counts].map(([action, row]) => ({ action, counts: row, total: sum(row) }));
  all.sort((one, other) => other.total - one.total || one.action.localeCompare(other.action));
  if (all.length <= mostActions) return all;
  const rest = all.slice(mostActions - 1);
  const row = Array.from({ length }, (_, index) => sum(rest.map((each) => each.counts[index] ?? 0)));
  return [...all.slice(0, mostActions - 1), { action: text.log.otherActions, counts: row, total: sum(row) }];
}

/** For bars that stand on each other: by action, the height at which its part ends. */
export function stacked(series: Series): number[][] {
  const height = new Array<number>(series.starts.length).fill(0);
  return series.actions.map(({ counts }) =>
    counts.map((count, index) => {
      height[index] = (height[index] ?? 0) + count;
      return height[index] ?? 0;
    }),
  );
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
