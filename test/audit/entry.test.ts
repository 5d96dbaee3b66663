import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { type EntryInput, type EntryProblem, parseEntry } from '../../src/audit/entry.ts';
import { EntrySchema } from '../../src/audit/entry-schema.ts';
import { parseJson, stringifyJson } from '../../src/audit/json.ts';
import { decodeLine, encodeLine, entryOf, type LineFields } from '../../src/audit/line.ts';
import { OrgZone } from '../../src/audit/time.ts';

const zone = new OrgZone('Asia/Kolkata');

const full = {
  id: '554023000001234567',
  audited_time: '2026-07-13T09:30:00+05:30',
  action: 'updated',
  done_by: { id: '554023000000799326', name: 'Patricia Boyle' },
  module: { api_name: 'Leads', id: '554023000000000125' },
  record: { id: '554023000000999001', name: 'Zylker' },
  related_record: { module: 'Accounts', name: 'Zylker Corp' },
  account_name: 'Zylker Corp',
  source: 'crm_ui',
  changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
};
const least = { action: 'added', done_by: { name: 'Pat' }, module: { api_name: 'Leads' }, record: { name: '' } };

function good(value: unknown): EntryInput {
  const parsed = parseEntry(value, zone);
  assert.ok(
    parsed.ok,
    parsed.ok ? '' : `${parsed.problem.code} at ${parsed.problem.jsonPath}: ${parsed.problem.message}`,
  );
  return parsed.entry;
}

function bad(value: unknown): EntryProblem {
  const parsed = parseEntry(value, zone);
  assert.ok(!parsed.ok, 'the entry should have been refused');
  return parsed.problem;
}

/** The full entry with some keys replaced; a key whose value is undefined is left out. */
function but(change: Record<string, unknown>): unknown {
  return parseJson(stringifyJson({ ...full, ...change }));
}

suite('parseEntry takes', () => {
  test('an entry that has everything', () => {
    assert.deepEqual(good(full), {
      id: 554023000001234567n,
      time: 1_783_915_200,
      action: 'updated',
      doneBy: { id: 554023000000799326n, name: 'Patricia Boyle' },
      module: { apiName: 'Leads', id: '554023000000000125' },
      record: { id: '554023000000999001', name: 'Zylker' },
      related: { module: 'Accounts', name: 'Zylker Corp' },
      accountName: 'Zylker Corp',
      source: 'crm_ui',
      changes: '[{"field":"Lead_Status","old":"New","new":"Contacted"}]',
    });
  });

  test('an entry that has only what is required, and null for what may be absent', () => {
    const expected = {
      id: null,
      time: null,
      action: 'added',
      doneBy: { id: null, name: 'Pat' },
      module: { apiName: 'Leads', id: null },
      record: { id: null, name: '' },
      related: null,
      accountName: '',
      source: '',
      changes: '',
    };
    assert.deepEqual(good(least), expected);
    const nulls = {
      id: null,
      audited_time: null,
      related_record: null,
      account_name: null,
      source: null,
      changes: null,
    };
    const inner = {
      done_by: { id: null, name: 'Pat' },
      module: { api_name: 'Leads', id: null },
      record: { id: null, name: '' },
    };
    assert.deepEqual(good({ ...least, ...nulls, ...inner }), expected);
    const empties = { related_record: { module: '', name: null }, account_name: '', source: '', changes: [] };
    assert.deepEqual(good({ ...least, ...empties, record: { id: '', name: '' } }), expected);
  });

  test('ids as JSON integers of any size, and with leading zeros', () => {
    const sent = parseJson('{"id":554023000001234567,"audited_time":"2026-07-13T09:30:00Z","done_by":{"id":554}}');
    const entry = good(but(Object(sent)));
    assert.equal(entry.id, 554023000001234567n);
    assert.deepEqual(entry.doneBy, { id: 554n, name: null });
    assert.equal(good(but({ id: '0000000000000000007' })).id, 7n);
    assert.equal(good(but({ id: '9223372036854775807' })).id, 2n ** 63n - 1n);
    assert.equal(good(but({ module: { api_name: 'Leads', id: '007' } })).module.id, '7');
    assert.equal(good(but({ module: { api_name: 'Leads', id: 2n ** 62n } })).module.id, '4611686018427387904');
    assert.equal(
      good(but({ module: { api_name: 'Leads', id: '9223372036854775807' } })).module.id,
      '9223372036854775807',
    );
  });

  test('any text or integer as the id of a record', () => {
    for (const [id, kept] of [
      ['a1b2/…', 'a1b2/…'],
      ['007', '007'],
      [42, '42'],
      [554023000001234567n, '554023000001234567'],
    ]) {
      assert.equal(good(but({ record: { id, name: 'x' } })).record.id, kept);
    }
  });

  test('a time without a zone, in the zone of the organisation, and cuts a fraction off', () => {
    assert.equal(good(but({ audited_time: '2026-07-13T09:30:00.999' })).time, 1_783_915_200);
  });

  test('any action, in lower case, up to 64 characters', () => {
    assert.equal(good(but({ action: 'Signed_In' })).action, 'signed_in');
    assert.equal(good(but({ action: '😀'.repeat(64) })).action, '😀'.repeat(64));
  });

  test('changes of any JSON, as compact JSON with every digit', () => {
    const text =
      '[{"field":"Tags","old":null,"new":["a","b"]},{"field":"Owner","new":{"id":554023000001234567}},{"field":"n","old":1.5,"new":true}]';
    assert.equal(good({ ...least, changes: parseJson(text.replaceAll(',', ' , ')) }).changes, text);
  });

  test('control characters, emoji, right-to-left text, formulas, and the spelling of an escape', () => {
    for (const name of ['\u0001\t\r\n\u007f', '😀', 'مرحبا\u202e', '=1+1', '\\u0000', '\\ud800', '\ufeff']) {
      const entry = good(but({ record: { name }, changes: [{ field: name, old: name, new: [name] }] }));
      assert.equal(entry.record.name, name);
      assert.deepEqual(parseJson(entry.changes), [{ field: name, old: name, new: [name] }]);
    }
  });
});

suite('parseEntry refuses', () => {
  const missing: [path: string, value: unknown][] = [
    ['$.action', but({ action: undefined })],
    ['$.action', but({ action: '' })],
    ['$.done_by', but({ done_by: undefined })],
    ['$.done_by.id', but({ done_by: {} })],
    ['$.done_by.id', but({ done_by: { id: null, name: '' } })],
    ['$.module', but({ module: undefined })],
    ['$.module.api_name', but({ module: { id: '1' } })],
    ['$.module.api_name', but({ module: { api_name: '' } })],
    ['$.record', but({ record: undefined })],
    ['$.record.name', but({ record: { id: '1' } })],
    ['$.audited_time', but({ audited_time: undefined })],
    ['$.audited_time', but({ audited_time: null })],
    ['$.changes[1].field', but({ changes: [{ field: 'a' }, { old: 'b' }] })],
    ['$.changes[0].field', but({ changes: [{ field: '' }] })],
  ];
  for (const [path, value] of missing) {
    test(`an entry without ${path}: ${stringifyJson(value).slice(0, 40)}`, () => {
      const problem = bad(value);
      assert.equal(problem.code, 'MANDATORY_NOT_FOUND');
      assert.equal(problem.jsonPath, path);
      assert.match(problem.message, /^required field not found/);
    });
  }

  const invalid: [path: string, change: Record<string, unknown>, message: RegExp][] = [
    ['$.foo', { foo: 1 }, /unknown key/],
    ['$.record.foo', { record: { name: 'x', foo: null } }, /unknown key/],
    ['$.done_by.email', { done_by: { id: '1', email: 'x' } }, /unknown key/],
    ['$.module.apiName', { module: { api_name: 'x', apiName: 'x' } }, /unknown key/],
    ['$.related_record.id', { related_record: { module: 'x', name: 'x', id: '1' } }, /unknown key/],
    ['$.changes[0].was', { changes: [{ field: 'x', was: 1 }] }, /unknown key/],
    ['$["a b\\"\\n"]', { 'a b"\n': 1 }, /unknown key/],
    ['$.action', { action: 1 }, /expected a string, found number/],
    ['$.action', { action: null }, /expected a string, found null/],
    ['$.done_by', { done_by: 'Pat' }, /expected an object, found string/],
    ['$.done_by', { done_by: null }, /expected an object, found null/],
    ['$.done_by.name', { done_by: { name: ['Pat'] } }, /expected a string, found array/],
    ['$.module', { module: [] }, /expected an object, found array/],
    ['$.module.api_name', { module: { api_name: false } }, /expected a string, found boolean/],
    ['$.module.id', { module: { api_name: 'x', id: 'x' } }, /not an id/],
    ['$.module.id', { module: { api_name: 'x', id: '9999999999999999999' } }, /not an id/],
    ['$.record.name', { record: { name: null } }, /expected a string, found null/],
    ['$.record.id', { record: { id: 1.5, name: 'x' } }, /expected a string, found number/],
    ['$.related_record', { related_record: 'x' }, /expected an object/],
    ['$.related_record.name', { related_record: { name: 1 } }, /expected a string/],
    ['$.account_name', { account_name: {} }, /expected a string, found object/],
    ['$.source', { source: 1 }, /expected a string/],
    ['$.changes', { changes: {} }, /expected an array, found object/],
    ['$.changes', { changes: '[]' }, /expected an array, found string/],
    ['$.changes[1]', { changes: [{ field: 'x' }, null] }, /expected an object, found null/],
    ['$.changes[0].field', { changes: [{ field: 1 }] }, /expected a string, found number/],
    ['$.id', { id: '' }, /not an id/],
    ['$.id', { id: '0' }, /not an id/],
    ['$.id', { id: 0 }, /not an id/],
    ['$.id', { id: -1 }, /not an id/],
    ['$.id', { id: '-1' }, /not an id/],
    ['$.id', { id: '1 ' }, /not an id/],
    ['$.id', { id: '1\n' }, /not an id/],
    ['$.id', { id: '١' }, /not an id/],
    ['$.id', { id: '0x10' }, /not an id/],
    ['$.id', { id: '9223372036854775808' }, /not an id/],
    ['$.id', { id: 2n ** 63n }, /not an id/],
    ['$.id', { id: '00000000000000000001' }, /not an id/],
    ['$.id', { id: 1.5 }, /expected an id/],
    ['$.id', { id: 1e20 }, /not an id/],
    ['$.id', { id: true }, /expected an id/],
    ['$.done_by.id', { done_by: { id: '' } }, /not an id/],
    ['$.audited_time', { audited_time: 1_783_000_000 }, /expected a string/],
    ['$.audited_time', { audited_time: '' }, /not a time/],
    ['$.audited_time', { audited_time: '2026-07-13' }, /not a time/],
    ['$.audited_time', { audited_time: '2026-02-30T00:00:00Z' }, /not a time/],
    ['$.audited_time', { audited_time: '1969-01-01T00:00:00Z' }, /not a time/],
  ];
  for (const [path, change, message] of invalid) {
    test(`${stringifyJson(change)} at ${path}`, () => {
      const problem = bad(but(change));
      assert.equal(problem.code, 'INVALID_DATA');
      assert.equal(problem.jsonPath, path);
      assert.match(problem.message, message);
    });
  }

  test('what is no object', () => {
    for (const value of [null, [], [full], 'entry', 1, 2n ** 70n, true]) {
      const { code, jsonPath } = bad(value);
      assert.deepEqual({ code, jsonPath }, { code: 'INVALID_DATA', jsonPath: '$' });
    }
  });

  test('a key named __proto__', () => {
    assert.equal(bad(parseJson(`{"__proto__":${stringifyJson(full)}}`)).jsonPath, '$.__proto__');
  });

  test('a long unknown key, without repeating all of it', () => {
    const { jsonPath } = bad({ ...full, [`\ud800${'x'.repeat(100_000)}`]: 1 });
    assert.ok(jsonPath.length < 100 && jsonPath.isWellFormed());
  });

  test('NUL and half surrogate pairs in every text, and says where', () => {
    const places: [path: string, make: (text: string) => Record<string, unknown>][] = [
      ['$.action', (text) => ({ action: text })],
      ['$.done_by.name', (text) => ({ done_by: { name: text } })],
      ['$.module.api_name', (text) => ({ module: { api_name: text } })],
      ['$.record.id', (text) => ({ record: { id: text, name: '' } })],
      ['$.record.name', (text) => ({ record: { name: text } })],
      ['$.related_record.module', (text) => ({ related_record: { module: text, name: '' } })],
      ['$.related_record.name', (text) => ({ related_record: { module: '', name: text } })],
      ['$.account_name', (text) => ({ account_name: text })],
      ['$.source', (text) => ({ source: text })],
      ['$.changes[1].field', (text) => ({ changes: [{ field: 'a' }, { field: text }] })],
      ['$.changes[0].old', (text) => ({ changes: [{ field: 'a', old: text }] })],
      ['$.changes[0].new.tags[1]', (text) => ({ changes: [{ field: 'a', new: { tags: ['a', text] } }] })],
      ['$.changes[0].new', (text) => ({ changes: [{ field: 'a', new: { [text]: 1 } }] })],
    ];
    for (const [path, make] of places) {
      for (const text of ['a\0b', '\ud83d', '\ude00\ud83d', '\udfff b']) {
        const problem = bad({ ...full, ...make(text) });
        assert.equal(problem.code, 'INVALID_DATA', path);
        assert.equal(problem.jsonPath, path);
        assert.match(problem.message, text.includes('\0') ? /NUL/ : /surrogate/);
      }
    }
  });
});

suite('limits', () => {
  // Each takes a text of so many bytes and puts it where the limit holds.
  const limits: [path: string, bytes: number, make: (text: string) => Record<string, unknown>][] = [
    ['$.done_by.name', 1024, (text) => ({ done_by: { name: text } })],
    ['$.module.api_name', 1024, (text) => ({ module: { api_name: text } })],
    ['$.record.name', 65_536, (text) => ({ record: { name: text } })],
    ['$.record.id', 255, (text) => ({ record: { id: text, name: '' } })],
    ['$.related_record.module', 1024, (text) => ({ related_record: { module: text, name: '' } })],
    ['$.related_record.name', 1024, (text) => ({ related_record: { module: '', name: text } })],
    ['$.account_name', 1024, (text) => ({ account_name: text })],
    ['$.source', 1024, (text) => ({ source: text })],
    ['$.changes', 65_536 - '[{"field":"","old":""}]'.length - 1, (text) => ({ changes: [{ field: 'a', old: text }] })],
  ];
  for (const [path, bytes, make] of limits) {
    test(`${path} is measured in bytes of UTF-8`, () => {
      for (const unit of ['x', 'é', 'अ', '😀']) {
        const size = Buffer.byteLength(unit);
        const fitting = unit.repeat(Math.floor(bytes / size)) + 'x'.repeat(bytes % size);
        good({ ...full, ...make(fitting) });
        const problem = bad({ ...full, ...make(`${fitting}x`) });
        assert.equal(problem.code, 'LIMIT_EXCEEDED');
        assert.equal(problem.jsonPath, path);
        assert.match(problem.message, new RegExp(path === '$.changes' ? '65536 bytes' : `${bytes} bytes`));
      }
    });
  }

  test('an action is measured in characters, as it was sent', () => {
    for (const unit of ['x', '😀', 'é']) {
      const problem = bad(but({ action: unit.repeat(65) }));
      assert.deepEqual(problem, { code: 'LIMIT_EXCEEDED', message: 'longer than 64 characters', jsonPath: '$.action' });
    }
    // In lower case each is two characters; as it is stored it can be sent again.
    const { action } = good(but({ action: 'İ'.repeat(64) }));
    assert.equal(good(but({ action })).action, action);
    assert.equal(bad(but({ action: 'İ'.repeat(65) })).code, 'LIMIT_EXCEEDED');
    assert.equal(bad(but({ action: 'x'.repeat(1_000_000) })).code, 'LIMIT_EXCEEDED');
  });

  test('changes nest 32 levels deep, however deep a body may', () => {
    const nested = (depth: number) => parseJson(`[{"field":"a","new":${'['.repeat(depth)}${']'.repeat(depth)}}]`, 1000);
    good({ ...full, changes: nested(30) });
    const problem = bad({ ...full, changes: nested(31) });
    assert.deepEqual([problem.code, problem.jsonPath], ['LIMIT_EXCEEDED', '$.changes[0].new']);
  });

  test('an entry is measured as compact JSON', () => {
    const record = { name: '\u0001'.repeat(65_536) }; // six bytes each
    const problem = bad(but({ record }));
    assert.equal(problem.code, 'LIMIT_EXCEEDED');
    assert.equal(problem.jsonPath, '$');
    assert.match(problem.message, /163840 bytes/);
    good(but({ record: { name: '😀'.repeat(16_384) }, changes: [{ field: 'x', new: 'x'.repeat(65_000) }] }));
  });

  test('an entry is measured to the byte', () => {
    const sized = (units: number) => but({ record: { name: `${'\u0001'.repeat(27_000)}${'x'.repeat(units)}` } });
    const room = 163_840 - Buffer.byteLength(stringifyJson(sized(0)));
    good(sized(room));
    assert.equal(bad(sized(room + 1)).code, 'LIMIT_EXCEEDED');
  });
});

/** A line as the recorder makes it of an entry. */
function lineOf(entry: EntryInput): LineFields {
  return {
    doneByName: entry.doneBy.name ?? '7',
    action: entry.action,
    module: entry.module.apiName,
    recordName: entry.record.name,
    relatedModule: entry.related?.module ?? '',
    relatedName: entry.related?.name ?? '',
    accountName: entry.accountName,
    auditedTime: zone.format(entry.time ?? 0),
    recordId: entry.record.id ?? '',
    doneById: String(entry.doneBy.id ?? 7n),
    entryId: String(entry.id ?? 7n),
    source: entry.source,
    changes: entry.changes,
  };
}

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.replaceAll('\0', ''));
const someText = text.map((value) => (value === '' ? 'x' : value));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const id = fc.oneof(
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: 1 }),
);
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => parseJson(stringifyJson(value).replaceAll('\\u0000', '')));
const plain = { noNullPrototype: true } as const;

const validEntry = fc.record(
  {
    id: maybe(id),
    audited_time: fc.integer({ min: 0, max: 250_000_000_000 }).map((instant) => zone.format(instant)),
    action: someText,
    done_by: fc.record({ id, name: maybe(fc.option(text)) }, plain),
    module: fc.record({ api_name: someText, id: maybe(fc.option(id)) }, plain),
    record: fc.record({ id: maybe(fc.option(fc.oneof(text, fc.integer()))), name: text }, plain),
    related_record: maybe(fc.option(fc.record({ module: maybe(text), name: maybe(fc.option(text)) }, plain))),
    account_name: maybe(fc.option(text)),
    source: maybe(fc.option(text)),
    changes: maybe(
      fc.option(fc.array(fc.record({ field: someText, old: json, new: maybe(json) }, plain), { maxLength: 3 })),
    ),
  },
  plain,
);

suite('an entry', () => {
  test('comes back from its line as it went in, and is taken again', () => {
    fc.assert(
      fc.property(validEntry, (value) => {
        const fields = lineOf(good(parseJson(stringifyJson(value))));
        const back = decodeLine(Buffer.from(encodeLine(fields)).toString());
        assert.deepEqual(back, fields);
        const again = good(parseJson(stringifyJson(entryOf(back))));
        assert.deepEqual(lineOf(again), fields);
      }),
      { numRuns: 500 },
    );
  });
});

suite('EntrySchema', () => {
  const schema = Compile(EntrySchema);
  const paths: readonly (readonly [string, string?])[] = [
    ['id'],
    ['audited_time'],
    ['action'],
    ['done_by'],
    ['done_by', 'id'],
    ['done_by', 'name'],
    ['module'],
    ['module', 'api_name'],
    ['module', 'id'],
    ['record'],
    ['record', 'id'],
    ['record', 'name'],
    ['related_record'],
    ['related_record', 'module'],
    ['related_record', 'name'],
    ['account_name'],
    ['source'],
    ['changes'],
    ['extra'],
    ['record', 'extra'],
  ];
  // Values of every type; none that only parseEntry can refuse, such as an id of 0 or a text with NUL.
  const values = [
    null,
    true,
    1,
    '',
    '12',
    {},
    [],
    [{}],
    [{ field: 'a' }],
    [{ field: '' }],
    [{ field: 'a', b: 1 }],
    [1],
  ];

  test('takes what parseEntry takes', () => {
    fc.assert(
      fc.property(validEntry, (value) => {
        // A schema knows no bigint: ids go in as the digits that they stand for.
        const sent = JSON.parse(
          JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item)),
        );
        good(sent);
        assert.ok(schema.Check(sent), JSON.stringify(sent));
      }),
      { numRuns: 300 },
    );
  });

  test('says of each key and each type of value what parseEntry says', () => {
    for (const [outer, inner] of paths) {
      for (const value of [...values, undefined]) {
        const sent = structuredClone<Record<string, unknown>>(full);
        if (inner === undefined) sent[outer] = value;
        else sent[outer] = { ...(sent[outer] as object), [inner]: value }; // each outer of a pair is an object
        const wire = JSON.parse(JSON.stringify(sent));
        const parsed = parseEntry(wire, zone);
        const what = `${outer}.${inner ?? ''} = ${JSON.stringify(value)}`;
        if (schema.Check(wire)) {
          // What is left to parseEntry alone: rules between keys, and forms that no schema here spells out.
          const isOwnRule =
            !parsed.ok &&
            /not a time|required field not found: id or name|audited_time/.test(
              `${parsed.problem.message} ${parsed.problem.jsonPath}`,
            );
          assert.ok(parsed.ok || isOwnRule, `the schema takes ${what}`);
        } else {
          assert.ok(!parsed.ok, `the schema refuses ${what}`);
        }
      }
    }
  });
});
