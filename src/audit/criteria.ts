/**
 * What an export is to hold: from the body of a create request to the filter that a ledger query takes. Checked in two
 * steps, because only the second needs to know the organisation: `parseExportRequest`, then `resolveExportRequest`.
 */
import Type from 'typebox';
import type { Condition, UserRef } from './criteria-condition.ts';
import { bodyPlace, readEnvelope, requestDefinitions } from './criteria-envelope.ts';
import { bodyOfWrongType } from './criteria-failures.ts';
import { indexModules, type KnownModule, resolveModules, resolveUsers } from './criteria-resolve.ts';
import { readCriteria } from './criteria-tree.ts';
import { filteredWindow, unfilteredWindow, type Window } from './criteria-window.ts';
import { Failure } from './failure.ts';
import { parseJson } from './json.ts';
import { jsonLimits } from './limits.ts';
import type { OrgZone } from './time.ts';

/** The body of a create request, for the API's document. There may also be none. */
export const ExportRequestSchema = Type.Cyclic(requestDefinitions, 'ExportRequest');

/** A request whose form is in order. Its conditions, all of which must hold, stand in the order of the body. */
export interface ExportRequest extends Window {
  /** As the client sent it; null when there was no body. */
  readonly criteria: unknown;
  readonly conditions: readonly Condition[];
  /** The users that the conditions name: the only ones that `resolveExportRequest` will look for. */
  readonly users: readonly UserRef[];
}

/** What a request is read with. */
export interface RequestContext {
  /** Epoch seconds. */
  readonly now: number;
  readonly zone: OrgZone;
}

/** The columns that an entry is filtered by. */
export interface FilteredColumns {
  readonly time: number;
  readonly action: string;
  readonly doneBy: bigint;
  readonly module: string;
}

/** A filter of rows; a null list means no condition, an empty one matches nothing. `from > to` is an empty range. */
export interface EntryFilter extends Window {
  readonly actions: readonly string[] | null;
  readonly modules: readonly string[] | null;
  /** User ids, digits. */
  readonly doneBy: readonly string[] | null;
}

/**
 * Reads the body of a create request: a JSON value as `parseJson` gives it, undefined when there was none. Throws the
 * `Failure` that the wire promises for it.
 */
export function parseExportRequest(body: unknown, context: RequestContext): ExportRequest {
  if (body === undefined) {
    return { criteria: null, conditions: [], users: [], ...unfilteredWindow(context.now, context.zone) };
  }
  const { value, place } = readEnvelope(body);
  const conditions = readCriteria(value, place, context.zone);
  const users = conditions.flatMap((condition) => (condition.field === 'done_by' ? condition.users : []));
  return { criteria: value, conditions, users, ...windowOf(conditions, context.now) };
}

/**
 * The same from the body's text, '' when there was none. What is no JSON answers as a body of another type does; what
 * nests deeper than JSON may is refused in the criteria's own terms, if that is where it nests.
 */
export function parseExportText(
  text: string,
  context: RequestContext,
  maxDepth: number = jsonLimits.maxDepth,
): ExportRequest {
  return parseExportRequest(text === '' ? undefined : readText(text, context, maxDepth), context);
}

function readText(text: string, context: RequestContext, maxDepth: number): unknown {
  try {
    return parseJson(text, maxDepth);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const isTooDeep = Object.hasOwn(error.details, 'limit');
    if (!isTooDeep) throw bodyOfWrongType(bodyPlace, 'jsonobject');
    parseExportRequest(JSON.parse(text), context); // throws, unless what is too deep stands where nobody looks
    throw error;
  }
}

/** What all conditions on the time have in common. */
function windowOf(conditions: readonly Condition[], now: number): Window {
  const windows = conditions.filter((condition) => condition.field === 'audited_time');
  if (windows.length === 0) return filteredWindow(now);
  return {
    from: Math.max(...windows.map((window) => window.from)),
    to: Math.min(...windows.map((window) => window.to)),
  };
}

/** The filter, with what the organisation knows. Throws AMBIGUITY_DURING_PROCESSING for the first that it does not. */
export function resolveExportRequest(
  request: ExportRequest,
  known: { readonly users: ReadonlySet<string>; readonly modules: readonly KnownModule[] },
): EntryFilter {
  const moduleIndex = indexModules(known.modules);
  let actions: readonly string[] | null = null;
  let modules: readonly string[] | null = null;
  let doneBy: readonly string[] | null = null;
  for (const condition of request.conditions) {
    if (condition.field === 'action') actions = both(actions, condition.actions);
    if (condition.field === 'module') modules = both(modules, resolveModules(condition.modules, moduleIndex));
    if (condition.field === 'done_by') doneBy = both(doneBy, resolveUsers(condition.users, known.users));
  }
  return { from: request.from, to: request.to, actions, modules, doneBy };
}

/** What both lists hold, each value once, in the order of the first. */
function both(earlier: readonly string[] | null, values: readonly string[]): readonly string[] {
  const wanted = new Set(values);
  return earlier === null ? [...wanted] : earlier.filter((value) => wanted.has(value));
}

/** What a filter means, in its plainest form: every ledger must agree with it. */
export function matches(filter: EntryFilter, row: FilteredColumns): boolean {
  return (
    filter.from <= row.time &&
    row.time <= filter.to &&
    allows(filter.actions, row.action) &&
    allows(filter.modules, row.module) &&
    allows(filter.doneBy, String(row.doneBy))
  );
}

function allows(list: readonly string[] | null, value: string): boolean {
  return list === null || list.includes(value);
}

/** True when no row at all can match. */
export function isEmptyFilter(filter: EntryFilter): boolean {
  const lists = [filter.actions, filter.modules, filter.doneBy];
  return filter.from > filter.to || lists.some((list) => list?.length === 0);
}
