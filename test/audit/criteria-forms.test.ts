import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isEmptyFilter, matches, parseExportRequest, parseExportText } from '../../src/audit/criteria.ts';
import { parseJson } from '../../src/audit/json.ts';
import { bodyOf, condition, day, filterOf, group, now, refusalOf, seconds, zone } from './criteria-setup.ts';

const halfYear = { from: now - 180 * day, to: now };
const everything = { ...halfYear, actions: null, modules: null, doneBy: null };

const users = { ...everything, doneBy: ['11', '22'] };
const leads = { ...everything, modules: ['Leads'] };
const forms: readonly (readonly [form: string, body: unknown, filter: object])[] = [
  ['an action', bodyOf(condition('action', 'equal', 'added')), { ...everything, actions: ['added'] }],
  [
    'actions',
    bodyOf(condition('action', 'in', ['added', 'deleted', 'added'])),
    { ...everything, actions: ['added', 'deleted'] },
  ],
  ['a user', bodyOf(condition('done_by', 'equal', { id: '11', name: 'no matter' })), { ...everything, doneBy: ['11'] }],
  ['an array of one user', bodyOf(condition('done_by', 'equal', [{ id: '11' }])), { ...everything, doneBy: ['11'] }],
  ['users', bodyOf(condition('done_by', 'in', [{ id: '11' }, { id: '22' }])), users],
  ['users whose ids are integers', bodyOf(condition('done_by', 'in', [{ id: 11 }, { id: 22 }])), users],
  [
    'users in an object with index keys',
    bodyOf(condition('done_by', 'in', { 0: { id: '11' }, 1: { id: '22' } })),
    users,
  ],
  [
    'a user in an object with an index key',
    bodyOf(condition('done_by', 'equal', { 0: { id: '11' } })),
    { ...everything, doneBy: ['11'] },
  ],
  [
    "an SDK's own user object",
    bodyOf(condition('done_by', 'in', [{ keyModified: {}, id: '11', name: 'Pat' }])),
    { ...everything, doneBy: ['11'] },
  ],
  ['a module by api_name', bodyOf(condition('module', 'equal', { api_name: 'Leads' })), leads],
  ['a module by id', bodyOf(condition('module', 'equal', { id: '1' })), leads],
  ['a module by both', bodyOf(condition('module', 'in', [{ id: 1, api_name: 'Leads' }])), leads],
  [
    "an SDK's own module object",
    bodyOf(condition('module', 'in', [{ keyModified: {}, id: '1', apiName: 'Contacts' }])),
    leads,
  ],
  [
    'one module twice, by name and by id',
    bodyOf(condition('module', 'in', [{ id: '1' }, { api_name: 'Leads' }])),
    leads,
  ],
  [
    'a group operator in capitals',
    bodyOf({ ...group(condition('action', 'equal', 'added')), group_operator: 'AND' }),
    { ...everything, actions: ['added'] },
  ],
  [
    'every array as an object',
    {
      audit_log_export: {
        0: {
          criteria: {
            group_operator: 'And',
            group: {
              0: condition('action', 'in', { 0: 'added' }),
              1: condition('audited_time', 'between', { 0: '2026-01-01', 1: '2026-01-02' }),
            },
          },
        },
      },
    },
    { ...everything, actions: ['added'], from: seconds('2025-12-31T18:30:00Z'), to: seconds('2026-01-02T18:29:59Z') },
  ],
  [
    'unknown keys everywhere',
    {
      x: 1,
      audit_log_export: [
        {
          x: 1,
          criteria: {
            x: 1,
            ...condition('done_by', 'in', [{ x: 1, id: '11' }]),
            field: { api_name: 'done_by', id: 5 },
          },
        },
      ],
    },
    { ...everything, doneBy: ['11'] },
  ],
];

suite('what clients send', () => {
  for (const [form, body, filter] of forms) {
    test(`${form} can be read`, () => {
      assert.deepEqual(filterOf(body), filter);
    });
  }

  test('ids that exceed 2^53 keep their digits, and the criteria its bigint', () => {
    const text = JSON.stringify(bodyOf(condition('done_by', 'in', [{ id: 7 }]))).replace('7', '554023000000799326');
    const body = parseJson(text);
    assert.deepEqual(filterOf(body).doneBy, ['554023000000799326']);
    const sent = parseExportRequest(body, { now, zone }).criteria;
    assert.deepEqual(sent, condition('done_by', 'in', [{ id: 554023000000799326n }]));
  });

  test('the criteria is kept as it was sent', () => {
    const criteria = { ...condition('action', 'in', { 0: 'added' }), extra: [null] };
    const body = bodyOf(criteria);
    assert.equal(parseExportRequest(body, { now, zone }).criteria, criteria);
    assert.deepEqual(body, bodyOf({ ...condition('action', 'in', { 0: 'added' }), extra: [null] }));
  });

  for (const keys of [['0', '2'], ['1'], ['00'], ['0', 'x'], ['-0'], ['0.0']]) {
    test(`an object with the keys ${keys.join(' and ')} is no array`, () => {
      const value = Object.fromEntries(keys.map((key) => [key, 'added']));
      const { code } = refusalOf(() => filterOf(bodyOf(condition('action', 'in', value))));
      assert.equal(code, 'DEPENDENT_MISMATCH');
    });
  }

  test('an object with index keys is read in their order, however they were sent', () => {
    const text = '{"2":"deleted","0":"added","1":"updated"}';
    const body = bodyOf(condition('action', 'in', JSON.parse(text)));
    assert.deepEqual(filterOf(body).actions, ['added', 'updated', 'deleted']);
  });

  test('ten groups in each other are not too many', () => {
    let criteria = condition('action', 'equal', 'added');
    for (let level = 0; level < 10; level += 1) criteria = group(criteria);
    assert.deepEqual(filterOf(bodyOf(criteria)), { ...everything, actions: ['added'] });
  });
});

suite('several conditions on one field', () => {
  const actions = (...lists: string[][]) =>
    filterOf(bodyOf(group(...lists.map((list) => condition('action', 'in', list))))).actions;

  test('leave what all of them allow', () => {
    assert.deepEqual(actions(['added', 'updated'], ['updated', 'deleted']), ['updated']);
    assert.deepEqual(actions(['added', 'updated'], ['deleted']), []);
  });

  test('are compared by the module, not by how it was named', () => {
    const body = bodyOf(
      group(condition('module', 'equal', { id: '1' }), condition('module', 'in', [{ api_name: 'Leads' }])),
    );
    assert.deepEqual(filterOf(body).modules, ['Leads']);
  });

  test('name all their users in the request', () => {
    const body = bodyOf(group(condition('done_by', 'equal', { id: '11' }), condition('done_by', 'in', [{ id: 22 }])));
    assert.deepEqual(
      parseExportRequest(body, { now, zone }).users.map((user) => user.id),
      ['11', '22'],
    );
    assert.deepEqual(filterOf(body).doneBy, []);
  });

  test('on the time overlap, and each alone may be 180 days long', () => {
    const range = (from: string, to: string) => condition('audited_time', 'between', [from, to]);
    const both = filterOf(bodyOf(group(range('2026-01-01', '2026-03-31'), range('2026-03-01', '2026-06-30'))));
    assert.deepEqual(
      [both.from, both.to],
      [seconds('2026-03-01T00:00:00+05:30'), seconds('2026-03-31T23:59:59+05:30')],
    );
    const none = filterOf(bodyOf(group(range('2026-01-01', '2026-01-31'), range('2026-03-01', '2026-03-31'))));
    assert.ok(none.from > none.to);
    assert.ok(isEmptyFilter(none));
  });

  test('that exclude each other are valid, and nothing matches', () => {
    const body = bodyOf(group(condition('action', 'equal', 'added'), condition('action', 'equal', 'deleted')));
    const filter = filterOf(body);
    assert.ok(isEmptyFilter(filter));
    assert.ok(!matches(filter, { time: now, action: 'added', doneBy: 11n, module: 'Leads' }));
  });
});

suite('a request as text', () => {
  const read = (text: string, maxDepth?: number) => parseExportText(text, { now, zone }, maxDepth);
  const bare = {
    code: 'INVALID_DATA',
    details: { expected_data_type: 'jsonobject', api_name: 'body', json_path: '$' },
  };
  const refused = (text: string) => {
    const { code, details, wrapped } = refusalOf(() => read(text));
    return { code, details, wrapped };
  };

  test('of no bytes is no body', () => {
    assert.equal(read('').criteria, null);
    assert.equal(read('').to, now);
  });

  test('is read as JSON', () => {
    const text = JSON.stringify(bodyOf(condition('action', 'equal', 'added')));
    assert.deepEqual(read(text), parseExportRequest(JSON.parse(text), { now, zone }));
  });

  for (const text of ['{', ' ', 'null', '"x"', '{"audit_log_export":1e999}', '{}x']) {
    test(`is refused as a whole when it is ${text}`, () => {
      assert.deepEqual(refused(text), { ...bare, wrapped: false });
    });
  }

  test('that nests criteria without end is refused by their limit, quickly', () => {
    const levels = 100_000;
    const open = '{"group_operator":"and","group":[';
    const text = `{"audit_log_export":[{"criteria":${open.repeat(levels)}${']}'.repeat(levels)}}]}`;
    const { code, details, wrapped } = refusalOf(() => read(text));
    assert.deepEqual([code, details.limit, wrapped], ['LIMIT_EXCEEDED', '10', true]);
  });

  test('that nests without end where nobody looks is refused as well', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const criteria = JSON.stringify(condition('action', 'equal', 'added')).replace('{', `{"x":${deep},`);
    assert.equal(refused(`{"audit_log_export":[{"criteria":${criteria}}]}`).code, 'INVALID_DATA');
    assert.equal(refused(deep).code, 'INVALID_DATA');
  });
});
