/** What a view of the log shows, and what an export of that view is to hold: as query parameters, and as JSON. */
import Type, { type TObject } from 'typebox';
import { asObject, own } from '../audit/criteria-shape.ts';
import { Failure } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import { foldedWords } from '../audit/words.ts';
import type { ExportFilter } from '../export/export-filter.ts';
import type { RouteParameter } from './route.ts';
import { Id } from './schemas.ts';

export const filterLimits = Object.freeze({ values: 100, words: 8, wordsLength: 200 });
const { values: maxValues, words: maxWords, wordsLength } = filterLimits;

const RecordId = Type.String({ minLength: 1, maxLength: entryLimits.recordIdBytes });
const Words = Type.String({ maxLength: wordsLength });

export const filterParameters: readonly RouteParameter[] = [
  { name: 'from', in: 'query', description: 'The earliest audited time, included.', schema: Type.String() },
  { name: 'to', in: 'query', description: 'The latest audited time, included.', schema: Type.String() },
  { name: 'action', in: 'query', description: 'Only these actions; may be repeated.', schema: Type.String() },
  {
    name: 'module',
    in: 'query',
    description: 'Only these modules, by api_name; may be repeated.',
    schema: Type.String(),
  },
  { name: 'done_by', in: 'query', description: 'Only these user ids; may be repeated.', schema: Id },
  {
    name: 'words',
    in: 'query',
    description: `Up to ${maxWords} words, each of which occurs in the record's name, whatever the case.`,
    schema: Words,
  },
  { name: 'record_id', in: 'query', description: 'Only entries on this record.', schema: RecordId },
];

const list = (item: Parameters<typeof Type.Array>[0]) =>
  Type.Optional(Type.Union([Type.Array(item, { minItems: 1, maxItems: maxValues }), Type.Null()]));
const text = (schema: Parameters<typeof Type.Array>[0]) => Type.Optional(Type.Union([schema, Type.Null()]));

/** The same as JSON. A key that is null is one that is not there. */
export const FilterBody: TObject = Type.Object(
  {
    from: text(Type.String({ description: 'The earliest audited time, included.' })),
    to: text(Type.String({ description: 'The latest audited time, included.' })),
    actions: list(Type.String({ minLength: 1 })),
    modules: list(Type.String({ minLength: 1, description: 'The api_name.' })),
    done_by: list(Id),
    words: text(Words),
    record_id: text(RecordId),
  },
  { additionalProperties: false },
);

/** A value that is not given is undefined. `place` says where it stands. */
interface SentFilter {
  readonly from: unknown;
  readonly to: unknown;
  readonly actions: unknown;
  readonly modules: unknown;
  readonly doneBy: unknown;
  readonly words: unknown;
  readonly record: unknown;
}

type Names = Readonly<Record<keyof SentFilter, string>>;

const parameterNames: Names = {
  from: 'from',
  to: 'to',
  actions: 'action',
  modules: 'module',
  doneBy: 'done_by',
  words: 'words',
  record: 'record_id',
};
const keyNames: Names = { ...parameterNames, actions: 'actions', modules: 'modules' };

/** The filter of a request for a view. Throws INVALID_DATA that names the parameter. */
export function filterOfQuery(query: URLSearchParams, zone: OrgZone): ExportFilter {
  const one = (name: string): unknown => query.get(name) ?? undefined;
  const all = (name: string): unknown => (query.has(name) ? query.getAll(name) : undefined);
  const names = parameterNames;
  const sent = {
    from: one(names.from),
    to: one(names.to),
    actions: all(names.actions),
    modules: all(names.modules),
    doneBy: all(names.doneBy),
    words: one(names.words),
    record: one(names.record),
  };
  return readFilter(sent, zone, (key, expected) => {
    const name = names[key];
    throw new Failure('INVALID_DATA', `The parameter ${name} must be ${expected}`, {
      details: { api_name: name, expected_data_type: expected },
    });
  });
}

/** The filter in a body; undefined, no body at all, is no filter. Throws INVALID_DATA that names the key. */
export function filterOfBody(body: unknown, zone: OrgZone): ExportFilter {
  const sent = body === undefined ? {} : asObject(body);
  if (sent === null || Array.isArray(body)) {
    throw new Failure('INVALID_DATA', 'The body must be a JSON object', {
      details: { expected_data_type: 'jsonobject', json_path: '$' },
    });
  }
  const names = new Set(Object.values(keyNames));
  const unknown = Object.keys(sent).find((key) => !names.has(key));
  if (unknown !== undefined) throw unknownKey(unknown);
  const values = Object.fromEntries(
    Object.entries(keyNames).map(([key, name]) => [key, own(sent, name) ?? undefined]),
  ) as unknown as SentFilter; // the keys are those of `Names`
  return readFilter(values, zone, (key, expected) => {
    const name = keyNames[key];
    throw new Failure('INVALID_DATA', `${name} must be ${expected}`, {
      details: { api_name: name, expected_data_type: expected, json_path: `$.${name}` },
    });
  });
}

function unknownKey(key: string): Failure {
  const known = Object.values(keyNames).join(', ');
  return new Failure('INVALID_DATA', `There is no such key; known are ${known}`, {
    details: { api_name: key.slice(0, 100), json_path: `$.${key.slice(0, 100)}` },
  });
}

/** Never returns. */
type Refuse = (key: keyof SentFilter, expected: string) => never;

const anyText = /^[^\0]{1,1024}$/;
const userId = /^[0-9]{1,18}$|^[0-9]{19}$/;

function readFilter(sent: SentFilter, zone: OrgZone, refuse: Refuse): ExportFilter {
  const actions = readList(sent, 'actions', anyText, refuse);
  return {
    from: readTime(sent, 'from', zone, refuse),
    to: readTime(sent, 'to', zone, refuse),
    actions: actions?.map((action) => action.toLowerCase()) ?? null,
    modules: readList(sent, 'modules', anyText, refuse),
    doneBy: readList(sent, 'doneBy', userId, refuse),
    words: readWords(sent.words, refuse),
    record: readRecordId(sent.record, refuse),
  };
}

function readTime(sent: SentFilter, key: 'from' | 'to', zone: OrgZone, refuse: Refuse): number | null {
  const value = sent[key];
  if (value === undefined) return null;
  const time = typeof value === 'string' ? parseTime(value, zone, key === 'from' ? 'start' : 'end') : null;
  return time ?? refuse(key, 'a time');
}

function readList(
  sent: SentFilter,
  key: 'actions' | 'modules' | 'doneBy',
  shape: RegExp,
  refuse: Refuse,
): readonly string[] | null {
  const values = sent[key];
  if (values === undefined) return null;
  if (!Array.isArray(values)) return refuse(key, 'an array');
  // An empty list would be read as "all" by one and as "none" by another.
  if (values.length === 0) return refuse(key, 'at least one value, or not there at all');
  if (values.length > maxValues) return refuse(key, `at most ${maxValues} values`);
  const texts = values.filter((value) => typeof value === 'string' && shape.test(value));
  return texts.length === values.length ? [...new Set<string>(texts)] : refuse(key, 'a value of its kind');
}

function readWords(value: unknown, refuse: Refuse): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' || value.length > wordsLength || !value.isWellFormed() || value.includes('\0')) {
    return refuse('words', `text of at most ${wordsLength} characters`);
  }
  const words = foldedWords(value);
  if (words.length > maxWords) return refuse('words', `at most ${maxWords} words`);
  return words.length === 0 ? null : value.trim();
}

function readRecordId(value: unknown, refuse: Refuse): string | null {
  if (value === undefined) return null;
  const limit = entryLimits.recordIdBytes;
  const isId = typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= limit && !value.includes('\0');
  return isId ? value : refuse('record', `text of at most ${limit} bytes`);
}
