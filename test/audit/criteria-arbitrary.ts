/**
 * Random criteria twice over: what they mean, and one of the many ways in which a client may write that. The meaning is
 * plain data that the tests interpret row by row, with no code of the reader in it.
 */
import fc from 'fast-check';
import { day, known, now, zone } from './criteria-setup.ts';

/** What a criteria asks of a row. Times are epoch seconds, days are dates of the organisation's calendar. */
export type Meaning =
  | { readonly asks: 'action' | 'done_by' | 'module'; readonly oneOf: readonly string[] }
  | { readonly asks: 'seconds'; readonly from: number; readonly to: number }
  | { readonly asks: 'days'; readonly from: string; readonly to: string }
  | { readonly asks: 'all'; readonly of: readonly Meaning[] };

export interface Written {
  readonly meaning: Meaning;
  /** JSON values; ids may be bigint. */
  readonly criteria: object;
}

export const actions = ['added', 'updated', 'deleted'];
export const userIds = [...known.users];
export const moduleNames = known.modules.map((module) => module.api_name);

/** An array as it is, or as an object with index keys. */
function listForm<Item>(items: fc.Arbitrary<readonly Item[]>): fc.Arbitrary<unknown> {
  return fc.tuple(items, fc.boolean()).map(([list, asObject]) => (asObject ? { ...list } : list));
}

const idForm = (id: string) => fc.constantFrom<unknown>(id, BigInt(id));

/** How a value of each field may be written. */
const spellings = {
  action: (name: string): fc.Arbitrary<unknown> => fc.constant(name),
  done_by: (id: string): fc.Arbitrary<unknown> =>
    fc.record(
      { id: idForm(id), name: fc.constantFrom<unknown>('Pat', '', null, 5), keyModified: fc.constant({}) },
      { requiredKeys: ['id'] },
    ),
  module: (name: string): fc.Arbitrary<unknown> => {
    const id = idForm(known.modules.find((module) => module.api_name === name)?.id ?? '0');
    const apiName = fc.constant(name);
    const ignored = fc.constantFrom('Leads', 'Nothing');
    return fc.oneof(
      fc.record({ api_name: apiName, id, apiName: ignored }, { requiredKeys: ['api_name'] }),
      fc.record({ id, api_name: apiName, apiName: ignored }, { requiredKeys: ['id'] }),
    );
  },
};

function conditionOn(field: keyof typeof spellings, values: readonly string[]): fc.Arbitrary<Written> {
  const spell = spellings[field];
  const written = (comparator: string, value: unknown, oneOf: readonly string[]): Written => ({
    meaning: { asks: field, oneOf },
    criteria: { comparator, value, field: { api_name: field } },
  });
  const bare = fc.constantFrom(...values).chain((value) => spell(value).map((form) => written('equal', form, [value])));
  const single = fc
    .constantFrom(...values)
    .chain((value) => listForm(spell(value).map((form) => [form])).map((form) => written('equal', form, [value])));
  const several = fc
    .array(fc.constantFrom(...values), { minLength: 1, maxLength: 4 })
    .chain((oneOf) => listForm(fc.tuple(...oneOf.map(spell))).map((form) => written('in', form, oneOf)));
  return field === 'action' ? fc.oneof(bare, several) : fc.oneof(bare, single, several);
}

const localTime = (epochSeconds: number) =>
  Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toZonedDateTimeISO(zone.timeZone);

/** The local date of an instant. */
export const dateOf = (epochSeconds: number) => localTime(epochSeconds).toPlainDate().toString();

/** The same second in other words. */
function timeForm(epochSeconds: number): fc.Arbitrary<string> {
  const utc = Temporal.Instant.fromEpochMilliseconds(epochSeconds * 1000).toString();
  const local = localTime(epochSeconds);
  const elsewhere = local.withTimeZone('America/St_Johns').toString({ timeZoneName: 'never' });
  return fc.constantFrom(
    utc,
    utc.replace('Z', '.000Z'),
    utc.replace('Z', '.987654Z'),
    local.toString({ timeZoneName: 'never' }),
    local.toPlainDateTime().toString({ smallestUnit: 'second' }),
    elsewhere,
  );
}

function between(times: fc.Arbitrary<readonly unknown[]>): fc.Arbitrary<object> {
  return listForm(times).map((value) => ({ field: { api_name: 'audited_time' }, comparator: 'between', value }));
}

/** Around the last 180 days, so that the default window cuts too. */
const instant = fc.integer({ min: now - 200 * day, max: now + 10 * day });

const seconds = fc.tuple(instant, fc.nat(180 * day)).chain(([from, length]) => {
  const to = from + length;
  return between(fc.tuple(timeForm(from), timeForm(to))).map(
    (criteria): Written => ({ meaning: { asks: 'seconds', from, to }, criteria }),
  );
});

const days = fc.tuple(instant, fc.nat(179)).chain(([start, length]) => {
  const from = dateOf(start);
  const to = dateOf(start + length * day);
  return between(fc.constant([from, to])).map(
    (criteria): Written => ({ meaning: { asks: 'days', from, to }, criteria }),
  );
});

/** Criteria that are valid for the organisation of `criteria-setup.ts`. */
export const validCriteria: fc.Arbitrary<Written> = fc.letrec<{ criteria: Written; group: Written }>((tie) => ({
  criteria: fc.oneof(
    { maxDepth: 8, depthSize: 'medium' },
    conditionOn('action', actions),
    conditionOn('done_by', userIds),
    conditionOn('module', moduleNames),
    seconds,
    days,
    tie('group'),
  ),
  group: fc.array(tie('criteria'), { minLength: 1, maxLength: 2 }).chain((members) =>
    fc.tuple(fc.mixedCase(fc.constant('and')), listForm(fc.constant(members.map((member) => member.criteria)))).map(
      ([operator, group]): Written => ({
        meaning: { asks: 'all', of: members.map((member) => member.meaning) },
        criteria: { group, group_operator: operator },
      }),
    ),
  ),
})).criteria;
