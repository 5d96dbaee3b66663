import {
  ambiguous,
  expectedOf,
  holds,
  invalid,
  limit,
  mandatory,
  mismatch,
  rangeTooLong,
  root,
  unsupported,
  wrongType,
} from './criteria-refusal.ts';
import { bodyOf, condition, group } from './criteria-setup.ts';

const added = condition('action', 'equal', 'added');
const many = Array.from({ length: 1001 }, () => 'added');

holds('an action is refused when', [
  ['it is not one of the three', bodyOf(condition('action', 'equal', 'viewed')), unsupported(`${root}.value`)],
  ['its case differs', bodyOf(condition('action', 'equal', 'Added')), unsupported(`${root}.value`)],
  [
    'one of several is not one of the three',
    bodyOf(condition('action', 'in', ['added', 'x'])),
    unsupported(`${root}.value[1]`),
  ],
  ['equal has an array', bodyOf(condition('action', 'equal', ['added'])), mismatch('string')],
  ['equal has null', bodyOf(condition('action', 'equal', null)), mismatch('string')],
  ['in has a string', bodyOf(condition('action', 'in', 'added')), mismatch('jsonarray')],
  ['in has an object', bodyOf(condition('action', 'in', { a: 'added' })), mismatch('jsonarray')],
  ['in has []', bodyOf(condition('action', 'in', [])), invalid(`${root}.value`)],
  ['in has {}', bodyOf(condition('action', 'in', {})), invalid(`${root}.value`)],
  ['in has a number', bodyOf(condition('action', 'in', ['added', 5])), wrongType(`${root}.value[1]`, 'string')],
  [
    'in has too many',
    bodyOf(condition('action', 'in', many)),
    limit(`${root}.value`, '1000', 'The value jsonarray size should not exceed 1000'),
  ],
  [
    'it is wrong deep in the tree',
    bodyOf(group(added, group(added, condition('action', 'in', 'added')))),
    mismatch('jsonarray', `${root}.group[1].group[1]`),
  ],
]);

const user = { id: '11', name: 'Pat' };

holds('a user is refused when', [
  ['equal has a string', bodyOf(condition('done_by', 'equal', '11')), mismatch('jsonobject')],
  ['equal has two users', bodyOf(condition('done_by', 'equal', [user, user])), mismatch('jsonobject')],
  ['equal has {}', bodyOf(condition('done_by', 'equal', {})), mandatory(`${root}.value.id`)],
  ['equal has []', bodyOf(condition('done_by', 'equal', [])), mandatory(`${root}.value.id`)],
  ['equal has [{}]', bodyOf(condition('done_by', 'equal', [{}])), mandatory(`${root}.value[0].id`)],
  ['equal has a name only', bodyOf(condition('done_by', 'equal', { name: 'Pat' })), mandatory(`${root}.value.id`)],
  ['in has one user', bodyOf(condition('done_by', 'in', user)), mismatch('jsonarray')],
  ['in has []', bodyOf(condition('done_by', 'in', [])), invalid(`${root}.value`)],
  ['in has [{}]', bodyOf(condition('done_by', 'in', [{}])), mandatory(`${root}.value[0].id`)],
  ['in has [[]]', bodyOf(condition('done_by', 'in', [[]])), mandatory(`${root}.value[0].id`)],
  ['in has {"0":{}}', bodyOf(condition('done_by', 'in', { 0: {} })), mandatory(`${root}.value[0].id`)],
  ['in has ids only', bodyOf(condition('done_by', 'in', [user, '22'])), wrongType(`${root}.value[1]`, 'jsonobject')],
  ['an id is a fraction', bodyOf(condition('done_by', 'equal', { id: 1.5 })), wrongType(`${root}.value.id`, 'string')],
  ['an id is null', bodyOf(condition('done_by', 'equal', { id: null })), wrongType(`${root}.value.id`, 'string')],
  ['an id is unknown', bodyOf(condition('done_by', 'in', [user, { id: '99' }])), ambiguous(`${root}.value[1].id`)],
  ['an id is no number', bodyOf(condition('done_by', 'equal', { id: 'Pat' })), ambiguous(`${root}.value.id`)],
  ['an id has a leading zero', bodyOf(condition('done_by', 'equal', { id: '011' })), ambiguous(`${root}.value.id`)],
  ['an id has other digits', bodyOf(condition('done_by', 'equal', { id: '١١' })), ambiguous(`${root}.value.id`)],
  [
    'it lacks an id deep in the tree',
    bodyOf(group(added, condition('done_by', 'in', [{}]))),
    mandatory(`${root}.group[1].value[0].id`),
  ],
]);

holds('a module is refused when', [
  ['equal has a string', bodyOf(condition('module', 'equal', 'Leads')), mismatch('jsonobject')],
  ['in has a string', bodyOf(condition('module', 'in', 'Leads')), mismatch('jsonarray')],
  ['in has []', bodyOf(condition('module', 'in', [])), invalid(`${root}.value`)],
  ['in has names only', bodyOf(condition('module', 'in', ['Leads'])), wrongType(`${root}.value[0]`, 'jsonobject')],
  [
    'it has neither api_name nor id',
    bodyOf(condition('module', 'in', [{ apiName: 'Leads' }])),
    expectedOf(`${root}.value[0].api_name`, `${root}.value[0].id`),
  ],
  [
    'its api_name is a number',
    bodyOf(condition('module', 'equal', { api_name: 5 })),
    wrongType(`${root}.value.api_name`, 'string'),
  ],
  [
    'its api_name is unknown',
    bodyOf(condition('module', 'equal', { api_name: 'X' })),
    ambiguous(`${root}.value.api_name`),
  ],
  [
    'its api_name is empty',
    bodyOf(condition('module', 'equal', { api_name: '' })),
    ambiguous(`${root}.value.api_name`),
  ],
  [
    'its id is unknown',
    bodyOf(condition('module', 'in', [{ id: '9', api_name: 'Leads' }])),
    ambiguous(`${root}.value[0].id`),
  ],
  [
    'neither key is known',
    bodyOf(condition('module', 'equal', { api_name: 'X', id: '9' })),
    ambiguous(`${root}.value.id`, `${root}.value.api_name`),
  ],
  [
    'its keys disagree',
    bodyOf(condition('module', 'equal', { api_name: 'Leads', id: '2' })),
    ambiguous(`${root}.value.id`, `${root}.value.api_name`),
  ],
]);

const between = (...times: unknown[]) => bodyOf(condition('audited_time', 'between', times));
const start = '2026-01-01T00:00:00Z';

holds('a range of time is refused when', [
  ['it is one time', bodyOf(condition('audited_time', 'between', start)), mismatch('jsonarray')],
  ['it is an array of one time', between(start), mismatch('jsonarray')],
  ['it is three times', between(start, start, start), mismatch('jsonarray')],
  ['it is []', between(), mismatch('jsonarray')],
  ['it is null', bodyOf(condition('audited_time', 'between', null)), mismatch('jsonarray')],
  [
    'it has other keys than 0 and 1',
    bodyOf(condition('audited_time', 'between', { from: start, to: start })),
    mismatch('jsonarray'),
  ],
  ['a time is a number', between(start, 1_767_225_600), wrongType(`${root}.value[1]`, 'datetime')],
  ['a time is null', between(null, start), wrongType(`${root}.value[0]`, 'datetime')],
  ['a time is no time', between(start, 'yesterday'), invalid(`${root}.value[1]`)],
  ['a day does not exist', between('2026-02-30', start), invalid(`${root}.value[0]`)],
  ['it ends before it starts', between('2026-01-01T00:00:01Z', start), invalid(`${root}.value`)],
  ['it is a second longer than 180 days', between(start, '2026-06-30T00:00:01Z'), rangeTooLong(`${root}.value`)],
  ['it is 181 bare days', between('2026-01-01', '2026-06-30'), rangeTooLong(`${root}.value`)],
]);
