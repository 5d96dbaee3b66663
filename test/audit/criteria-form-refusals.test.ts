import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  dependent,
  expectedOf,
  holds,
  invalid,
  limit,
  mandatory,
  root,
  unsupported,
  wrongType,
} from './criteria-refusal.ts';
import { bodyOf, condition, filterOf, group, refusalOf } from './criteria-setup.ts';

const added = condition('action', 'equal', 'added');
const bareBody = {
  ...wrongType('$.body', 'jsonobject'),
  details: { expected_data_type: 'jsonobject', api_name: 'body', json_path: '$' },
  wrapped: false as const,
};

holds('around the criteria, a request is refused when', [
  ['the body is null', null, bareBody],
  ['the body is a string', 'audit_log_export', bareBody],
  ['the body is a number', 1, bareBody],
  ['the body is an array with something in it', [bodyOf(added)], bareBody],
  ['the body is {}', {}, { ...mandatory('$.audit_log_export'), wrapped: false }],
  ['the body is []', [], { ...mandatory('$.audit_log_export'), wrapped: false }],
  ['the body has another key only', { criteria: added }, { ...mandatory('$.audit_log_export'), wrapped: false }],
  [
    'audit_log_export is a string',
    { audit_log_export: 'x' },
    { ...wrongType('$.audit_log_export', 'jsonarray'), wrapped: false },
  ],
  [
    'audit_log_export is null',
    { audit_log_export: null },
    { ...wrongType('$.audit_log_export', 'jsonarray'), wrapped: false },
  ],
  [
    'audit_log_export is an object that is no list',
    { audit_log_export: { criteria: added } },
    { ...wrongType('$.audit_log_export', 'jsonarray'), wrapped: false },
  ],
  ['audit_log_export is []', { audit_log_export: [] }, { ...mandatory('$.audit_log_export[0]'), wrapped: false }],
  ['audit_log_export is {}', { audit_log_export: {} }, { ...mandatory('$.audit_log_export[0]'), wrapped: false }],
  [
    'audit_log_export has two items',
    { audit_log_export: [{ criteria: added }, 5] },
    limit('$.audit_log_export', '1', 'The audit_log_export jsonarray size should not exceed one'),
  ],
  ['the item is a string', { audit_log_export: ['x'] }, wrongType('$.audit_log_export[0]', 'jsonobject')],
  ['the item is {}', { audit_log_export: [{}] }, mandatory(root)],
  ['the item is []', { audit_log_export: [[]] }, mandatory(root)],
  ['criteria is a string', bodyOf('x'), wrongType(root, 'jsonobject')],
  ['criteria is null', bodyOf(null), wrongType(root, 'jsonobject')],
  ['criteria is an array', bodyOf([added]), wrongType(root, 'jsonobject')],
  ['criteria is {}', bodyOf({}), expectedOf(`${root}.field`, `${root}.group`)],
  ['criteria is []', bodyOf([]), expectedOf(`${root}.field`, `${root}.group`)],
  ['criteria has unknown keys only', bodyOf({ x: 1 }), expectedOf(`${root}.field`, `${root}.group`)],
]);

const field = { api_name: 'action' };

holds('keys that need each other: a criteria is refused when it has', [
  ['a field only', bodyOf({ field }), dependent(`${root}.field`, `${root}.comparator`)],
  ['no comparator', bodyOf({ field, value: 'added' }), dependent(`${root}.field`, `${root}.comparator`)],
  ['no value', bodyOf({ field, comparator: 'equal' }), dependent(`${root}.field`, `${root}.value`)],
  ['no field', bodyOf({ comparator: 'equal', value: 'added' }), dependent(`${root}.comparator`, `${root}.field`)],
  ['a comparator only', bodyOf({ comparator: 'equal' }), dependent(`${root}.comparator`, `${root}.field`)],
  ['a value only', bodyOf({ value: 'added' }), dependent(`${root}.value`, `${root}.field`)],
  ['a group without operator', bodyOf({ group: [added] }), dependent(`${root}.group`, `${root}.group_operator`)],
  [
    'an operator without group',
    bodyOf({ group_operator: 'and' }),
    dependent(`${root}.group_operator`, `${root}.group`),
  ],
  ['a group of []', bodyOf(group()), dependent(`${root}.group_operator`, `${root}.group`)],
  ['a group of {}', bodyOf({ group_operator: 'and', group: {} }), dependent(`${root}.group_operator`, `${root}.group`)],
  ['a group of [] without operator', bodyOf({ group: [] }), dependent(`${root}.group`, `${root}.group_operator`)],
  [
    'a condition and half a group',
    bodyOf({ ...added, group_operator: 'and' }),
    dependent(`${root}.group_operator`, `${root}.group`),
  ],
  [
    'half a condition and a group',
    bodyOf({ ...group(added), field }),
    dependent(`${root}.field`, `${root}.comparator`),
  ],
  ['a condition and a group', bodyOf({ ...added, ...group(added) }), invalid(root)],
  [
    'in a group, a field only',
    bodyOf(group(added, { field })),
    dependent(`${root}.group[1].field`, `${root}.group[1].comparator`),
  ],
]);

/** Groups in each other's first place, the innermost a condition. */
function nested(levels: number): object {
  return levels === 0 ? added : group(nested(levels - 1));
}

holds('a group is refused when', [
  ['its operator is or', bodyOf({ ...group(added), group_operator: 'or' }), invalid(`${root}.group_operator`, ['and'])],
  [
    'its operator is no string',
    bodyOf({ ...group(added), group_operator: 1 }),
    wrongType(`${root}.group_operator`, 'string'),
  ],
  ['it is a string', bodyOf({ ...group(), group: 'x' }), wrongType(`${root}.group`, 'jsonarray')],
  ['it is one criteria', bodyOf({ ...group(), group: added }), wrongType(`${root}.group`, 'jsonarray')],
  [
    'it has three criteria',
    bodyOf(group(added, added, added)),
    limit(`${root}.group`, '2', 'The group jsonarray size should not exceed two'),
  ],
  [
    'a group in it has three criteria',
    bodyOf(group(added, group(added, added, 5))),
    limit(`${root}.group[1].group`, '2', 'The group jsonarray size should not exceed two'),
  ],
  [
    'it is the eleventh in each other',
    bodyOf(nested(11)),
    limit(`${root}${'.group[0]'.repeat(10)}.group`, '10', 'The nesting of groups should not exceed 10 levels'),
  ],
  ['an item is a string', bodyOf(group(added, 'x')), wrongType(`${root}.group[1]`, 'jsonobject')],
  ['an item is {}', bodyOf(group({})), expectedOf(`${root}.group[0].field`, `${root}.group[0].group`)],
]);

holds('a field is refused when', [
  ['it is a string', bodyOf({ ...added, field: 'action' }), wrongType(`${root}.field`, 'jsonobject')],
  ['it is {}', bodyOf({ ...added, field: {} }), mandatory(`${root}.field.api_name`)],
  ['it is []', bodyOf({ ...added, field: [] }), mandatory(`${root}.field.api_name`)],
  ['its api_name is empty', bodyOf(condition('', 'equal', 'added')), mandatory(`${root}.field.api_name`)],
  [
    'its api_name is null',
    bodyOf({ ...added, field: { api_name: null } }),
    wrongType(`${root}.field.api_name`, 'string'),
  ],
  ['it has an apiName', bodyOf({ ...added, field: { apiName: 'action' } }), mandatory(`${root}.field.api_name`)],
  ['it is not one of the four', bodyOf(condition('record', 'equal', 'x')), unsupported(`${root}.field.api_name`)],
  [
    'it is a name that every object has',
    bodyOf(condition('constructor', 'equal', 'x')),
    unsupported(`${root}.field.api_name`),
  ],
  ['its case differs', bodyOf(condition('Action', 'equal', 'added')), unsupported(`${root}.field.api_name`)],
]);

holds('a comparator is refused when', [
  ['it is a number', bodyOf({ ...added, comparator: 1 }), wrongType(`${root}.comparator`, 'string')],
  ['it is null', bodyOf({ ...added, comparator: null }), wrongType(`${root}.comparator`, 'string')],
  ['it is unknown', bodyOf(condition('action', 'like', 'added')), invalid(`${root}.comparator`, ['equal', 'in'])],
  [
    'it is unknown for a time',
    bodyOf(condition('audited_time', 'after', 'x')),
    invalid(`${root}.comparator`, ['between']),
  ],
  ['it is empty', bodyOf(condition('action', '', 'added')), invalid(`${root}.comparator`, ['equal', 'in'])],
  ['an action is asked to be between', bodyOf(condition('action', 'between', [])), unsupported(`${root}.comparator`)],
  ['a user is asked to be between', bodyOf(condition('done_by', 'between', [])), unsupported(`${root}.comparator`)],
  ['a module is asked to be between', bodyOf(condition('module', 'between', [])), unsupported(`${root}.comparator`)],
  ['a time is asked to be equal', bodyOf(condition('audited_time', 'equal', 'x')), unsupported(`${root}.comparator`)],
  ['a time is asked to be in', bodyOf(condition('audited_time', 'in', [])), unsupported(`${root}.comparator`)],
]);

suite('of several mistakes', () => {
  const twice = [
    ['the field comes before the comparator', { ...condition('x', 'like', 5) }, 'NOT_SUPPORTED'],
    ['the comparator comes before the value', { ...condition('action', 'like', 5) }, 'INVALID_DATA'],
    ['a missing key comes before a wrong one', { field: 5, comparator: 5 }, 'DEPENDENT_FIELD_MISSING'],
    ['the left comes before the right', group(condition('action', 'equal', 'x'), {}), 'NOT_SUPPORTED'],
    [
      'the form comes before what is unknown',
      group(condition('done_by', 'equal', { id: '99' }), {}),
      'EXPECTED_FIELD_MISSING',
    ],
    ['the operator comes before the group', { group_operator: 'or', group: 5 }, 'INVALID_DATA'],
    [
      'the order of the keys does not matter',
      { value: 5, comparator: 'like', field: { api_name: 'x' } },
      'NOT_SUPPORTED',
    ],
  ] as const;
  for (const [title, criteria, code] of twice) {
    test(title, () => {
      assert.equal(refusalOf(() => filterOf(bodyOf(criteria))).code, code);
    });
  }
});
