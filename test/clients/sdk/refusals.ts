/** Create requests that are refused for what they hold. */
import type { CriteriaSpec, SdkCall } from './protocol.ts';

export interface Refusal {
  readonly when: string;
  readonly code: string;
  readonly exports: (SdkCall & { readonly method: 'create' })['exports'];
  /** True: the error stands inside `audit_log_export`. */
  readonly wrapped: boolean;
  /** The `json_path` of its details. */
  readonly path?: string;
  readonly httpStatus?: number;
}

const root = '$.audit_log_export[0].criteria';
const day = (date: string) => `${date}T00:00:00+05:30`;
const action: CriteriaSpec = { field: 'action', comparator: 'equal', value: 'added' };

export const refusals: readonly Refusal[] = [
  {
    ...{ when: 'no export at all', code: 'MANDATORY_NOT_FOUND', wrapped: false },
    ...{ exports: [], path: '$.audit_log_export[0]' },
  },
  {
    ...{ when: 'an export without criteria', code: 'MANDATORY_NOT_FOUND', wrapped: true },
    ...{ exports: [{}], path: root },
  },
  refused('EXPECTED_FIELD_MISSING', 'empty criteria', {}),
  refused('DEPENDENT_FIELD_MISSING', 'a field without comparator and value', { field: 'action' }, `${root}.comparator`),
  refused('DEPENDENT_FIELD_MISSING', 'a group without its operator', { group: [action] }, `${root}.group_operator`),
  refused(
    'DEPENDENT_MISMATCH',
    'one text where a list is due',
    { field: 'action', comparator: 'in', value: 'added' },
    `${root}.value`,
  ),
  refused(
    'INVALID_DATA',
    'a range that ends before it starts',
    { field: 'audited_time', comparator: 'between', value: [day('2026-02-02'), day('2026-02-01')] },
    `${root}.value`,
  ),
  refused(
    'INVALID_DATA',
    'a range of over 180 days',
    { field: 'audited_time', comparator: 'between', value: [day('2025-01-01'), day('2025-12-31')] },
    `${root}.value`,
  ),
  refused(
    'INVALID_DATA',
    'Dates in the wrong order',
    { field: 'audited_time', comparator: 'between', value: [new Date('2026-02-02T01:02:03Z'), new Date(0)] },
    `${root}.value`,
  ),
  refused(
    'INVALID_DATA',
    'an unknown comparator',
    { field: 'action', comparator: 'like', value: 'added' },
    `${root}.comparator`,
  ),
  refused('INVALID_DATA', 'an empty list', { field: 'action', comparator: 'in', value: [] }, `${root}.value`),
  refused(
    'MANDATORY_NOT_FOUND',
    'a user without an id',
    { field: 'done_by', comparator: 'equal', value: new Map([['name', 'Patricia Boyle']]) },
    `${root}.value.id`,
  ),
  refused('NOT_SUPPORTED', 'an unknown field', { ...action, field: 'record_name' }, `${root}.field.api_name`),
  refused('NOT_SUPPORTED', 'an unknown action', { ...action, value: 'merged' }, `${root}.value`),
  refused('AMBIGUITY_DURING_PROCESSING', 'an unknown user', {
    ...{ field: 'done_by', comparator: 'equal', value: new Map([['id', '111111000000099999']]) },
  }),
  refused('AMBIGUITY_DURING_PROCESSING', 'an unknown module', {
    ...{ field: 'module', comparator: 'in', value: [{ api_name: 'Nothing_Of_Ours' }] },
  }),
  {
    ...{ when: 'two exports', code: 'LIMIT_EXCEEDED', wrapped: true },
    ...{ exports: [{ criteria: action }, { criteria: action }], path: '$.audit_log_export' },
  },
  refused(
    'LIMIT_EXCEEDED',
    'three in a group',
    { groupOperator: 'and', group: [action, action, action] },
    `${root}.group`,
  ),
  refused('LIMIT_EXCEEDED', 'groups in groups in groups', nested(12)),
  {
    ...{ when: 'a body over the limit', code: 'REQUEST_TOO_LARGE', wrapped: false, httpStatus: 413 },
    exports: [{ criteria: { field: 'action', comparator: 'in', value: Array.from({ length: 400 }, () => 'added') } }],
  },
];

function refused(code: string, when: string, criteria: CriteriaSpec, path?: string): Refusal {
  return { code, when, wrapped: true, exports: [{ criteria }], ...(path !== undefined && { path }) };
}

function nested(depth: number): CriteriaSpec {
  return depth === 0 ? action : { groupOperator: 'and', group: [nested(depth - 1)] };
}
