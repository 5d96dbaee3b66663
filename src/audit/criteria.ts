/**
 * What an export is to hold: from the body of a create request to the filter that a ledger query takes. Checked in two
 * steps, because only the second needs to know the organisation: `parseExportRequest`, then `resolveExportRequest`.
 */
import type { Condition } from './criteria-condition.ts';
import { bodyLacks, bodyOfWrongType, limitExceeded, mandatoryMissing, wrongType } from './criteria-failures.ts';
import { type KnownModule, resolveModules, resolveUsers } from './criteria-resolve.ts';
import { asList, asObject, bodyPlace, itemOf, keyOf, own } from './criteria-shape.ts';
import { readCriteria } from './criteria-tree.ts';
import { filteredWindow, unfilteredWindow, type Window } from './criteria-window.ts';
import { criteriaLimits } from './limits.ts';
import type { OrgZone } from './time.ts';

/** A request whose form is in order. Its conditions, all of which must hold, stand in the order of the body. */
export interface ExportRequest extends Window {
  /** As the client sent it; null when there was no body. */
  readonly criteria: unknown;
  readonly conditions: readonly Condition[];
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
 * `Failure` that the wire promises for it. `now` is in epoch seconds.
 */
export function parseExportRequest(
  body: unknown,
  context: { readonly now: number; readonly zone: OrgZone },
): ExportRequest {
  if (body === undefined) return { criteria: null, conditions: [], ...unfilteredWindow(context.now, context.zone) };
  const { value, place } = sentCriteria(body);
  const conditions = readCriteria(value, place, context.zone);
  return { criteria: value, conditions, ...windowOf(conditions, context.now) };
}

/** The criteria inside the envelope `{"audit_log_export":[{"criteria": …}]}`. */
function sentCriteria(body: unknown) {
  const envelope = asObject(body);
  if (envelope === null) throw bodyOfWrongType(bodyPlace, 'jsonobject');
  const listPlace = keyOf(bodyPlace, 'audit_log_export');
  if (!Object.hasOwn(envelope, 'audit_log_export')) throw bodyLacks(listPlace);
  const list = asList(own(envelope, 'audit_log_export'));
  if (list === null) throw bodyOfWrongType(listPlace, 'jsonarray');
  const itemPlace = itemOf(listPlace, 0);
  if (list.length === 0) throw bodyLacks(itemPlace);
  if (list.length > criteriaLimits.exports) {
    throw limitExceeded(listPlace, criteriaLimits.exports, 'The audit_log_export jsonarray size should not exceed one');
  }
  const item = asObject(list[0]);
  if (item === null) throw wrongType(itemPlace, 'jsonobject');
  const place = keyOf(itemPlace, 'criteria');
  if (!Object.hasOwn(item, 'criteria')) throw mandatoryMissing(place);
  return { value: own(item, 'criteria'), place };
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

/** Ids of the users that the request names: the only ones that `resolveExportRequest` will look for. */
export function userIdsOf(request: ExportRequest): readonly string[] {
  const refs = request.conditions.flatMap((condition) => (condition.field === 'done_by' ? condition.users : []));
  return [...new Set(refs.map((user) => user.id))];
}

/** The filter, with what the organisation knows. Throws AMBIGUITY_DURING_PROCESSING for the first that it does not. */
export function resolveExportRequest(
  request: ExportRequest,
  known: { readonly users: ReadonlySet<string>; readonly modules: readonly KnownModule[] },
): EntryFilter {
  let actions: readonly string[] | null = null;
  let modules: readonly string[] | null = null;
  let doneBy: readonly string[] | null = null;
  for (const condition of request.conditions) {
    if (condition.field === 'action') actions = both(actions, condition.actions);
    if (condition.field === 'module') modules = both(modules, resolveModules(condition.modules, known.modules));
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
