/** The rows of the wire's table of errors: what each refusal looks like, byte for byte. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { FailureCode } from '../../src/audit/failure.ts';
import { filterOf, refusalOf } from './criteria-setup.ts';

export const root = '$.audit_log_export[0].criteria';
const messages = {
  invalid: 'The value given seems to be invalid',
  range: 'The audited time range exceeds the supported limit',
  mandatory: 'required field not found',
  expected: 'One or more expected fields are missing',
  dependent: 'Dependent keys are missing',
  mismatch: 'The datatype of the value key in the criteria seems to be invalid',
  unsupported: 'The value given is not supported',
  ambiguous: 'Ambiguity while processing the request',
};

/** A place as the wire points at it: the last key of the path is the api_name. */
export function at(path: string) {
  return { api_name: path.match(/(\w+)(\[\d+\])*$/)?.[1], json_path: path };
}

/** A row of the table: when, the body, and what it is refused with. */
type Row = readonly [
  when: string,
  body: unknown,
  refusal: { code: FailureCode; message: string; details: Record<string, unknown>; wrapped?: false },
];

export function holds(title: string, rows: readonly Row[]): void {
  suite(title, () => {
    for (const [when, body, refusal] of rows) {
      test(when, () => {
        assert.deepEqual(
          refusalOf(() => filterOf(body)),
          { wrapped: true, ...refusal },
        );
      });
    }
  });
}

export const wrongType = (path: string, expected: string) => ({
  code: 'INVALID_DATA' as const,
  message: messages.invalid,
  details: { expected_data_type: expected, ...at(path) },
});
export const invalid = (path: string, supported?: readonly string[]) => ({
  code: 'INVALID_DATA' as const,
  message: messages.invalid,
  details: supported ? { ...at(path), supported_values: supported } : at(path),
});
export const mandatory = (path: string) => ({
  code: 'MANDATORY_NOT_FOUND' as const,
  message: messages.mandatory,
  details: at(path),
});
export const dependent = (there: string, missing: string) => ({
  code: 'DEPENDENT_FIELD_MISSING' as const,
  message: messages.dependent,
  details: { dependee: at(there), ...at(missing) },
});
export const mismatch = (expected: string, criteria = root) => ({
  code: 'DEPENDENT_MISMATCH' as const,
  message: messages.mismatch,
  details: { dependee: at(`${criteria}.comparator`), ...at(`${criteria}.value`), expected_data_type: expected },
});
export const unsupported = (path: string) => ({
  code: 'NOT_SUPPORTED' as const,
  message: messages.unsupported,
  details: at(path),
});
export const ambiguous = (...paths: string[]) => ({
  code: 'AMBIGUITY_DURING_PROCESSING' as const,
  message: messages.ambiguous,
  details: { ambiguity_due_to: paths.map(at) },
});
export const expectedOf = (...paths: string[]) => ({
  code: 'EXPECTED_FIELD_MISSING' as const,
  message: messages.expected,
  details: { expected_fields: paths.map(at) },
});
export const limit = (path: string, value: string, message: string) => ({
  code: 'LIMIT_EXCEEDED' as const,
  message,
  details: { ...at(path), limit: value },
});

export const rangeTooLong = (path: string) => ({
  code: 'INVALID_DATA' as const,
  message: messages.range,
  details: at(path),
});
