/**
 * An entry from its JSON text. Nearly all of a stream are of one plain kind, which is read here in one pass; whatever is
 * out of the ordinary, right or wrong, is read again by `parseJson` and `parseEntry`, which alone decide what is refused
 * and in which words. A property test holds the two ways against each other.
 */
import { type EntryInput, entryKeys, type ParsedEntry, parseEntry } from './entry.ts';
import { Failure } from './failure.ts';
import { parseJson } from './json.ts';
import { entryLimits, jsonLimits } from './limits.ts';
import { type OrgZone, parseTime } from './time.ts';

/** As `parseJson` and then `parseEntry`; a text that is no JSON is a problem like any other. */
export function parseEntryText(text: string, zone: OrgZone, maxDepth: number = jsonLimits.maxDepth): ParsedEntry {
  const entry = maxDepth < plainDepth ? null : readPlain(text, zone);
  if (entry !== null) return { ok: true, entry };
  try {
    return parseEntry(parseJson(text, maxDepth), zone);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, problem: { code: error.code, message: error.message, jsonPath: '$' } };
  }
}

/** The entry, its changes, a change. */
const plainDepth = 3;
/** In this many UTF-16 units no text is too long, in whatever it stands, and no entry. */
const plainUnits = 5_000;
/** A name of fewer units is not too long in bytes. */
const plainNameUnits = Math.floor(entryLimits.nameBytes / 3);

type JsonObject = Readonly<Record<string, unknown>>;

/** Null: not of the plain kind. */
function readPlain(text: string, zone: OrgZone): EntryInput | null {
  // NUL and half a surrogate pair, which an entry must not hold, can only come from such an escape.
  if (text.length > plainUnits || text.includes('\\u')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // said properly by the other way
  }
  return isObject(value) ? plainEntry(value, zone) : null;
}

function plainEntry(sent: JsonObject, zone: OrgZone): EntryInput | null {
  if (!hasPlainKeys(sent)) return null;
  const id = plainId(sent.id);
  const time = plainTime(sent.audited_time, zone);
  const doneBy = plainUser(sent.done_by);
  const module = plainModule(sent.module);
  const record = plainRecord(sent.record);
  const related = plainRelated(sent.related_record);
  const accountName = plainName(sent.account_name);
  const source = plainName(sent.source);
  const changes = plainChanges(sent.changes);
  const action = typeof sent.action === 'string' ? sent.action.toLowerCase() : '';
  if (id === undefined || time === undefined || doneBy === null || module === null || record === null) return null;
  if (related === undefined || accountName === null || source === null || changes === null) return null;
  if (action === '' || action.length > entryLimits.actionChars || (id !== null && time === null)) return null;
  return { id, time, action, doneBy, module, record, related, accountName, source, changes };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasPlainKeys(sent: JsonObject): boolean {
  for (const key in sent) if (!entryKeys.has(key)) return false;
  return true;
}

/** Undefined: not plain. */
function plainId(value: unknown): bigint | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !/^[1-9][0-9]{0,18}$/.test(value)) return undefined;
  const id = BigInt(value);
  return id <= entryLimits.maxId ? id : undefined;
}

/** Undefined: not plain. */
function plainTime(value: unknown, zone: OrgZone): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? (parseTime(value, zone, 'instant') ?? undefined) : undefined;
}

/** Null: not plain. */
function plainName(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' && value.length <= plainNameUnits ? value : null;
}

function plainUser(value: unknown): EntryInput['doneBy'] | null {
  if (!isObject(value)) return null;
  for (const key in value) if (key !== 'id' && key !== 'name') return null;
  const id = plainId(value.id);
  const name = plainName(value.name);
  if (id === undefined || name === null || (id === null && name === '')) return null;
  return { id, name: name === '' ? null : name };
}

function plainModule(value: unknown): EntryInput['module'] | null {
  if (!isObject(value)) return null;
  for (const key in value) if (key !== 'api_name' && key !== 'id') return null;
  const { api_name: apiName, id } = value;
  if (typeof apiName !== 'string' || apiName === '' || apiName.length > plainNameUnits) return null;
  if (id === undefined || id === null) return { apiName, id: null };
  return typeof id === 'string' && /^[1-9][0-9]{0,17}$/.test(id) ? { apiName, id } : null;
}

function plainRecord(value: unknown): EntryInput['record'] | null {
  if (!isObject(value)) return null;
  for (const key in value) if (key !== 'id' && key !== 'name') return null;
  const { id, name } = value;
  if (typeof name !== 'string') return null;
  if (id === undefined || id === null || id === '') return { id: null, name };
  return typeof id === 'string' && id.length * 3 <= entryLimits.recordIdBytes ? { id, name } : null;
}

/** Undefined: not plain. */
function plainRelated(value: unknown): EntryInput['related'] | undefined {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) return undefined;
  for (const key in value) if (key !== 'module' && key !== 'name') return undefined;
  const module = plainName(value.module);
  const name = plainName(value.name);
  if (module === null || name === null) return undefined;
  return module === '' && name === '' ? null : { module, name };
}

/** Null: not plain. */
function plainChanges(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (!Array.isArray(value)) return null;
  for (const change of value) if (!isPlainChange(change)) return null;
  return value.length === 0 ? '' : JSON.stringify(value);
}

function isPlainChange(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) if (key !== 'field' && key !== 'old' && key !== 'new') return false;
  return typeof value.field === 'string' && value.field !== '' && isPlainValue(value.old) && isPlainValue(value.new);
}

function isPlainValue(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isFinite(value) && Number.isInteger(value) === Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null;
}
