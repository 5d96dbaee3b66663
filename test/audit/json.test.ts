import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../src/audit/failure.ts';
import { jsonTypeOf, parseJson, stringifyJson } from '../../src/audit/json.ts';

const isInvalid = (error: unknown) => error instanceof Failure && error.code === 'INVALID_DATA';

suite('parseJson', () => {
  test('keeps every digit of an integer, and small ones as numbers', () => {
    assert.equal(parseJson('554023000001234567'), 554023000001234567n);
    assert.equal(parseJson('-554023000001234567'), -554023000001234567n);
    assert.equal(parseJson('9007199254740991'), Number.MAX_SAFE_INTEGER);
    assert.equal(parseJson('9007199254740992'), 9007199254740992n);
    assert.equal(parseJson('9007199254740993'), 9007199254740993n);
    assert.equal(parseJson('7'), 7);
  });

  test('finds big integers wherever they stand, and leaves the rest alone', () => {
    assert.deepEqual(
      parseJson('{"a":[{"id":554023000001234567,"n":1.5}],"b":"554023000001234567","c":null,"d":[true]}'),
      {
        a: [{ id: 554023000001234567n, n: 1.5 }],
        b: '554023000001234567',
        c: null,
        d: [true],
      },
    );
  });

  test('a number with a fraction or an exponent stays a number', () => {
    assert.deepEqual(parseJson('[1e20,9007199254740993.0,12345678901234567890]'), [
      1e20,
      2 ** 53,
      12345678901234567890n,
    ]);
  });

  test('refuses what is no JSON, and keeps the cause', () => {
    for (const text of ['', ' ', '{', "{'a':1}", '[1,]', 'undefined', 'NaN', '01', '"\n"', '\ufeff{}', '{}{}']) {
      assert.throws(
        () => parseJson(text),
        (error) => isInvalid(error) && error instanceof Error && error.cause instanceof SyntaxError,
        text,
      );
    }
  });

  test('refuses a number that no double can hold', () => {
    assert.throws(() => parseJson('{"changes":[{"new":1e400}]}'), isInvalid);
    assert.throws(() => parseJson(`[-${'9'.repeat(400)}]`), isInvalid);
  });

  test('allows exactly the depth that it is told', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.deepEqual(parseJson(nested(3), 3), [[[]]]);
    assert.throws(() => parseJson(nested(4), 3), isInvalid);
    assert.deepEqual(parseJson('{"a":{"b":1}}', 2), { a: { b: 1 } });
    assert.throws(() => parseJson('{"a":{"b":[]}}', 2), isInvalid);
    assert.equal(parseJson('1', 0), 1);
    parseJson(nested(32));
    assert.throws(() => parseJson(nested(33)), isInvalid);
  });

  test('a hostile depth is refused, not run into, also beside a big integer', () => {
    const depth = 1_000_000;
    assert.throws(() => parseJson(`${'['.repeat(depth)}554023000001234567${']'.repeat(depth)}`), isInvalid);
    assert.throws(() => parseJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`), isInvalid);
  });

  test('a key named __proto__ is data', () => {
    const value = parseJson('{"__proto__":{"isAdministrator":true},"n":554023000001234567}');
    assert.ok(typeof value === 'object' && value !== null);
    assert.deepEqual(Object.keys(value), ['__proto__', 'n']);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });
});

suite('stringifyJson', () => {
  test('writes a bigint as its digits', () => {
    assert.equal(
      stringifyJson({ id: 554023000001234567n, list: [-1n, 1, null] }),
      '{"id":554023000001234567,"list":[-1,1,null]}',
    );
  });

  test('refuses what is no JSON', () => {
    assert.throws(() => stringifyJson(undefined), TypeError);
    const circle: unknown[] = [];
    circle.push(circle);
    assert.throws(() => stringifyJson(circle), TypeError);
  });

  test('is the inverse of parseJson', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
        fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 53n) }),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((value) => value + 0),
        fc.string({ unit: 'binary' }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        assert.deepEqual(parseJson(stringifyJson(value)), value);
      }),
      { numRuns: 300 },
    );
  });
});

test('jsonTypeOf names the JSON types', () => {
  const values = [null, [], {}, '', 1, 2n, true];
  assert.deepEqual(values.map(jsonTypeOf), ['null', 'array', 'object', 'string', 'number', 'number', 'boolean']);
  assert.throws(() => jsonTypeOf(undefined), TypeError);
});
