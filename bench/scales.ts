/** Where values stand on an axis, and which of them are written beside it. */

export interface Scale {
  /** From 0 (start of the axis) to 1 (its end). */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
  readonly isLogarithmic: boolean;
}

/** From zero to a round number at or above the largest value. */
export function linearScale(largest: number): Scale {
  const step = roundStep(largest / 5);
  const end = Math.max(1, Math.ceil(largest / step - 1e-9)) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  return { place: (value) => value / end, ticks, isLogarithmic: false };
}

/** In powers of ten, from the one below the smallest value to the one at or above the largest. */
export function logarithmicScale(smallest: number, largest: number): Scale {
  const start = Math.ceil(Math.log10(smallest) - 1e-9) - 1;
  const end = Math.max(start + 1, Math.ceil(Math.log10(largest) - 1e-9));
  const ticks = Array.from({ length: end - start + 1 }, (_, index) => 10 ** (start + index));
  return { place: (value) => (Math.log10(value) - start) / (end - start), ticks, isLogarithmic: true };
}

/** Values that differ by more than this cannot be told apart at the small end of a linear axis. */
const linearSpan = 20;

export function fittingScale(values: readonly number[]): Scale {
  const smallest = Math.min(...values);
  const largest = Math.max(...values);
  return smallest > 0 && largest / smallest > linearSpan ? logarithmicScale(smallest, largest) : linearScale(largest);
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
function roundStep(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10) * power;
}
