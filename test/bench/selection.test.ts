import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { criteriaOf, whereOf } from '../../bench/selection.ts';

const range = { from: 0, to: 86_399 };

suite('the selections of the bench', () => {
  test('a range alone is one condition, with both ends', () => {
    assert.deepEqual(criteriaOf(range), {
      field: { api_name: 'audited_time' },
      comparator: 'between',
      value: ['1970-01-01T00:00:00.000Z', '1970-01-01T23:59:59.000Z'],
    });
    assert.equal(whereOf(range), 'time BETWEEN 0 AND 86399');
  });

  test('further conditions nest in groups of two', () => {
    const nested = criteriaOf({ ...range, module: 'Leads', user: '17' }) as {
      group: [{ group: object[] }, { value: object }];
    };
    assert.equal(nested.group.length, 2);
    assert.equal(nested.group[0].group.length, 2);
    assert.deepEqual(nested.group[1].value, { id: '17' });
    const where = whereOf({ ...range, module: 'Leads', user: '17' });
    assert.equal(where, `time BETWEEN 0 AND 86399 AND "Module" = 'Leads' AND "Done By Id" = 17`);
  });
});
