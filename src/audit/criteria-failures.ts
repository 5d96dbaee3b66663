/** The refusals of a create request, with the codes, messages and details that the wire promises. */

import type { Place } from './criteria-shape.ts';
import { Failure, type FailureCode, type FailureDetails } from './failure.ts';

/** What `expected_data_type` may say. */
export type WireType = 'jsonobject' | 'jsonarray' | 'string' | 'datetime';

/** A place as the wire points at it. */
interface Pointer {
  readonly api_name: string;
  readonly json_path: string;
}

function pointer(place: Place): Pointer {
  return { api_name: place.key, json_path: place.path };
}

/** Wrapped: the error stands inside `audit_log_export: [...]`, as all do that are about the one export. */
function wrapped(code: FailureCode, message: string, details: FailureDetails): Failure {
  return new Failure(code, message, { details, wrapped: true });
}

const invalidMessage = 'The value given seems to be invalid';
const missingMessage = 'required field not found';

/** The body as a whole, or its one key, is of another JSON type. Also what a body that is no JSON at all answers. */
export function bodyOfWrongType(place: Place, expected: WireType): Failure {
  return new Failure('INVALID_DATA', invalidMessage, { details: { expected_data_type: expected, ...pointer(place) } });
}

export function bodyLacks(place: Place): Failure {
  return new Failure('MANDATORY_NOT_FOUND', missingMessage, { details: { ...pointer(place) } });
}

export function wrongType(place: Place, expected: WireType): Failure {
  return wrapped('INVALID_DATA', invalidMessage, { expected_data_type: expected, ...pointer(place) });
}

export function invalid(place: Place, supported?: readonly string[]): Failure {
  const details = pointer(place);
  return wrapped(
    'INVALID_DATA',
    invalidMessage,
    supported ? { ...details, supported_values: supported } : { ...details },
  );
}

export function rangeTooLong(place: Place): Failure {
  return wrapped('INVALID_DATA', 'The audited time range exceeds the supported limit', { ...pointer(place) });
}

export function mandatoryMissing(place: Place): Failure {
  return wrapped('MANDATORY_NOT_FOUND', missingMessage, { ...pointer(place) });
}

/** None of these keys is there, and one must be. */
export function expectedMissing(places: readonly Place[]): Failure {
  const details = { expected_fields: places.map(pointer) };
  return wrapped('EXPECTED_FIELD_MISSING', 'One or more expected fields are missing', details);
}

/** `dependee` is there and asks for `missing`. */
export function dependentMissing(dependee: Place, missing: Place): Failure {
  const details = { dependee: pointer(dependee), ...pointer(missing) };
  return wrapped('DEPENDENT_FIELD_MISSING', 'Dependent keys are missing', details);
}

/** The value at `place` has a type that does not go with `dependee`. */
export function dependentMismatch(dependee: Place, place: Place, expected: WireType): Failure {
  return wrapped('DEPENDENT_MISMATCH', 'The datatype of the value key in the criteria seems to be invalid', {
    dependee: pointer(dependee),
    ...pointer(place),
    expected_data_type: expected,
  });
}

export function notSupported(place: Place): Failure {
  return wrapped('NOT_SUPPORTED', 'The value given is not supported', { ...pointer(place) });
}

export function ambiguous(places: readonly Place[]): Failure {
  const details = { ambiguity_due_to: places.map(pointer) };
  return wrapped('AMBIGUITY_DURING_PROCESSING', 'Ambiguity while processing the request', details);
}

/** The wire spells a limit as a string. */
export function limitExceeded(place: Place, limit: number, message: string): Failure {
  return wrapped('LIMIT_EXCEEDED', message, { ...pointer(place), limit: String(limit) });
}
