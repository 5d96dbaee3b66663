/** What an export holds, in words for whoever reads a list of exports. */
import type { OrgZone } from '../audit/time.ts';
import type { ExportFilter } from './export-filter.ts';

/** People and modules are told by their names; one that is not in the map by its id or api_name. */
export interface KnownNames {
  readonly people: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, string>;
}

/** More than so many values of one kind are counted and not named. */
export const namedValues = 5;

/** One sentence a condition, all of which hold; what holds everything says so. Times are the organisation's. */
export function filterInWords(filter: ExportFilter, names: KnownNames, zone: OrgZone): readonly string[] {
  const { actions, modules, doneBy, words, record } = filter;
  const sentences = [
    timeInWords(filter, zone),
    actions && `Action: ${anyOf(actions, (action) => action)}`,
    modules && `Module: ${anyOf(modules, (module) => names.modules.get(module) ?? module)}`,
    doneBy && `Done by ${anyOf(doneBy, (id) => names.people.get(id) ?? `user ${id}`)}`,
    words !== null && `Record name has ${wordsInWords(words)}`,
    record !== null && `Record ${record}`,
  ].filter((sentence) => typeof sentence === 'string');
  return sentences.length === 0 ? ['All entries'] : sentences;
}

/** The ids and api_names that are told by name. */
export function namedIn(filter: ExportFilter): {
  readonly people: readonly string[];
  readonly modules: readonly string[];
} {
  return {
    people: filter.doneBy?.slice(0, namedValues) ?? [],
    modules: filter.modules?.slice(0, namedValues) ?? [],
  };
}

function anyOf(values: readonly string[], name: (value: string) => string): string {
  if (values.length === 0) return 'none';
  const named = values.slice(0, namedValues).map(name);
  const others = values.length - named.length;
  if (others > 0) return `${named.join(', ')} or ${others} ${others === 1 ? 'other' : 'others'}`;
  return joined(named, 'or');
}

function wordsInWords(words: string): string {
  return joined(
    words.split(/\s+/u).map((word) => `“${word}”`),
    'and',
  );
}

function joined(texts: readonly string[], last: 'or' | 'and'): string {
  return [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter((text) => text !== '').join(` ${last} `);
}

function timeInWords({ from, to }: ExportFilter, zone: OrgZone): string | null {
  if (from !== null && to !== null && from > to) return 'No time at all';
  const start = from !== null && momentInWords(zone.format(from), '00:00:00');
  const end = to !== null && momentInWords(zone.format(to), '23:59:59');
  if (start && end) return start === end ? `On ${start}` : `From ${start} to ${end}`;
  if (start) return `From ${start} on`;
  return end ? `Until ${end}` : null;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** `2026-07-01T09:30:00+05:30` -> `1 July 2026, 09:30:00 (+05:30)`; a day alone when the clock shows its first or last second. */
function momentInWords(iso: string, edge: string): string {
  const [date = '', clock = ''] = iso.split('T');
  const [year, month, day] = date.split('-').map(Number);
  const dayInWords = `${day} ${months[(month ?? 1) - 1]} ${year}`;
  return clock.startsWith(edge) ? dayInWords : `${dayInWords}, ${clock.slice(0, 8)} (${clock.slice(8)})`;
}
