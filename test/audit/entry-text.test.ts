import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type ParsedEntry, parseEntry } from '../../src/audit/entry.ts';
import { parseEntryText } from '../../src/audit/entry-text.ts';
import { Failure } from '../../src/audit/failure.ts';
import { parseJson } from '../../src/audit/json.ts';
import { OrgZone } from '../../src/audit/time.ts';

const zone = new OrgZone('Europe/Berlin');

/** The same without the short way. */
function plainly(text: string, maxDepth?: number): ParsedEntry {
  try {
    return parseEntry(parseJson(text, maxDepth), zone);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, problem: { code: error.code, message: error.message, jsonPath: '$' } };
  }
}

const awkward = fc.constantFrom<unknown>(
  ...[null, '', 0, 1, -1, 1.5, 1e15, true, [], {}, 'x'.repeat(85), 'x'.repeat(86), 'é'.repeat(342), 'x'.repeat(1025)],
  ...[
    '007',
    '9223372036854775807',
    '9223372036854775808',
    '12345678901234567890',
    'İ'.repeat(33),
    '\0',
    '\ud800',
    '\\u0000',
  ],
  ...[
    '2026-06-06T00:00:00.123Z',
    '2026-06-06T00:00:00.1Z',
    '2026-06-06T24:00:00.000Z',
    '2026-06-06',
    '😀',
    '{"',
    'ÜPDATED',
  ],
  ...[[1], [[]], [{ field: 'a' }], [{ field: '' }], [{ field: 'a', old: [1] }], [{ field: 'a', x: 1 }]],
);
const value = fc.oneof({ weight: 3, arbitrary: awkward }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
const orMissing = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const name = orMissing(fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constant('Ada')));
const id = orMissing(fc.bigInt(1n, 2n ** 63n).map(String));
const time = orMissing(
  fc.date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true }).map((date) => date.toISOString()),
);
const object = (keys: Record<string, fc.Arbitrary<unknown>>) => orMissing(fc.record(keys, { noNullPrototype: true }));
const change = fc.record({ field: name, old: value, new: name }, { noNullPrototype: true });

const entry = fc.record(
  {
    id,
    audited_time: time,
    action: orMissing(fc.constantFrom('added', 'Updated', 'x'.repeat(64), 'x'.repeat(65))),
    done_by: object({ id, name }),
    module: object({ api_name: name, id }),
    record: object({ id, name }),
    related_record: object({ module: name, name }),
    account_name: name,
    source: name,
    changes: orMissing(fc.array(change, { maxLength: 3 })),
  },
  { noNullPrototype: true },
);

suite('an entry from its text', () => {
  test('is what its JSON and then its parts come to, and so is what is wrong with it', () => {
    fc.assert(
      fc.property(entry, fc.constantFrom(undefined, 1, 2, 3, 4), (sent, maxDepth) => {
        const text = JSON.stringify(sent);
        assert.deepEqual(parseEntryText(text, zone, maxDepth), plainly(text, maxDepth));
      }),
      { numRuns: 3000 },
    );
  });

  test('is the same for texts that are not what JSON.stringify writes', () => {
    const texts = [
      ...['', 'x', '[]', 'null', '"a"', '5', '{', '{}', '{"__proto__":1}', '{"action":"a","action":"b"}'],
      '{"action":"\\u00e9","done_by":{"name":"\\ud83d\\ude00"},"module":{"api_name":"L"},"record":{"name":"\\u0041"}}',
      '{"action":"a","done_by":{"name":"\\ud83d"},"module":{"api_name":"L"},"record":{"name":"R"}}',
      '{"action":"a","done_by":{"id":9223372036854775807},"module":{"api_name":"L"},"record":{"name":"R"}}',
      '{"action":"a","done_by":{"name":"A"},"module":{"api_name":"L"},"record":{"name":"R","id":12345678901234567890}}',
      '{ "action" : "a" , "done_by":{"name":"A"},"module":{"api_name":"L"},"record":{"name":"a\\tb\\/c"} }',
      '{"action":"a","done_by":{"name":"A"},"module":{"api_name":"L"},"record":{"name":"R"},"changes":[{"field":"f","old":1e400}]}',
      '{"action":"a","done_by":{"name":"A"},"module":{"api_name":"L"},"record":{"name":"R"},"changes":[{"field":"f","old":1e21,"new":12345678901234567890}]}',
      '{"action":"a","done_by":{"name":"A"},"module":{"api_name":"L"},"record":{"name":"R"},"changes":[{"new":1.50,"old":-0,"field":"f"}]}',
    ];
    for (const text of texts) assert.deepEqual(parseEntryText(text, zone), plainly(text), text);
  });

  test('may be as long as before, and not longer', () => {
    for (const length of [4_000, 20_000, 65_536, 65_537]) {
      const base = { action: 'a', done_by: { name: 'A' }, module: { api_name: 'L' } };
      const text = JSON.stringify({ ...base, record: { name: 'x'.repeat(length) } });
      const read = parseEntryText(text, zone);
      assert.deepEqual(read, plainly(text));
      assert.equal(read.ok, length <= 65_536);
    }
  });
});
