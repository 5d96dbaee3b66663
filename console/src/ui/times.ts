/** Times as people read them: in the zone of who looks, and in the organisation's. */

/** The zone of this browser. */
export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes a hundred times as long as using it. */
function formatOf(zone: string, options: Intl.DateTimeFormatOptions, name: string): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, format);
  }
  return format;
}

const day = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const minute = { hour: '2-digit', minute: '2-digit' } as const;
const second = { ...minute, second: '2-digit' } as const;

/** 3 Feb 2026, 14:05:09 */
export function formatTime(time: string | number, zone: string = viewerZone): string {
  return formatOf(zone, { ...day, ...second }, 'time').format(new Date(time));
}

/** 3 Feb 2026, 14:05 */
export function formatMinute(time: string | number, zone: string = viewerZone): string {
  return formatOf(zone, { ...day, ...minute }, 'minute').format(new Date(time));
}

/** 3 Feb, 14:05 – 9 Mar 2026, 16:00: what is the same of both is said once. */
export function formatRange(from: string | number, to: string | number, zone: string = viewerZone): string {
  const [first, last] = [new Date(from), new Date(to)];
  const clock = formatOf(zone, minute, 'hour');
  if (formatDay(from, zone) === formatDay(to, zone)) return `${formatMinute(from, zone)} – ${clock.format(last)}`;
  const year = formatOf(zone, { year: 'numeric' }, 'year');
  const isSameYear = year.format(first) === year.format(last);
  const start = isSameYear ? formatOf(zone, { month: 'short', day: 'numeric', ...minute }, 'date').format(first) : null;
  return `${start ?? formatMinute(from, zone)} – ${formatMinute(to, zone)}`;
}

/** 3 Feb 2026 */
export function formatDay(time: string | number, zone: string = viewerZone): string {
  return formatOf(zone, day, 'day').format(new Date(time));
}

/** 14:05:09 */
export function formatClock(time: string | number, zone: string = viewerZone): string {
  return formatOf(zone, second, 'clock').format(new Date(time));
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 hours ago", "in 2 days". */
export function formatRelative(time: string | number, now: number = Date.now()): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000);
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}
