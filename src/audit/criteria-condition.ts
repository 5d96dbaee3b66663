/** One condition of a criteria: `field`, `comparator` and `value`, checked in this order. */
import {
  dependentMismatch,
  expectedMissing,
  invalid,
  limitExceeded,
  mandatoryMissing,
  notSupported,
  wrongType,
} from './criteria-failures.ts';
import { asId, asList, asObject, itemOf, type JsonObject, keyOf, own, type Place } from './criteria-shape.ts';
import { readWindow } from './criteria-window.ts';
import { criteriaLimits } from './limits.ts';
import type { OrgZone } from './time.ts';

/** The actions that the wire can filter by. An entry may have others. */
export const filterActions = ['added', 'updated', 'deleted'] as const;

/** Which comparators each field takes; the values are a subset of `comparators`. */
export const fieldComparators = {
  action: ['equal', 'in'],
  done_by: ['equal', 'in'],
  module: ['equal', 'in'],
  audited_time: ['between'],
} as const satisfies Record<string, readonly Comparator[]>;

export const comparators = ['equal', 'in', 'between'] as const;
export type Comparator = (typeof comparators)[number];
export type FieldName = keyof typeof fieldComparators;

/** A user that a condition names, and where, for a refusal when the organisation does not know it. */
export interface UserRef {
  readonly id: string;
  readonly place: Place;
}

/** A module that a condition names by api_name, by id or by both. */
export interface ModuleRef {
  readonly apiName: string | null;
  readonly id: string | null;
  readonly place: Place;
}

/** What a row must be, its references still as the client wrote them. */
export type Condition =
  | { readonly field: 'action'; readonly actions: readonly string[] }
  | { readonly field: 'done_by'; readonly users: readonly UserRef[] }
  | { readonly field: 'module'; readonly modules: readonly ModuleRef[] }
  | { readonly field: 'audited_time'; readonly from: number; readonly to: number };

export function readCondition(criteria: JsonObject, place: Place, zone: OrgZone): Condition {
  const field = readField(own(criteria, 'field'), keyOf(place, 'field'));
  const comparatorPlace = keyOf(place, 'comparator');
  const comparator = readComparator(own(criteria, 'comparator'), comparatorPlace, field);
  const sent = { value: own(criteria, 'value'), place: keyOf(place, 'value'), comparator, comparatorPlace };
  switch (field) {
    case 'action':
      return { field, actions: readActions(sent) };
    case 'done_by':
      return { field, users: readReferences(sent, readUser) };
    case 'module':
      return { field, modules: readReferences(sent, readModule) };
    case 'audited_time':
      return { field, ...readWindow(sent, zone) };
    default:
      throw new Error(`unknown field ${field satisfies never}`);
  }
}

function readField(value: unknown, place: Place): FieldName {
  const field = asObject(value);
  if (field === null) throw wrongType(place, 'jsonobject');
  const name = own(field, 'api_name');
  const namePlace = keyOf(place, 'api_name');
  if (name === undefined || name === '') throw mandatoryMissing(namePlace);
  if (typeof name !== 'string') throw wrongType(namePlace, 'string');
  if (!isFieldName(name)) throw notSupported(namePlace);
  return name;
}

function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(fieldComparators, name);
}

function readComparator(value: unknown, place: Place, field: FieldName): Comparator {
  const allowed: readonly Comparator[] = fieldComparators[field];
  if (typeof value !== 'string') throw wrongType(place, 'string');
  const comparator = comparators.find((known) => known === value);
  if (comparator === undefined) throw invalid(place, allowed);
  if (!allowed.includes(comparator)) throw notSupported(place);
  return comparator;
}

/** The value of a condition, as it was sent, and what its type must fit. */
export interface SentValue {
  readonly value: unknown;
  readonly place: Place;
  readonly comparator: Comparator;
  readonly comparatorPlace: Place;
}

/** The items of an `in` list. */
function readIn(sent: SentValue): readonly unknown[] {
  const list = asList(sent.value);
  if (list === null) throw dependentMismatch(sent.comparatorPlace, sent.place, 'jsonarray');
  if (list.length === 0) throw invalid(sent.place);
  const limit = criteriaLimits.maxValues;
  if (list.length > limit) {
    throw limitExceeded(sent.place, limit, `The value jsonarray size should not exceed ${limit}`);
  }
  return list;
}

function readActions(sent: SentValue): readonly string[] {
  if (sent.comparator === 'in') {
    return readIn(sent).map((value, index) => readAction(value, itemOf(sent.place, index)));
  }
  if (typeof sent.value !== 'string') throw dependentMismatch(sent.comparatorPlace, sent.place, 'string');
  return [readAction(sent.value, sent.place)];
}

function readAction(value: unknown, place: Place): string {
  if (typeof value !== 'string') throw wrongType(place, 'string');
  const action = filterActions.find((known) => known === value);
  if (action === undefined) throw notSupported(place);
  return action;
}

/** `equal` takes one reference, bare or as an array of one: public examples show both. */
function readReferences<Ref>(sent: SentValue, read: (value: JsonObject, place: Place) => Ref): readonly Ref[] {
  if (sent.comparator === 'in') return readIn(sent).map(readItem);
  const list = asList(sent.value);
  if (list?.length === 1) return list.map(readItem);
  const single = asObject(sent.value);
  if (single === null || (list?.length ?? 0) > 1) {
    throw dependentMismatch(sent.comparatorPlace, sent.place, 'jsonobject');
  }
  return [read(single, sent.place)];

  function readItem(value: unknown, index: number): Ref {
    const place = itemOf(sent.place, index);
    const object = asObject(value);
    if (object === null) throw wrongType(place, 'jsonobject');
    return read(object, place);
  }
}

function readUser(value: JsonObject, place: Place): UserRef {
  const id = own(value, 'id');
  const idPlace = keyOf(place, 'id');
  if (id === undefined) throw mandatoryMissing(idPlace);
  return { id: readId(id, idPlace), place };
}

function readModule(value: JsonObject, place: Place): ModuleRef {
  const apiName = own(value, 'api_name');
  const id = own(value, 'id');
  const namePlace = keyOf(place, 'api_name');
  const idPlace = keyOf(place, 'id');
  if (apiName === undefined && id === undefined) throw expectedMissing([namePlace, idPlace]);
  if (apiName !== undefined && typeof apiName !== 'string') throw wrongType(namePlace, 'string');
  return { apiName: apiName ?? null, id: id === undefined ? null : readId(id, idPlace), place };
}

function readId(value: unknown, place: Place): string {
  const id = asId(value);
  if (id === null) throw wrongType(place, 'string');
  return id;
}
