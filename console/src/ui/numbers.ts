const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 1,204,301 */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** 1.2M */
export function formatShort(value: number): string {
  return short.format(value);
}

/** 1,230,000: a number that is known to three digits. */
export function formatEstimate(value: number): string {
  return whole.format(Number(value.toPrecision(3)));
}

const byteUnits = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** 12.3 MB, of 1,000,000 bytes each. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${byteUnits[unit]}`;
}
