import { Type } from 'typebox';
import { entryLimits } from './limits.ts';

const name = (maxLength: number, description: string) => Type.String({ maxLength, description });
const id = (description: string) =>
  Type.Union([Type.String({ pattern: '^[0-9]{1,19}$' }), Type.Integer({ minimum: 1 }), Type.Null()], { description });
const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const closed = { additionalProperties: false } as const;

/**
 * The wire form, for the API's description. `parseEntry` does the checking, in one pass and with paths; a test holds the
 * two together. What a schema cannot say (bytes, NUL, the range of ids) only `parseEntry` knows.
 */
export const EntrySchema = Type.Object(
  {
    id: Type.Optional(
      id('Below 2^63. Without one the server gives one, ever increasing. A retry with it is harmless.'),
    ),
    audited_time: Type.Optional(
      nullable(
        Type.String({
          maxLength: 64,
          description: 'ISO 8601; required with an id, else now.',
          examples: ['2026-07-13T09:30:00+05:30'],
        }),
      ),
    ),
    action: Type.String({
      minLength: 1,
      maxLength: entryLimits.actionChars,
      description: 'Kept in lower case.',
      examples: ['updated'],
    }),
    done_by: Type.Object(
      {
        id: Type.Optional(id('The user; added as imported when unknown.')),
        name: Type.Optional(nullable(name(entryLimits.nameBytes, 'Alone, it is never taken for an existing user.'))),
      },
      { ...closed, minProperties: 1 },
    ),
    module: Type.Object(
      {
        api_name: Type.String({ minLength: 1, maxLength: entryLimits.nameBytes, examples: ['Leads'] }),
        id: Type.Optional(id('Used when the module is new.')),
      },
      closed,
    ),
    record: Type.Object(
      {
        id: Type.Optional(
          Type.Union([Type.String({ maxLength: entryLimits.recordIdBytes }), Type.Integer(), Type.Null()]),
        ),
        name: name(entryLimits.recordNameBytes, 'May be empty.'),
      },
      closed,
    ),
    related_record: Type.Optional(
      nullable(
        Type.Object(
          {
            module: Type.Optional(nullable(name(entryLimits.nameBytes, 'Its api_name.'))),
            name: Type.Optional(nullable(name(entryLimits.nameBytes, 'Its name.'))),
          },
          closed,
        ),
      ),
    ),
    account_name: Type.Optional(nullable(name(entryLimits.nameBytes, 'The account that the record belongs to.'))),
    source: Type.Optional(nullable(name(entryLimits.nameBytes, 'Where it was done.'))),
    changes: Type.Optional(
      nullable(
        Type.Array(
          Type.Object(
            {
              field: Type.String({ minLength: 1 }),
              old: Type.Optional(Type.Unknown()),
              new: Type.Optional(Type.Unknown()),
            },
            closed,
          ),
        ),
      ),
    ),
  },
  {
    ...closed,
    examples: [
      {
        action: 'updated',
        done_by: { name: 'Patricia Boyle' },
        module: { api_name: 'Leads' },
        record: { id: '554023000000999001', name: 'Zylker' },
        changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
      },
    ],
  },
);
