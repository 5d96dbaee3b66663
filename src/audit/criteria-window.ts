/** The times of an export: what `audited_time` asks for, and the windows where nothing does. */
import { dependentMismatch, invalid, rangeTooLong, wrongType } from './criteria-failures.ts';
import { asList, itemOf, type Place } from './criteria-shape.ts';
import { criteriaLimits } from './limits.ts';
import { type OrgZone, parseTime } from './time.ts';

/** Epoch seconds, both ends included. `from > to` holds nothing. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const maxSeconds = criteriaLimits.windowDays * 86_400;

/** The value of `between`: two times. */
export function readWindow(
  sent: { readonly value: unknown; readonly place: Place; readonly comparatorPlace: Place },
  zone: OrgZone,
): Window {
  const list = asList(sent.value);
  if (list?.length !== 2) throw dependentMismatch(sent.comparatorPlace, sent.place, 'jsonarray');
  const from = readTime(list[0], itemOf(sent.place, 0), zone, 'start');
  const to = readTime(list[1], itemOf(sent.place, 1), zone, 'end');
  if (from > to) throw invalid(sent.place);
  if (to - from > maxSeconds) throw rangeTooLong(sent.place);
  return { from, to };
}

function readTime(value: unknown, place: Place, zone: OrgZone, which: 'start' | 'end'): number {
  if (typeof value !== 'string') throw wrongType(place, 'datetime');
  const time = parseTime(value, zone, which);
  if (time === null) throw invalid(place);
  return time;
}

/** What a filter without `audited_time` covers: to the second as long as the longest range that can be asked for. */
export function filteredWindow(now: number): Window {
  return { from: now - maxSeconds, to: now };
}

/**
 * What an export without a filter covers: calendar years, so that it starts at the same date and local time in the
 * organisation's zone (on 28 February when the date is missing there).
 */
export function unfilteredWindow(now: number, zone: OrgZone): Window {
  const end = Temporal.Instant.fromEpochMilliseconds(now * 1000).toZonedDateTimeISO(zone.timeZone);
  const start = end.subtract({ years: criteriaLimits.defaultYears });
  return { from: Math.floor(start.epochMilliseconds / 1000), to: now };
}
