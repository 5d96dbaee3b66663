/**
 * Times as the wire writes them, and the organisation's time zone. An instant is an integer of epoch seconds.
 *
 * Offsets are whole minutes: the few zones whose offset still had seconds after 1970 (Monrovia, until 1972) are
 * rounded to the nearest minute, half away from zero, and local time is printed and read by the rounded offset, so
 * that a printed time names its instant exactly.
 *
 * A local time without a zone is read as Temporal's `compatible` does: one that a change of the clock skipped is moved
 * on by the length of the gap, and of one that occurs twice the earlier is meant.
 */

const secondsPerDay = 86_400;
/** 9999-12-31T23:59:59 on the clock that prints it: years have four digits. */
const maxLocalSeconds = 253_402_300_799;
/** A zone has two intervals a year: enough for any log, and a bound for hostile input. */
const maxIntervals = 1024;
/** Longer than any time that we understand, fraction included. */
const maxTextLength = 64;

/** A stretch of time with one offset: from (included) to (excluded), epoch seconds. */
interface Interval {
  readonly from: number;
  readonly to: number;
  readonly offsetMinutes: number;
  readonly offsetSeconds: number;
  /** As it is printed: +05:30. */
  readonly suffix: string;
}

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

const pad2 = (value: number): string => twoDigits[value] ?? String(value);

/** True for a name that both Temporal and Intl know. */
export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** An organisation's zone. Holds what it has looked up, since it is asked for every entry; so keep one per organisation. */
export class OrgZone {
  readonly timeZone: string;
  /** Sorted; they do not overlap. */
  #intervals: Interval[] = [];
  #last: Interval;
  #day = Number.NaN;
  #dayText = '';

  /** Throws RangeError when `isTimeZone` is false. */
  constructor(timeZone: string) {
    if (!isTimeZone(timeZone)) throw new RangeError('unknown time zone');
    this.timeZone = timeZone;
    this.#last = lookUp(timeZone, 0);
  }

  /** Minutes east of Greenwich at that instant, a whole number. */
  offsetMinutesAt(epochSeconds: number): number {
    return this.#intervalAt(epochSeconds).offsetMinutes;
  }

  /** `2024-07-03T21:11:59+05:30` */
  format(epochSeconds: number): string {
    const interval = this.#intervalAt(epochSeconds);
    const local = epochSeconds + interval.offsetSeconds;
    const day = Math.floor(local / secondsPerDay);
    if (day !== this.#day) {
      this.#dayText = dateText(day);
      this.#day = day;
    }
    const seconds = local - day * secondsPerDay;
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    return `${this.#dayText}T${pad2(hours)}:${pad2(minutes - hours * 60)}:${pad2(seconds - minutes * 60)}${interval.suffix}`;
  }

  /** The instant of a local time that is given as if it were UTC. `compatible`, see above. */
  instantOf(localSeconds: number): number {
    const { before, after } = this.#around(localSeconds);
    const byBefore = localSeconds - before;
    if (this.#offsetSecondsAt(byBefore) === before) return byBefore;
    const byAfter = localSeconds - after;
    return this.#offsetSecondsAt(byAfter) === after ? byAfter : byBefore;
  }

  /** The first instant of the local day that starts at this midnight, also when the clock skipped that midnight. */
  firstOfDay(midnight: number): number {
    const { before, after } = this.#around(midnight);
    const byBefore = midnight - before;
    if (this.#offsetSecondsAt(byBefore) === before) return byBefore;
    const byAfter = midnight - after;
    return this.#offsetSecondsAt(byAfter) === after ? byAfter : this.#intervalAt(byBefore).from;
  }

  /** The last instant of the local day that starts at this midnight, also when the clock was put back across its end. */
  lastOfDay(midnight: number): number {
    const end = midnight + secondsPerDay;
    const { before, after } = this.#around(end);
    const byAfter = end - after;
    if (this.#offsetSecondsAt(byAfter) === after) return byAfter - 1;
    const byBefore = end - before;
    return this.#offsetSecondsAt(byBefore) === before ? byBefore - 1 : this.#intervalAt(byBefore).from - 1;
  }

  /** The offsets, in seconds, well before and well after a local time: no zone has changed twice within two days. */
  #around(localSeconds: number): { before: number; after: number } {
    return {
      before: this.#offsetSecondsAt(localSeconds - secondsPerDay),
      after: this.#offsetSecondsAt(localSeconds + secondsPerDay),
    };
  }

  #offsetSecondsAt(epochSeconds: number): number {
    return this.#intervalAt(epochSeconds).offsetSeconds;
  }

  #intervalAt(epochSeconds: number): Interval {
    const last = this.#last;
    if (epochSeconds >= last.from && epochSeconds < last.to) return last;
    const found = this.#find(epochSeconds);
    this.#last = found;
    return found;
  }

  #find(epochSeconds: number): Interval {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const interval = this.#intervals[middle];
      if (interval === undefined || interval.from > epochSeconds) high = middle;
      else low = middle + 1;
    }
    const known = this.#intervals[low - 1];
    if (known !== undefined && epochSeconds < known.to) return known;
    const interval = lookUp(this.timeZone, epochSeconds);
    if (this.#intervals.length < maxIntervals) this.#intervals.splice(low, 0, interval);
    else this.#intervals = [interval];
    return interval;
  }
}

function lookUp(timeZone: string, epochSeconds: number): Interval {
  const at = Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toZonedDateTimeISO(timeZone);
  // `previous` is strictly before, so it is asked from just after: a transition starts the interval that it is in.
  const from = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  const to = at.getTimeZoneTransition('next');
  const exactMinutes = at.offsetNanoseconds / 60e9;
  const offsetMinutes = Math.sign(exactMinutes) * Math.round(Math.abs(exactMinutes)) + 0;
  const size = Math.abs(offsetMinutes);
  return {
    from: from === null ? Number.NEGATIVE_INFINITY : from.epochMilliseconds / 1000,
    to: to === null ? Number.POSITIVE_INFINITY : to.epochMilliseconds / 1000,
    offsetMinutes,
    offsetSeconds: offsetMinutes * 60,
    suffix: `${offsetMinutes < 0 ? '-' : '+'}${pad2(Math.floor(size / 60))}:${pad2(size % 60)}`,
  };
}

/** The date of a day since 1970-01-01. */
function dateText(day: number): string {
  return new Date(day * secondsPerDay * 1000).toISOString().slice(0, 10);
}

const timePattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;

/**
 * Epoch seconds of an ISO 8601 time, or null when the text is none, or is out of range. Taken are a time with Z, with an
 * offset (+05:30, +0530, +05) or with none (the organisation's zone); seconds may be missing, fractions are cut off.
 * A bare date is its first second for `start`, its last for `end`, and nothing for `instant`.
 * The range is 1970-01-01T00:00:00Z to the last second of 9999 in the organisation's zone.
 */
export function parseTime(text: string, zone: OrgZone, which: 'start' | 'end' | 'instant'): number | null {
  const common = commonTime(text);
  if (common !== null) return inRange(common, zone);
  if (text.length > maxTextLength) return null;
  const match = timePattern.exec(text);
  if (match === null) return null;
  const midnight = midnightOf(Number(match[1]), Number(match[2]), Number(match[3]));
  if (midnight === null) return null;
  if (match[4] === undefined) {
    if (which === 'instant') return null;
    const last = inRange(zone.lastOfDay(midnight), zone);
    return last === null || which === 'end' ? last : Math.max(0, zone.firstOfDay(midnight));
  }
  const hours = Number(match[4]);
  const minutes = Number(match[5]);
  const seconds = Number(match[6] ?? 0);
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const local = midnight + hours * 3600 + minutes * 60 + seconds;
  if (match[7] !== undefined) return inRange(local, zone);
  if (match[8] === undefined) return inRange(zone.instantOf(local), zone);
  const offset = offsetSecondsOf(match[8], Number(match[9]), Number(match[10] ?? 0));
  return offset === null ? null : inRange(local - offset, zone);
}

/**
 * The forms that nearly every entry has, `2024-07-03T21:11:59+05:30`, `…Z`, and `….123Z` as Date writes it, at a quarter
 * of the pattern's cost; null for everything else, right or wrong.
 */
function commonTime(text: string): number | null {
  const isUtc = text.length === 20 ? text.charCodeAt(19) === 90 : text.length === 24 && isMilliseconds(text);
  if (!isUtc && !(text.length === 25 && text.charCodeAt(22) === 58)) return null;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  ) {
    return null;
  }
  const midnight = midnightOf(digits(text, 0) * 100 + digits(text, 2), digits(text, 5), digits(text, 8));
  const hours = digits(text, 11);
  const minutes = digits(text, 14);
  const seconds = digits(text, 17);
  if (midnight === null || !(hours <= 23 && minutes <= 59 && seconds <= 59)) return null;
  const local = midnight + hours * 3600 + minutes * 60 + seconds;
  if (isUtc) return local;
  const sign = text.charCodeAt(19);
  const offset = offsetSecondsOf(sign === 45 ? '-' : '+', digits(text, 20), digits(text, 23));
  return offset === null || (sign !== 43 && sign !== 45) ? null : local - offset;
}

/** Are the last five characters `.123Z`? */
function isMilliseconds(text: string): boolean {
  const hasDigits = digits(text, 20) >= 0 && digits(text, 21) >= 0;
  return text.charCodeAt(19) === 46 && text.charCodeAt(23) === 90 && hasDigits;
}

/** The value of two ASCII digits, or NaN. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function offsetSecondsOf(sign: string, hours: number, minutes: number): number | null {
  if (!(hours <= 23 && minutes <= 59)) return null;
  const seconds = hours * 3600 + minutes * 60;
  return sign === '-' ? -seconds : seconds;
}

function inRange(epochSeconds: number, zone: OrgZone): number | null {
  if (epochSeconds < 0 || epochSeconds > maxLocalSeconds + secondsPerDay) return null;
  return epochSeconds + zone.offsetMinutesAt(epochSeconds) * 60 <= maxLocalSeconds ? epochSeconds : null;
}

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** The start of a day as if in UTC, epoch seconds; null when there is no such day, or it is long before 1970. */
function midnightOf(year: number, month: number, day: number): number | null {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeapYear ? 29 : (daysOfMonth[month - 1] ?? 0);
  if (!(day >= 1 && day <= days && year >= 1969)) return null;
  return Date.UTC(year, month - 1, day) / 1000;
}
