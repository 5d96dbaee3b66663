/** A criteria: one condition, or a group of criteria that all must hold. */
import { type Condition, readCondition } from './criteria-condition.ts';
import { dependentMissing, expectedMissing, invalid, limitExceeded, wrongType } from './criteria-failures.ts';
import { asList, asObject, itemOf, type JsonObject, keyOf, own, type Place } from './criteria-shape.ts';
import { criteriaLimits } from './limits.ts';
import type { OrgZone } from './time.ts';

const conditionKeys = ['field', 'comparator', 'value'] as const;
const groupKeys = ['group', 'group_operator'] as const;

/**
 * The conditions of a criteria, all of which must hold, in the order in which they stand there. Of several mistakes the
 * first is reported: from the top down, at each level the keys that are missing first, then `field`, `comparator`,
 * `value`, `group_operator`, `group`. The depth is bounded, so a hostile nesting ends here and not on the stack.
 */
export function readCriteria(value: unknown, place: Place, zone: OrgZone, depth = 1): readonly Condition[] {
  const criteria = asObject(value);
  if (criteria === null) throw wrongType(place, 'jsonobject');
  const isCondition = has(criteria, conditionKeys);
  const isGroup = has(criteria, groupKeys);
  if (!isCondition && !isGroup) throw expectedMissing([keyOf(place, 'field'), keyOf(place, 'group')]);
  if (isCondition) checkTogether(criteria, place, conditionKeys);
  if (isGroup) checkTogether(criteria, place, groupKeys);
  if (isCondition && isGroup) throw invalid(place);
  return isCondition ? [readCondition(criteria, place, zone)] : readGroup(criteria, place, zone, depth);
}

function readGroup(criteria: JsonObject, place: Place, zone: OrgZone, depth: number): readonly Condition[] {
  const operator = own(criteria, 'group_operator');
  const operatorPlace = keyOf(place, 'group_operator');
  const groupPlace = keyOf(place, 'group');
  if (typeof operator !== 'string') throw wrongType(operatorPlace, 'string');
  if (operator.toLowerCase() !== 'and') throw invalid(operatorPlace, ['and']);
  const group = asList(own(criteria, 'group'));
  if (group === null) throw wrongType(groupPlace, 'jsonarray');
  if (group.length === 0) throw dependentMissing(operatorPlace, groupPlace);
  const { groupSize, maxDepth } = criteriaLimits;
  if (group.length > groupSize) {
    throw limitExceeded(groupPlace, groupSize, 'The group jsonarray size should not exceed two');
  }
  if (depth > maxDepth) {
    throw limitExceeded(groupPlace, maxDepth, `The nesting of groups should not exceed ${maxDepth} levels`);
  }
  return group.flatMap((item, index) => readCriteria(item, itemOf(groupPlace, index), zone, depth + 1));
}

function has(criteria: JsonObject, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(criteria, key));
}

/** Where one of the keys is, all must be: the first that is there asks for the first that is not. */
function checkTogether(criteria: JsonObject, place: Place, keys: readonly string[]): void {
  const there = keys.find((key) => Object.hasOwn(criteria, key));
  const missing = keys.find((key) => !Object.hasOwn(criteria, key));
  if (there !== undefined && missing !== undefined) throw dependentMissing(keyOf(place, there), keyOf(place, missing));
}
