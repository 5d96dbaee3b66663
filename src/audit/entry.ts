import { Failure, type FailureCode } from './failure.ts';
import { jsonTypeOf, nestsDeeper, parseJson, stringifyJson } from './json.ts';
import { entryLimits } from './limits.ts';
import { type OrgZone, parseTime } from './time.ts';

/** An entry as it was sent, checked, with what it lacks still missing: the recorder fills in ids, names and times. */
export interface EntryInput {
  readonly id: bigint | null;
  /** Epoch seconds. */
  readonly time: number | null;
  /** Lower case. */
  readonly action: string;
  /** One of the two is there. */
  readonly doneBy: { readonly id: bigint | null; readonly name: string | null };
  readonly module: { readonly apiName: string; readonly id: string | null };
  readonly record: { readonly id: string | null; readonly name: string };
  readonly related: { readonly module: string; readonly name: string } | null;
  /** Empty when the entry has none; so `source` and `changes`. */
  readonly accountName: string;
  readonly source: string;
  /** A compact JSON array. */
  readonly changes: string;
}

export interface EntryProblem {
  readonly code: FailureCode;
  readonly message: string;
  /** The exact place: `$.record.name`. */
  readonly jsonPath: string;
}

export type ParsedEntry =
  | { readonly ok: true; readonly entry: EntryInput }
  | { readonly ok: false; readonly problem: EntryProblem };

/** Checks what `parseJson` gave. A time without an offset is read in the zone. Says the first thing that is wrong. */
export function parseEntry(value: unknown, zone: OrgZone): ParsedEntry {
  try {
    return { ok: true, entry: readEntry(value, zone) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, problem: { code: error.code, message: error.message, jsonPath: error.jsonPath } };
  }
}

/**
 * What is wrong with field changes as a text, by the rules of an entry; null when it is exactly what an entry's changes
 * would be stored as.
 */
export function changesProblem(text: string): string | null {
  if (text === '') return null;
  try {
    const stored = readChanges(parseJson(text, entryLimits.changesDepth));
    return stored === text ? null : 'it is not the compact JSON of an array with field changes';
  } catch (error) {
    if (error instanceof Refusal) return `${error.message} (${error.jsonPath})`;
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** Counts what was sent, of a text that is in lower case by now: only İ becomes two characters by that. */
export function isActionTooLong(action: string): boolean {
  const { actionChars } = entryLimits;
  return action.length > actionChars && [...action.replaceAll('i\u0307', 'i')].length > actionChars;
}

/** Never leaves this file. Thrown, so that a good entry, of which there are very many, pays nothing for paths. */
class Refusal extends Error {
  readonly code: FailureCode;
  readonly jsonPath: string;

  constructor(code: FailureCode, jsonPath: string, message: string) {
    super(message);
    this.code = code;
    this.jsonPath = jsonPath;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

export const entryKeys: ReadonlySet<string> = new Set([
  'id',
  'audited_time',
  'action',
  'done_by',
  'module',
  'record',
  'related_record',
  'account_name',
  'source',
  'changes',
]);
const userKeys: ReadonlySet<string> = new Set(['id', 'name']);
const moduleKeys: ReadonlySet<string> = new Set(['api_name', 'id']);
const recordKeys: ReadonlySet<string> = new Set(['id', 'name']);
const relatedKeys: ReadonlySet<string> = new Set(['module', 'name']);
const changeKeys: ReadonlySet<string> = new Set(['field', 'old', 'new']);

function readEntry(value: unknown, zone: OrgZone): EntryInput {
  const sent = readObject(value, '$', entryKeys);
  const id = readId(sent.id, '$.id');
  const input: EntryInput = {
    id,
    time: readTime(sent.audited_time, id !== null, zone),
    action: readAction(sent.action),
    doneBy: readUser(sent.done_by),
    module: readModule(sent.module),
    record: readRecord(sent.record),
    related: readRelated(sent.related_record),
    accountName: readName(sent.account_name, '$.account_name'),
    source: readName(sent.source, '$.source'),
    changes: readChanges(sent.changes),
  };
  checkSize(sent, input);
  return input;
}

function readObject(value: unknown, path: string, keys: ReadonlySet<string>): JsonObject {
  if (value === undefined) throw missing(path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(path, 'an object', value);
  // All that is left after these checks is an object with string keys.
  const object = value as JsonObject;
  for (const key in object) {
    if (!keys.has(key)) throw new Refusal('INVALID_DATA', childPath(path, key), 'unknown key');
  }
  return object;
}

/** null counts as absent for all that may be absent. */
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

function readId(value: unknown, path: string): bigint | null {
  if (isAbsent(value)) return null;
  let id = 0n;
  if (typeof value === 'string') {
    if (/^[0-9]{1,19}$/.test(value)) id = BigInt(value);
  } else if (typeof value === 'bigint') {
    id = value;
  } else if (Number.isSafeInteger(value)) {
    id = BigInt(value as number); // isSafeInteger is true of numbers only
  } else {
    throw wrongType(path, 'an id: a string of digits', value);
  }
  if (id > 0n && id <= entryLimits.maxId) return id;
  throw new Refusal('INVALID_DATA', path, `not an id: 1 to ${entryLimits.idDigits} digits, over 0 and below 2^63`);
}

function readTime(value: unknown, isRequired: boolean, zone: OrgZone): number | null {
  if (isAbsent(value)) {
    if (isRequired) throw missing('$.audited_time');
    return null;
  }
  if (typeof value !== 'string') throw wrongType('$.audited_time', 'a string', value);
  const time = parseTime(value, zone, 'instant');
  if (time !== null) return time;
  throw new Refusal('INVALID_DATA', '$.audited_time', 'not a time such as 2026-07-13T09:30:00+05:30 from 1970 to 9999');
}

function readAction(value: unknown): string {
  if (value === undefined || value === '') throw missing('$.action');
  const action = readText(value, '$.action', Number.POSITIVE_INFINITY).toLowerCase();
  if (isActionTooLong(action)) throw overLimit('$.action', `${entryLimits.actionChars} characters`);
  return action;
}

function readUser(value: unknown): EntryInput['doneBy'] {
  const user = readObject(value, '$.done_by', userKeys);
  const id = readId(user.id, '$.done_by.id');
  const name = readName(user.name, '$.done_by.name');
  if (id === null && name === '') throw missing('$.done_by.id', ': id or name');
  return { id, name: name === '' ? null : name };
}

function readModule(value: unknown): EntryInput['module'] {
  const module = readObject(value, '$.module', moduleKeys);
  if (module.api_name === undefined || module.api_name === '') throw missing('$.module.api_name');
  const apiName = readText(module.api_name, '$.module.api_name', entryLimits.nameBytes);
  const { id } = module;
  // The usual id is kept as it is: two conversions less.
  if (typeof id === 'string' && /^[1-9][0-9]{0,17}$/.test(id)) return { apiName, id };
  return { apiName, id: readId(id, '$.module.id')?.toString() ?? null };
}

function readRecord(value: unknown): EntryInput['record'] {
  const record = readObject(value, '$.record', recordKeys);
  if (record.name === undefined) throw missing('$.record.name');
  const name = readText(record.name, '$.record.name', entryLimits.recordNameBytes);
  return { id: readRecordId(record.id), name };
}

/** Other systems' records have ids of their own kind, so any text will do. */
function readRecordId(value: unknown): string | null {
  if (isAbsent(value) || value === '') return null;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  return readText(value, '$.record.id', entryLimits.recordIdBytes);
}

function readRelated(value: unknown): EntryInput['related'] {
  if (isAbsent(value)) return null;
  const related = readObject(value, '$.related_record', relatedKeys);
  const module = readName(related.module, '$.related_record.module');
  const name = readName(related.name, '$.related_record.name');
  return module === '' && name === '' ? null : { module, name };
}

function readName(value: unknown, path: string): string {
  return isAbsent(value) ? '' : readText(value, path, entryLimits.nameBytes);
}

function readText(value: unknown, path: string, maxBytes: number): string {
  if (typeof value !== 'string') throw wrongType(path, 'a string', value);
  // A UTF-16 unit makes 3 bytes at most, so most texts need no counting.
  if (value.length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes) throw overLimit(path, `${maxBytes} bytes`);
  checkCharacters(value, path);
  return value;
}

/** Neither would come back from a UTF-8 file as it went in. */
function checkCharacters(text: string, path: string): void {
  if (text.includes('\0')) throw new Refusal('INVALID_DATA', path, 'holds a NUL character');
  if (!text.isWellFormed()) throw new Refusal('INVALID_DATA', path, 'holds half a surrogate pair');
}

/** `old` and `new` may be any JSON: pick lists are arrays, look-ups objects. */
function readChanges(value: unknown): string {
  if (isAbsent(value)) return '';
  if (!Array.isArray(value)) throw wrongType('$.changes', 'an array', value);
  if (value.length === 0) return '';
  for (let index = 0; index < value.length; index += 1) {
    const path = `$.changes[${index}]`;
    const change = readObject(value[index], path, changeKeys);
    if (change.field === undefined || change.field === '') throw missing(`${path}.field`);
    if (typeof change.field !== 'string') throw wrongType(`${path}.field`, 'a string', change.field);
    checkDepth(change.old, `${path}.old`);
    checkDepth(change.new, `${path}.new`);
  }
  const text = stringifyJson(value);
  const { changesBytes } = entryLimits;
  if (text.length * 3 > changesBytes && Buffer.byteLength(text) > changesBytes) {
    throw overLimit('$.changes', `${changesBytes} bytes of compact JSON`);
  }
  // What must not be in a text is written with an escape; a text may spell that escape too, so look closely then.
  if (/\\u(?:0000|d[89a-f])/.test(text)) checkAllCharacters(value, '$.changes');
  return text;
}

/** Of a value that stands two levels deep in the changes. */
function checkDepth(value: unknown, path: string): void {
  const { changesDepth } = entryLimits;
  if (typeof value !== 'object' || value === null || !nestsDeeper(value, changesDepth - 2)) return;
  throw new Refusal('LIMIT_EXCEEDED', path, `nests deeper than ${changesDepth} levels of changes`);
}

function checkAllCharacters(root: unknown, rootPath: string): void {
  const open: { value: unknown; path: string }[] = [{ value: root, path: rootPath }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') checkCharacters(value, path);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, item] of Object.entries(value)) {
      checkCharacters(key, path);
      open.push({ value: item, path: Array.isArray(value) ? `${path}[${key}]` : childPath(path, key) });
    }
  }
}

/** An entry whose two long fields have fewer UTF-16 units than this cannot be too large, even if all of it is escaped. */
const safeUnits = 20_000;

function checkSize(sent: JsonObject, input: EntryInput): void {
  if (input.record.name.length + input.changes.length < safeUnits) return;
  if (Buffer.byteLength(stringifyJson(sent)) <= entryLimits.entryBytes) return;
  throw overLimit('$', `${entryLimits.entryBytes} bytes of compact JSON`);
}

function missing(path: string, detail = ''): Refusal {
  return new Refusal('MANDATORY_NOT_FOUND', path, `required field not found${detail}`);
}

function wrongType(path: string, expected: string, value: unknown): Refusal {
  return new Refusal('INVALID_DATA', path, `expected ${expected}, found ${jsonTypeOf(value)}`);
}

function overLimit(path: string, limit: string): Refusal {
  return new Refusal('LIMIT_EXCEEDED', path, `longer than ${limit}`);
}

/** Keys are the sender's: a long one is cut, so that an error is never much larger than a path. */
function childPath(path: string, key: string): string {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${shown}` : `${path}[${JSON.stringify(shown)}]`;
}
