import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OrgZone } from '../../src/audit/time.ts';
import { readAuditedTime } from '../../src/intake/audited-time.ts';
import { compileDatePattern } from '../../src/intake/date-pattern.ts';

suite('a date pattern', () => {
  const readings = [
    ['MM/dd/yyyy hh:mm a', '05/21/2026 12:49 PM', '2026-05-21T12:49:00'],
    ['MM/dd/yyyy hh:mm a', '05/21/2026 12:01 am', '2026-05-21T00:01:00'],
    ['MM/dd/yyyy hh:mm a', '05/21/2026\u202f  01:01 p.m.', '2026-05-21T13:01:00'],
    ['dd.MM.yyyy HH:mm:ss', '21.05.2026 23:59:58', '2026-05-21T23:59:58'],
    ['d MMM yyyy, h:mm a', '1 Sep 2026, 9:05 PM', '2026-09-01T21:05:00'],
    ['MMMM d, yyyy H:mm', 'February 3, 2026 7:05', '2026-02-03T07:05:00'],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2026-05-21T12:49:00+0530', '2026-05-21T12:49:00+0530'],
    ["d 'o''clock' M yyyy HH:mm", "21 o'clock 5 2026 01:02", '2026-05-21T01:02:00'],
    ['MM/dd/yyyy hh:mm a', '05/21/2026 13:49 PM', null],
    ['MM/dd/yyyy hh:mm a', '5/21/2026 01:49 PM', null],
    ['MM/dd/yyyy HH:mm', '05/21/2026 12:49 PM', null],
    ['d MMM yyyy HH:mm', '1 Foo 2026 10:00', null],
  ] as const;
  for (const [pattern, text, iso] of readings) {
    test(`${pattern} reads "${text}" as ${iso}`, () => {
      assert.equal(compileDatePattern(pattern).toIso(text), iso);
    });
  }

  for (const pattern of [
    'MM/dd/yy HH:mm',
    'dd HH:mm yyyy',
    'MM/dd/yyyy hh:mm',
    'MM/dd/yyyy',
    'M MM d yyyy H:mm',
    'Q',
  ]) {
    test(`"${pattern}" is refused, with the reason`, () => {
      assert.throws(() => compileDatePattern(pattern), { code: 'INVALID_DATA', message: /cannot be used: / });
    });
  }
});

suite('a time in a foreign file', () => {
  const orgZone = new OrgZone('UTC');
  const newYork = new OrgZone('America/New_York');
  const pattern = compileDatePattern('MM/dd/yyyy hh:mm a');

  test('is read in the zone that was named, by its rules of that day', () => {
    const reading = { pattern, zone: newYork, orgZone };
    assert.equal(readAuditedTime('07/01/2026 12:00 PM', reading), Date.UTC(2026, 6, 1, 16) / 1000);
    assert.equal(readAuditedTime('01/01/2026 12:00 PM', reading), Date.UTC(2026, 0, 1, 17) / 1000);
  });

  test('that the clock showed twice is the first of the two', () => {
    const reading = { pattern, zone: newYork, orgZone };
    assert.equal(readAuditedTime('11/01/2026 01:30 AM', reading), Date.UTC(2026, 10, 1, 5, 30) / 1000);
  });

  test('with an offset needs no zone', () => {
    const reading = { pattern: null, zone: null, orgZone };
    assert.equal(readAuditedTime('2026-05-21T12:49:00+05:30', reading), Date.UTC(2026, 4, 21, 7, 19) / 1000);
  });

  test('is never guessed: the error names the flag that is missing', () => {
    const reading = { pattern: null, zone: null, orgZone };
    assert.throws(() => readAuditedTime('05/21/2026 12:49 PM', reading), { message: /--date-format/ });
    assert.throws(() => readAuditedTime('2026-05-21 12:49:00', reading), { message: /--time-zone/ });
    assert.throws(() => readAuditedTime('05/21/2026 12:49 PM', { ...reading, pattern }), { message: /--time-zone/ });
  });

  test('that is on no calendar is no time', () => {
    assert.equal(readAuditedTime('02/30/2026 12:49 PM', { pattern, zone: newYork, orgZone }), null);
  });
});
