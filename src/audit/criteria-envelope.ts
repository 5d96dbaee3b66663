/** What stands around a criteria in the body of a create request: `{"audit_log_export":[{"criteria": …}]}`. */
import Type from 'typebox';
import { bodyLacks, bodyOfWrongType, limitExceeded, mandatoryMissing, wrongType } from './criteria-failures.ts';
import { criteriaDefinitions, listOf } from './criteria-schema.ts';
import { asList, asObject, itemOf, keyOf, own, type Place } from './criteria-shape.ts';
import { criteriaLimits } from './limits.ts';

/** The place of the body itself, which has no key. */
export const bodyPlace: Place = { path: '$', key: 'body' };

/** The criteria as it was sent, and where it stands. */
export function readEnvelope(body: unknown): { readonly value: unknown; readonly place: Place } {
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

const envelope = Type.Object({
  audit_log_export: listOf(
    Type.Object({ criteria: Type.Ref('Criteria') }),
    { min: 1, max: criteriaLimits.exports },
    'The one export to schedule.',
  ),
});

/** The envelope and all that may stand in it, as definitions that refer to each other by name. */
export const requestDefinitions = { ExportRequest: envelope, ...criteriaDefinitions };
