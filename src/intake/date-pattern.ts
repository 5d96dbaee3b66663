import { Failure } from '../audit/failure.ts';

/**
 * How the times of a foreign file are written, as `--date-format` says it: `MM/dd/yyyy hh:mm a`. A small part of the
 * pattern language that Java and Unicode (UTS 35) know. Nothing is guessed: a letter that is not in the table is an error.
 */
export const datePatternLetters = [
  ['yyyy', 'year, four digits'],
  ['MM, M', 'month as a number, two digits or as short as it is'],
  ['MMMM, MMM', 'month in English, in full or its first three letters'],
  ['dd, d', 'day of the month'],
  ['HH, H', 'hour, 0 to 23'],
  ['hh, h', 'hour, 1 to 12; needs a'],
  ['a', 'AM or PM'],
  ['mm', 'minute'],
  ['ss', 'second; 00 when the pattern has none'],
  ['XXX', 'offset: Z, +05:30 or +0530'],
  ["'…'", "text as it stands; '' is an apostrophe"],
] as const;

type Field = 'year' | 'month' | 'monthName' | 'day' | 'hour' | 'hour12' | 'half' | 'minute' | 'second' | 'offset';

const tokens: Readonly<Record<string, readonly [field: Field, source: string]>> = {
  yyyy: ['year', '\\d{4}'],
  MMMM: ['monthName', '[A-Za-z]{3,9}'],
  MMM: ['monthName', '[A-Za-z]{3}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  dd: ['day', '\\d{2}'],
  d: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  hh: ['hour12', '\\d{2}'],
  h: ['hour12', '\\d{1,2}'],
  a: ['half', '[AaPp]\\.?[Mm]\\.?'],
  mm: ['minute', '\\d{2}'],
  ss: ['second', '\\d{2}'],
  XXX: ['offset', '[Zz]|[+-]\\d{2}:?\\d{2}'],
};

const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
];

export interface DatePattern {
  readonly text: string;
  /** The pattern reads the offset too, so that no time zone need be named. */
  readonly hasOffset: boolean;
  /** The time in ISO 8601, with no check of its range; null when the text does not fit the pattern. */
  toIso(text: string): string | null;
}

/** Throws INVALID_DATA, saying what is wrong with the pattern. */
export function compileDatePattern(pattern: string): DatePattern {
  const fields = new Set<Field>();
  let source = '';
  for (const [part, quoted, letters] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|\s+|./gs)) {
    if (quoted !== undefined) {
      source += RegExp.escape(quoted === '' ? "'" : quoted.replaceAll("''", "'"));
    } else if (letters !== undefined) {
      const token = tokens[part];
      if (token === undefined) throw unusable(pattern, `"${part}" is not known`);
      if (fields.has(token[0])) throw unusable(pattern, `it names the ${token[0]} twice`);
      fields.add(token[0]);
      source += `(?<${token[0]}>${token[1]})`;
    } else {
      source += part.trim() === '' ? '\\s+' : RegExp.escape(part);
    }
  }
  checkFields(pattern, fields);
  const expression = new RegExp(`^${source}$`);
  return {
    text: pattern,
    hasOffset: fields.has('offset'),
    toIso: (text) => isoOf(expression.exec(text.trim())?.groups),
  };
}

function checkFields(pattern: string, fields: ReadonlySet<Field>): void {
  if (!fields.has('year')) throw unusable(pattern, 'the year (yyyy) is missing');
  if (fields.has('month') === fields.has('monthName')) throw unusable(pattern, 'it needs the month once (MM or MMM)');
  if (!fields.has('day')) throw unusable(pattern, 'the day (dd) is missing');
  if (fields.has('hour') === fields.has('hour12')) throw unusable(pattern, 'it needs the hour once (HH or hh)');
  if (fields.has('hour12') !== fields.has('half')) throw unusable(pattern, 'hh and a belong together');
  if (!fields.has('minute')) throw unusable(pattern, 'the minute (mm) is missing');
}

function unusable(pattern: string, why: string): Failure {
  return new Failure('INVALID_DATA', `The date format "${pattern}" cannot be used: ${why}`);
}

function isoOf(parts: Readonly<Record<string, string | undefined>> | undefined): string | null {
  if (parts === undefined) return null;
  const month = parts.month ?? monthNumber(parts.monthName ?? '');
  const hour = parts.hour ?? hour24(Number(parts.hour12), parts.half ?? '');
  if (month === null || hour === null) return null;
  const two = (text: string | undefined): string => (text ?? '').padStart(2, '0');
  const date = `${parts.year}-${two(month)}-${two(parts.day)}`;
  return `${date}T${two(hour)}:${two(parts.minute)}:${two(parts.second)}${parts.offset ?? ''}`;
}

function monthNumber(name: string): string | null {
  const lower = name.toLowerCase();
  const index = monthNames.findIndex((full) => full === lower || full.slice(0, 3) === lower);
  return index === -1 ? null : String(index + 1);
}

function hour24(hour: number, half: string): string | null {
  if (hour < 1 || hour > 12) return null;
  return String((hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0));
}
