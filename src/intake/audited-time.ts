import { Failure } from '../audit/failure.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import type { DatePattern } from './date-pattern.ts';

export interface TimeReading {
  /** How times are written; null: ISO 8601. */
  readonly pattern: DatePattern | null;
  /** Where times without an offset were read off a clock; null: there must be none. */
  readonly zone: OrgZone | null;
  readonly orgZone: OrgZone;
}

const isoTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}/;
const offset = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/;

/**
 * Epoch seconds of a time in a foreign file; null when the text is no time of the kind that was said. Throws INVALID_DATA
 * when nobody said of what kind, or in what zone: that is never guessed, for 05/06/2026 is May to some and June to others.
 */
export function readAuditedTime(text: string, reading: TimeReading): number | null {
  const { pattern, zone, orgZone } = reading;
  const iso = pattern === null ? text.trim() : pattern.toIso(text);
  if (iso === null) return null;
  if (pattern === null && !isoTime.test(iso)) {
    throw new Failure(
      'INVALID_DATA',
      `the time "${shortened(text)}" is not ISO 8601. Say how it is written, such as --date-format "MM/dd/yyyy hh:mm a"`,
    );
  }
  const hasOffset = offset.test(iso.slice(16));
  if (!hasOffset && zone === null) {
    throw new Failure(
      'INVALID_DATA',
      `the time "${shortened(text)}" has no offset. Say where it was read off the clock, such as --time-zone Asia/Kolkata`,
    );
  }
  return parseTime(iso, zone ?? orgZone, 'instant');
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
