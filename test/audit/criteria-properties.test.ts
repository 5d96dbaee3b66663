import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Value from 'typebox/value';
import { ExportRequestSchema, type FilteredColumns, matches } from '../../src/audit/criteria.ts';
import { Failure } from '../../src/audit/failure.ts';
import { parseJson, stringifyJson } from '../../src/audit/json.ts';
import { actions, dateOf, type Meaning, moduleNames, userIds, validCriteria } from './criteria-arbitrary.ts';
import { bodyOf, day, filterOf, now } from './criteria-setup.ts';

/** Whether a row is what the criteria asks for, one question at a time. */
function isAskedFor(meaning: Meaning, row: FilteredColumns): boolean {
  switch (meaning.asks) {
    case 'action':
      return meaning.oneOf.includes(row.action);
    case 'done_by':
      return meaning.oneOf.includes(String(row.doneBy));
    case 'module':
      return meaning.oneOf.includes(row.module);
    case 'seconds':
      return meaning.from <= row.time && row.time <= meaning.to;
    case 'days':
      return meaning.from <= dateOf(row.time) && dateOf(row.time) <= meaning.to;
    case 'all':
      return meaning.of.every((part) => isAskedFor(part, row));
    default:
      throw new Error(`unknown meaning ${meaning satisfies never}`);
  }
}

function asksForTime(meaning: Meaning): boolean {
  if (meaning.asks === 'all') return meaning.of.some(asksForTime);
  return meaning.asks === 'seconds' || meaning.asks === 'days';
}

function model(meaning: Meaning, row: FilteredColumns): boolean {
  const isInDefaultWindow = now - 180 * day <= row.time && row.time <= now;
  return isAskedFor(meaning, row) && (asksForTime(meaning) || isInDefaultWindow);
}

/** The times where a filter could be off by one. */
function edgesOf(meaning: Meaning): number[] {
  switch (meaning.asks) {
    case 'all':
      return meaning.of.flatMap(edgesOf);
    case 'seconds':
      return [meaning.from - 1, meaning.from, meaning.to, meaning.to + 1];
    case 'days': {
      const midnight = (date: string) =>
        Temporal.PlainDate.from(date).toZonedDateTime('Asia/Kolkata').epochMilliseconds / 1000;
      const end = midnight(Temporal.PlainDate.from(meaning.to).add({ days: 1 }).toString());
      return [midnight(meaning.from) - 1, midnight(meaning.from), end - 1, end];
    }
    default:
      return [now - 180 * day - 1, now - 180 * day, now, now + 1];
  }
}

const columns = fc.record({
  action: fc.constantFrom(...actions, 'signed_in'),
  doneBy: fc.constantFrom(...userIds.map(BigInt), 33n),
  module: fc.constantFrom(...moduleNames, 'Tasks'),
});

test('a valid criteria filters rows exactly as it reads', () => {
  let found = 0;
  const rowsOf = (meaning: Meaning) =>
    fc.array(fc.tuple(columns, fc.constantFrom(...edgesOf(meaning), now - 90 * day)), { minLength: 20, maxLength: 20 });
  const cases = validCriteria.chain((written) => rowsOf(written.meaning).map((rows) => ({ ...written, rows })));
  fc.assert(
    fc.property(cases, ({ meaning, criteria, rows }) => {
      const filter = filterOf(parseJson(stringifyJson(bodyOf(criteria))));
      for (const [row, time] of rows) {
        const expected = model(meaning, { ...row, time });
        if (expected) found += 1;
        assert.equal(matches(filter, { ...row, time }), expected);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(found > 100, `only ${found} rows matched: the rows do not suit the criteria`);
});

test('what is valid fits the schema', () => {
  fc.assert(
    fc.property(validCriteria, ({ criteria }) => {
      assert.ok(Value.Check(ExportRequestSchema, JSON.parse(stringifyJson(bodyOf(criteria)))));
    }),
    { numRuns: 300 },
  );
});

const keys = ['audit_log_export', 'criteria', 'field', 'api_name', 'comparator', 'value', 'group', 'group_operator'];
const words = ['action', 'done_by', 'module', 'audited_time', 'equal', 'in', 'between', 'and', 'added', 'Leads', '11'];
const times = ['2026-01-01', '2026-02-01T00:00:00Z', ''];
const oddKeys = ['id', '0', '1', '__proto__', 'constructor', 'toString'];

/** JSON that is near a request, but seldom one. */
const nearJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.constantFrom<unknown>(...words, ...times, 0, 11, -1, 1.5, 10n ** 20n, true, null, {}, []),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys, ...oddKeys), tie('value'), { maxKeys: 4 }),
    fc.record({ api_name: fc.constantFrom(...words) }),
    fc.record({ field: tie('value'), comparator: tie('value'), value: tie('value') }),
    fc.record({ group: tie('value'), group_operator: fc.constantFrom<unknown>('and', 'or', null) }),
  ),
})).value;

/** A valid request in which one value, somewhere, is another one. */
const spoiled = fc.tuple(validCriteria, nearJson, fc.nat()).map(([{ criteria }, value, place]) => {
  const text = stringifyJson(bodyOf(criteria));
  let total = 0;
  JSON.parse(text, () => {
    total += 1;
  });
  let seen = 0;
  return JSON.parse(text, (_key, item: unknown) => {
    seen += 1;
    return seen - 1 === place % total ? value : item;
  }) as unknown;
});

test('whatever the body, it is read and fits the schema, or is refused with a failure that points into it', () => {
  let read = 0;
  const near = nearJson.map(bodyOf);
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearJson, near, near, spoiled, spoiled, spoiled), (body) => {
      const failure = failureOf(() => filterOf(body));
      if (failure === null) {
        read += 1;
        assert.ok(Value.Check(ExportRequestSchema, JSON.parse(stringifyJson(body))));
      } else {
        for (const pointer of pointersIn(failure.details)) assertPointsInto(body, pointer);
      }
    }),
    { numRuns: 4000 },
  );
  assert.ok(read > 0, 'no body was ever valid: they do not suit the reader');
});

function failureOf(run: () => unknown): Failure | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

interface Pointer {
  readonly api_name: string;
  readonly json_path: string;
}

function pointersIn(details: unknown): readonly Pointer[] {
  if (typeof details !== 'object' || details === null) return [];
  const inner = Object.values(details).flatMap(pointersIn);
  return Object.hasOwn(details, 'json_path') ? [details as Pointer, ...inner] : inner; // assertPointsInto checks it
}

/** The path leads to something that was sent; its last step may be what is missing. */
function assertPointsInto(body: unknown, { api_name, json_path }: Pointer): void {
  const steps = [...json_path.matchAll(/\.([a-z_]+)|\[(\d+)\]/g)].map(([, key, index]) => ({ key, index }));
  assert.equal(`$${steps.map(({ key, index }) => (key ? `.${key}` : `[${index}]`)).join('')}`, json_path);
  assert.equal(api_name, steps.findLast(({ key }) => key)?.key ?? 'body');
  let place = body;
  for (const { key, index } of steps.slice(0, -1)) {
    assert.ok(typeof place === 'object' && place !== null, json_path);
    const step = key ?? index ?? '';
    assert.ok(Object.hasOwn(place, step), json_path);
    place = (place as Record<string, unknown>)[step]; // an object with this own key, as asserted
  }
}
