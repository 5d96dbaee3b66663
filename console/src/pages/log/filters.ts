/** What the log is narrowed to. It stands in the address, so that a view can be shared; its names are the API's. */
import type { Query } from '../../api/client.ts';

export const presets = ['1h', '24h', '7d', '30d', '90d', '365d'] as const;
export type Preset = (typeof presets)[number];

const hour = 3_600_000;
const presetMs = {
  '1h': hour,
  '24h': 24 * hour,
  '7d': 7 * 24 * hour,
  '30d': 30 * 24 * hour,
  '90d': 90 * 24 * hour,
  '365d': 365 * 24 * hour,
} as const satisfies Record<Preset, number>;

export interface Filters {
  /** Counted from now; null when `from` or `to` say the time, or nothing does. */
  readonly last: Preset | null;
  /** Moments as ISO 8601, both included; null: open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly actions: readonly string[];
  readonly modules: readonly string[];
  /** Ids of users. */
  readonly doneBy: readonly string[];
  readonly words: string;
  readonly recordId: string | null;
}

export const noFilters: Filters = {
  last: null,
  from: null,
  to: null,
  actions: [],
  modules: [],
  doneBy: [],
  words: '',
  recordId: null,
};

/** As the API has them. */
export const maxWordsLength = 200;
export const maxWords = 8;
const maxRecordIdLength = 255;
const maxListed = 100;

/** Reads an address. What is no filter, or none that the API would take, is left out. */
export function readFilters(search: string): Filters {
  const given = new URLSearchParams(search);
  const last = presets.find((preset) => preset === given.get('last')) ?? null;
  const recordId = given.get('record_id') ?? '';
  return {
    last,
    from: last === null ? readMoment(given.get('from')) : null,
    to: last === null ? readMoment(given.get('to')) : null,
    actions: listOf(given, 'action'),
    modules: listOf(given, 'module'),
    doneBy: listOf(given, 'done_by').filter((id) => /^[0-9]{1,19}$/.test(id)),
    words: (given.get('words') ?? '').slice(0, maxWordsLength),
    recordId: recordId !== '' && recordId.length <= maxRecordIdLength ? recordId : null,
  };
}

function listOf(given: URLSearchParams, name: string): string[] {
  return [...new Set(given.getAll(name).filter((value) => value !== ''))].slice(0, maxListed);
}

function readMoment(text: string | null): string | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : momentOf(time);
}

/** 2026-11-23T21:00:00Z: to the second, as the log has it. */
export function momentOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The address's part behind the question mark; with what else of it is no filter, such as the entry that is open. */
export function writeFilters(filters: Filters, more: Readonly<Record<string, string | null>> = {}): string {
  const search = new URLSearchParams();
  const put = (name: string, value: string | null) => {
    if (value !== null && value !== '') search.append(name, value);
  };
  put('last', filters.last);
  put('from', filters.from);
  put('to', filters.to);
  for (const action of filters.actions) put('action', action);
  for (const module of filters.modules) put('module', module);
  for (const id of filters.doneBy) put('done_by', id);
  put('words', filters.words.trim());
  put('record_id', filters.recordId);
  for (const [name, value] of Object.entries(more)) put(name, value);
  return search.toString();
}

/** The same with its time as moments: what "the last hour" means at this one. */
export function pinned(filters: Filters, now: number): Filters {
  return filters.last === null ? filters : { ...filters, last: null, from: momentOf(now - presetMs[filters.last]) };
}

/** For the API, which knows no presets. */
export function queryOf(filters: Filters, now: number): Query {
  const { from, to, actions, modules, doneBy, words, recordId } = pinned(filters, now);
  return {
    from,
    to,
    action: actions,
    module: modules,
    done_by: doneBy,
    words: wordsOf(words).slice(0, maxWords).join(' '),
    record_id: recordId,
  };
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** How many kinds of filters are set. */
export function countFilters(filters: Filters): number {
  const { last, from, to, actions, modules, doneBy, words, recordId } = filters;
  return [
    last !== null || from !== null || to !== null,
    actions.length > 0,
    modules.length > 0,
    doneBy.length > 0,
    words.trim() !== '',
    recordId !== null,
  ].filter(Boolean).length;
}
