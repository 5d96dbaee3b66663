import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseExportRequest } from '../../src/audit/criteria.ts';
import { OrgZone } from '../../src/audit/time.ts';
import { bodyOf, condition, day, filterOf, now, seconds, zone } from './criteria-setup.ts';

suite('times', () => {
  const window = (from: string, to: string) => {
    const filter = filterOf(bodyOf(condition('audited_time', 'between', [from, to])));
    return [filter.from, filter.to];
  };
  const spellings = [
    ['2026-01-01T05:30:00+05:30', '2026-01-02T05:30:00+05:30'],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.999Z'],
    ['2026-01-01T05:30:00.123456+05:30', '2026-01-02T05:30:00.123456+0530'],
    ['2026-01-01T05:30:00', '2026-01-02T05:30:00'],
  ] as const;
  for (const [from, to] of spellings) {
    test(`${from} to ${to} is read to the second`, () => {
      assert.deepEqual(window(from, to), [seconds('2026-01-01T00:00:00Z'), seconds('2026-01-02T00:00:00Z')]);
    });
  }

  test("bare dates are whole days in the organisation's zone", () => {
    assert.deepEqual(window('2026-01-01', '2026-01-01'), [
      seconds('2026-01-01T00:00:00+05:30'),
      seconds('2026-01-01T23:59:59+05:30'),
    ]);
  });

  test('180 days to the second are not too many, nor is one second too few', () => {
    const from = seconds('2026-01-01T00:00:00Z');
    assert.deepEqual(window('2026-01-01T00:00:00Z', '2026-06-30T00:00:00Z'), [from, from + 180 * day]);
    assert.deepEqual(window('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'), [from, from]);
  });

  test('a time in the future is none of our business', () => {
    assert.equal(window('2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z')[0], seconds('2030-01-01T00:00:00Z'));
  });
});

suite('windows that nobody asked for', () => {
  test('no body means the last three years, by the calendar of the organisation', () => {
    const request = parseExportRequest(undefined, { now, zone });
    assert.deepEqual([request.criteria, request.conditions], [null, []]);
    assert.deepEqual([request.from, request.to], [seconds('2023-07-01T12:00:00Z'), now]);
  });

  test('three years before a leap day is 28 February', () => {
    const leapDay = seconds('2028-02-29T10:00:00Z');
    const { from, to } = parseExportRequest(undefined, { now: leapDay, zone: new OrgZone('UTC') });
    assert.deepEqual([from, to], [seconds('2025-02-28T10:00:00Z'), leapDay]);
  });

  test("three years ago is at the same local time, whatever the zone's offset was", () => {
    const summer = seconds('2026-03-29T12:00:00+02:00'); // three years earlier it was summer since three days
    const { from } = parseExportRequest(undefined, { now: summer, zone: new OrgZone('Europe/Berlin') });
    assert.equal(from, seconds('2023-03-29T12:00:00+02:00'));
    const early = seconds('2026-10-28T12:00:00+01:00'); // three years earlier it was still summer
    const past = parseExportRequest(undefined, { now: early, zone: new OrgZone('Europe/Berlin') });
    assert.equal(past.from, seconds('2023-10-28T12:00:00+02:00'));
  });

  test('a filter without a time means the last 180 days', () => {
    const { from, to } = filterOf(bodyOf(condition('action', 'equal', 'added')));
    assert.deepEqual([from, to], [now - 180 * day, now]);
  });
});
