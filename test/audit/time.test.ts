import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isTimeZone, OrgZone, parseTime } from '../../src/audit/time.ts';

const maxEpochSeconds = 253_402_300_799;
const zoneNames = Intl.supportedValuesOf('timeZone');
const utc = new OrgZone('UTC');
const kolkata = new OrgZone('Asia/Kolkata');
const newYork = new OrgZone('America/New_York');

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds / 1000;
const zoned = (epochSeconds: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toZonedDateTimeISO(zone);
const temporalText = (epochSeconds: number, zone: string) =>
  zoned(epochSeconds, zone).toString({ timeZoneName: 'never', smallestUnit: 'second' });
const hasWholeMinutes = (epochSeconds: number, zone: string) =>
  zoned(epochSeconds, zone).offsetNanoseconds % 60e9 === 0;

/** For each zone, the instants from 1970 to 2030 at which its offset changed. */
const transitions: ReadonlyMap<string, readonly number[]> = new Map(
  zoneNames.map((name) => [name, transitionsOf(name)]),
);

function transitionsOf(zone: string): number[] {
  const found: number[] = [];
  let next = zoned(0, zone).getTimeZoneTransition('next');
  while (next !== null && next.year < 2030) {
    found.push(next.epochMilliseconds / 1000);
    next = next.getTimeZoneTransition('next');
  }
  return found;
}

suite('OrgZone.format', () => {
  test('prints local time with the offset of that moment', () => {
    assert.equal(kolkata.format(at('2024-07-03T15:41:59Z')), '2024-07-03T21:11:59+05:30');
    assert.equal(newYork.format(at('2024-03-10T06:59:59Z')), '2024-03-10T01:59:59-05:00');
    assert.equal(newYork.format(at('2024-03-10T07:00:00Z')), '2024-03-10T03:00:00-04:00');
    assert.equal(newYork.format(at('2024-11-03T05:59:59Z')), '2024-11-03T01:59:59-04:00');
    assert.equal(newYork.format(at('2024-11-03T06:00:00Z')), '2024-11-03T01:00:00-05:00');
    assert.equal(newYork.format(0), '1969-12-31T19:00:00-05:00');
    assert.equal(utc.format(maxEpochSeconds), '9999-12-31T23:59:59+00:00');
    assert.equal(new OrgZone('+05:45').format(0), '1970-01-01T05:45:00+05:45');
  });

  test('rounds an offset with seconds to the minute, and prints local time by it', () => {
    const monrovia = new OrgZone('Africa/Monrovia'); // -00:44:30 until 1972-01-07
    assert.equal(monrovia.format(0), '1969-12-31T23:15:00-00:45');
    assert.equal(monrovia.offsetMinutesAt(0), -45);
    assert.equal(monrovia.format(at('1972-01-07T00:44:29Z')), '1972-01-06T23:59:29-00:45');
    assert.equal(monrovia.format(at('1972-01-07T00:44:30Z')), '1972-01-07T00:44:30+00:00');
    assert.equal(Object.is(monrovia.offsetMinutesAt(1e9), 0), true);
  });

  test('agrees with Temporal at every change of every zone', () => {
    for (const [name, instants] of transitions) {
      const zone = new OrgZone(name);
      for (const transition of instants) {
        for (const instant of [transition - 1, transition, transition + 1]) {
          if (hasWholeMinutes(instant, name)) assert.equal(zone.format(instant), temporalText(instant, name));
        }
      }
    }
  });

  test('is exact: what it prints is read back as the same second, in any zone, in any order', () => {
    const zones = zoneNames.map((name) => new OrgZone(name));
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.array(fc.integer({ min: 0, max: 4_102_444_800 })), (zone, instants) => {
        for (const instant of instants) {
          const text = zone.format(instant);
          assert.equal(parseTime(text, utc, 'instant'), instant);
          assert.equal(at(text), instant);
          assert.equal(text.length, 25);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('stays right when more changes are asked for than are kept', () => {
    const zone = new OrgZone('America/New_York');
    for (let year = 1970; year < 2700; year += 1) {
      for (const month of ['01', '07']) {
        const instant = at(`${year}-${month}-01T12:00:00Z`);
        assert.equal(zone.offsetMinutesAt(instant), zoned(instant, zone.timeZone).offsetNanoseconds / 60e9);
      }
    }
    assert.equal(zone.format(0), '1969-12-31T19:00:00-05:00');
  });
});

suite('parseTime reads', () => {
  const instant = at('2024-07-03T15:41:59Z');
  const forms = [
    '2024-07-03T15:41:59Z',
    '2024-07-03t15:41:59z',
    '2024-07-03 15:41:59Z',
    '2024-07-03T15:41:59.999Z',
    '2024-07-03T15:41:59.123456789Z',
    '2024-07-03T15:41:59,5Z',
    '2024-07-03T21:11:59+05:30',
    '2024-07-03T21:11:59+0530',
    '2024-07-03T21:11:59.000+05:30',
    '2024-07-03T10:41:59-05',
    '2024-07-03T15:41:59+00:00',
    '2024-07-03T15:41:59-00:00',
    '2024-07-04T15:40:59+23:59',
    '2024-07-03T21:11:59',
    '2024-07-03 21:11:59.5',
  ];
  for (const text of forms) {
    test(text, () => {
      assert.equal(parseTime(text, kolkata, 'instant'), instant);
      assert.equal(parseTime(text, kolkata, 'start'), instant);
      assert.equal(parseTime(text, kolkata, 'end'), instant);
    });
  }

  test('a time without seconds', () => {
    assert.equal(parseTime('2024-07-03T21:11+05:30', utc, 'instant'), instant - 59);
    assert.equal(parseTime('2024-07-03T21:11', kolkata, 'instant'), instant - 59);
  });

  test('a leap day', () => {
    assert.equal(parseTime('2024-02-29T00:00:00Z', utc, 'instant'), at('2024-02-29T00:00:00Z'));
    assert.equal(parseTime('2000-02-29T00:00:00Z', utc, 'instant'), at('2000-02-29T00:00:00Z'));
  });

  test('a fraction before 1970 is not rounded up into range', () => {
    assert.equal(parseTime('1969-12-31T23:59:59.999Z', utc, 'instant'), null);
  });
});

suite('parseTime refuses', () => {
  const bad = [
    '',
    'yesterday',
    '1720021319',
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2024-04-31',
    '2024-00-10',
    '2024-13-10',
    '2024-07-00T00:00:00Z',
    '2024-07-03T24:00:00Z',
    '2024-07-03T23:60:00Z',
    '2024-12-31T23:59:60Z',
    '2024-07-03T15:41:59+24:00',
    '2024-07-03T15:41:59+05:60',
    '2024-07-03T15:41:59+5:30',
    '2024-07-03T15:41:59+05:30:00',
    '2024-07-03T15:41:59\u221205:30',
    '2024-07-03T15:41:59 +05:30',
    '2024-07-03T15:41:59 05:30',
    '2024-07-03T15:41:59*05:30',
    '2024-07-03T15:41:59Z[UTC]',
    '2024-07-03T15:41:59.Z',
    '2024-07-03T15Z',
    '2024-07-03T',
    '2024-07-03Z',
    '2024-07',
    '2024-7-3',
    '24-07-03',
    '+002024-07-03',
    '20240703T154159Z',
    '2024-07-03T1541Z',
    '2024/07/03',
    '07/03/2024 03:41 PM',
    ' 2024-07-03T15:41:59Z',
    '2024-07-03T15:41:59Z\n',
    '2024-07-03\n',
    '２０２４-07-03T15:41:59Z',
    '٢٠٢٤-٠٧-٠٣T١٥:٤١:٥٩Z',
    '2024-07-0३T15:41:59Z',
    '2024-07-03T15:41:59.١Z',
    `2024-07-03T15:41:59.${'1'.repeat(100)}Z`,
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01',
  ];
  for (const text of bad) {
    test(JSON.stringify(text.slice(0, 60)), () => {
      assert.equal(parseTime(text, utc, 'instant'), null);
      assert.equal(parseTime(text, utc, 'start'), null);
      assert.equal(parseTime(text, utc, 'end'), null);
    });
  }

  test('a bare date as an instant', () => {
    assert.equal(parseTime('2024-07-03', utc, 'instant'), null);
  });

  test('whatever differs in one character from a good time, unless it is one too', () => {
    const unit = fc.constantFrom(...'0123456789:-+TZtz. ٣', '');
    fc.assert(
      fc.property(
        fc.constantFrom('2024-07-03T21:11:59+05:30', '2024-07-03T15:41:59Z'),
        fc.nat(24),
        unit,
        (good, place, put) => {
          const text = good.slice(0, place) + put + good.slice(place + 1);
          // The usual two forms are read by a quicker way; a lower-case t leads around it.
          const around = text.replace('T', 't');
          assert.equal(parseTime(text, kolkata, 'instant'), parseTime(around, kolkata, 'instant'));
          const time = parseTime(text, kolkata, 'instant');
          if (time !== null && /[Z+-]/.test(text.slice(10)) && text.length > 16)
            assert.equal(time, Math.floor(at(text)));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

suite('the range of times', () => {
  test('is 1970 to the end of 9999 on the clock that prints it', () => {
    assert.equal(parseTime('1970-01-01T00:00:00Z', utc, 'instant'), 0);
    assert.equal(parseTime('1969-12-31T19:00:00-05:00', utc, 'instant'), 0);
    assert.equal(parseTime('9999-12-31T23:59:59Z', utc, 'instant'), maxEpochSeconds);
    assert.equal(parseTime('9999-12-31T23:59:59Z', kolkata, 'instant'), null);
    assert.equal(parseTime('9999-12-31T23:59:59+05:30', kolkata, 'instant'), maxEpochSeconds - 19_800);
    assert.equal(parseTime('9999-12-31T23:59:59-05:00', newYork, 'instant'), maxEpochSeconds + 18_000);
  });

  test('takes in the first and the last date, as far as they reach', () => {
    assert.equal(parseTime('1970-01-01', kolkata, 'start'), 0);
    assert.equal(parseTime('1970-01-01', newYork, 'start'), 18_000);
    assert.equal(parseTime('1969-12-31', newYork, 'start'), 0);
    assert.equal(parseTime('1969-12-31', newYork, 'end'), 17_999);
    assert.equal(parseTime('1969-12-31', kolkata, 'start'), null);
    assert.equal(parseTime('9999-12-31', kolkata, 'end'), maxEpochSeconds - 19_800);
    assert.equal(parseTime('9999-12-31', newYork, 'end'), maxEpochSeconds + 18_000);
  });
});

suite('a local time without a zone', () => {
  test('that the clock skipped is moved on by the gap', () => {
    assert.equal(parseTime('2024-03-10T02:30:00', newYork, 'instant'), at('2024-03-10T07:30:00Z'));
  });

  test('that occurs twice is the earlier one', () => {
    assert.equal(parseTime('2024-11-03T01:30:00', newYork, 'instant'), at('2024-11-03T05:30:00Z'));
  });

  test('is read as Temporal reads it around every change of every zone', () => {
    for (const [name, instants] of transitions) {
      const zone = new OrgZone(name);
      for (const transition of instants) {
        if (!hasWholeMinutes(transition - 1, name)) continue;
        for (const seconds of [-5400, -1, 0, 1800, 7200]) {
          const local = zoned(transition + seconds, name).toPlainDateTime();
          const expected = local.toZonedDateTime(name).epochMilliseconds / 1000;
          const text = local.toString({ smallestUnit: 'second' });
          assert.equal(parseTime(text, zone, 'instant'), expected, `${text} ${name}`);
        }
      }
    }
  });

  test('is read back as what was printed, unless it occurs twice', () => {
    const monrovia = new OrgZone('Africa/Monrovia');
    assert.equal(parseTime(monrovia.format(1000).slice(0, 19), monrovia, 'instant'), 1000);
  });
});

suite('a bare date', () => {
  const bounds = (date: string, zone: OrgZone) => [parseTime(date, zone, 'start'), parseTime(date, zone, 'end')];

  test("spans the day from its first second to its last, in the organisation's zone", () => {
    assert.deepEqual(bounds('2024-07-03', kolkata), [at('2024-07-03T00:00:00+05:30'), at('2024-07-03T23:59:59+05:30')]);
    assert.deepEqual(bounds('2024-03-10', newYork), [at('2024-03-10T00:00:00-05:00'), at('2024-03-10T23:59:59-04:00')]);
    assert.deepEqual(bounds('2024-11-03', newYork), [at('2024-11-03T00:00:00-04:00'), at('2024-11-03T23:59:59-05:00')]);
  });

  test('whose midnight was skipped starts with its first second', () => {
    const saoPaulo = new OrgZone('America/Sao_Paulo');
    assert.deepEqual(bounds('2018-11-04', saoPaulo), [
      at('2018-11-04T01:00:00-02:00'),
      at('2018-11-04T23:59:59-02:00'),
    ]);
    assert.equal(parseTime('2018-11-03', saoPaulo, 'end'), at('2018-11-03T23:59:59-03:00'));
  });

  test('whose last hour occurred twice ends with the second one', () => {
    const saoPaulo = new OrgZone('America/Sao_Paulo');
    assert.equal(parseTime('2018-02-17', saoPaulo, 'end'), at('2018-02-17T23:59:59-03:00'));
    assert.equal(parseTime('2018-02-18', saoPaulo, 'start'), at('2018-02-18T00:00:00-03:00'));
    // The clock went back a minute after midnight, so that the next day had begun already.
    const stJohns = new OrgZone('America/St_Johns');
    assert.equal(parseTime('2006-10-28', stJohns, 'end'), at('2006-10-28T23:59:59-03:30'));
    assert.equal(parseTime('2006-10-29', stJohns, 'start'), at('2006-10-29T00:00:00-02:30'));
  });

  test('that the zone skipped as a whole is empty', () => {
    const apia = new OrgZone('Pacific/Apia');
    const [start, end] = bounds('2011-12-30', apia);
    assert.equal(start, at('2011-12-31T00:00:00+14:00'));
    assert.equal(end, at('2011-12-29T23:59:59-10:00'));
  });

  test('has the bounds that its seconds have, around every change of every zone', () => {
    for (const [name, instants] of transitions) {
      const zone = new OrgZone(name);
      for (const transition of instants) {
        for (const instant of [transition - 1, transition]) {
          const date = zone.format(instant).slice(0, 10);
          const [start = null, end = null] = bounds(date, zone);
          assert.ok(start !== null && end !== null && start <= instant && instant <= end, `${date} ${name}`);
          assert.equal(zone.format(start).slice(0, 10), date);
          assert.equal(zone.format(end).slice(0, 10), date);
          assert.notEqual(zone.format(start - 1).slice(0, 10), date);
          assert.notEqual(zone.format(end + 1).slice(0, 10), date);
        }
      }
    }
  });
});

suite('isTimeZone', () => {
  test('knows the zones of the time zone database, and fixed offsets', () => {
    for (const name of [...zoneNames, 'UTC', 'Asia/Calcutta', 'US/Pacific', 'Etc/GMT+5', '+05:30']) {
      assert.equal(isTimeZone(name), true, name);
    }
  });

  test('refuses anything else, and so does OrgZone', () => {
    for (const name of [
      '',
      'Mars/Olympus',
      'IST',
      '+25:00',
      '+05:30:15',
      '2024-01-01T00:00Z[UTC]',
      'UTC\0',
      ' UTC',
      '../UTC',
    ]) {
      assert.equal(isTimeZone(name), false, name);
      assert.throws(() => new OrgZone(name), RangeError);
    }
  });
});
