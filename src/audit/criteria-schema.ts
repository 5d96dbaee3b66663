/**
 * The form of a criteria as JSON Schemas, for the API's document and for whoever builds a client on it. They describe;
 * `readCriteria` decides, because only code can say which of the promised errors a mistake is. A property test holds
 * the two together: what is accepted fits the schema.
 */
import Type, { type TSchema } from 'typebox';
import { type Comparator, type FieldName, fieldComparators, filterActions } from './criteria-condition.ts';
import { criteriaLimits } from './limits.ts';

/** An array, or what some clients send for one: an object with the keys 0 … n-1. */
export function listOf(item: TSchema, size: { readonly min: number; readonly max: number }, description: string) {
  const indexed = Type.Record(Type.String({ pattern: '^(0|[1-9][0-9]*)$' }), item, {
    additionalProperties: false,
    minProperties: size.min,
    maxProperties: size.max,
    description: 'The same as an object with the keys 0 … n-1.',
  });
  return Type.Union([Type.Array(item, { minItems: size.min, maxItems: size.max, description }), indexed]);
}

const id = Type.Union([
  Type.String({ pattern: '^[0-9]+$', examples: ['554023000000799326'] }),
  Type.Integer({ minimum: 0 }),
]);
const apiName = Type.String({ minLength: 1, examples: ['Leads'] });

/** What a condition is compared with, by the names that the schemas refer to them by. */
const values = {
  AuditedAction: Type.Enum([...filterActions]),
  UserReference: Type.Object(
    { id, name: Type.Optional(Type.Unknown()) },
    { description: 'A user by id. The name is not looked at.' },
  ),
  ModuleReference: Type.Union(
    [Type.Object({ api_name: apiName, id: Type.Optional(id) }), Type.Object({ id, api_name: Type.Optional(apiName) })],
    { description: 'A module by api_name, by id, or by both, which must then agree.' },
  ),
  AuditedTime: Type.String({
    description:
      "ISO 8601. Without a zone it is read in the organisation's; a bare date is the first second of the start's day, " +
      "the last of the end's.",
    examples: ['2024-07-13T00:00:00+05:30'],
  }),
} as const satisfies Record<string, TSchema>;

type ValueName = keyof typeof values;
const valueOfField = {
  action: 'AuditedAction',
  done_by: 'UserReference',
  module: 'ModuleReference',
  audited_time: 'AuditedTime',
} as const satisfies Record<FieldName, ValueName>;

function comparedWith(field: FieldName, comparator: Comparator): TSchema {
  const one = Type.Ref(valueOfField[field]);
  switch (comparator) {
    case 'between':
      return listOf(
        one,
        { min: 2, max: 2 },
        `Start and end, both included, at most ${criteriaLimits.windowDays} days apart.`,
      );
    case 'in':
      return listOf(one, { min: 1, max: criteriaLimits.maxValues }, 'Any of these.');
    case 'equal':
      return field === 'action' ? one : Type.Union([one, listOf(one, { min: 1, max: 1 }, 'An array of one.')]);
    default:
      throw new Error(`unknown comparator ${comparator satisfies never}`);
  }
}

const fields = Object.keys(fieldComparators) as FieldName[]; // the keys of a constant
const conditions = fields.flatMap((field) =>
  fieldComparators[field].map((comparator) =>
    Type.Object({
      field: Type.Object({ api_name: Type.Literal(field) }),
      comparator: Type.Literal(comparator),
      value: comparedWith(field, comparator),
    }),
  ),
);

const group = Type.Object({
  group_operator: Type.String({ pattern: '^[Aa][Nn][Dd]$', examples: ['and'] }),
  group: listOf(Type.Ref('Criteria'), { min: 1, max: criteriaLimits.groupSize }, 'All of these must hold.'),
});

/** The definitions that `Type.Ref('Criteria')` needs around it. */
export const criteriaDefinitions = {
  Criteria: Type.Union([...conditions, group], {
    description: `A condition, or a group of criteria; groups nest at most ${criteriaLimits.maxDepth} deep.`,
  }),
  ...values,
};
