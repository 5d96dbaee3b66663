/** Shapes of the wire that several routes share, for the OpenAPI document. */
import Type, { type TSchema } from 'typebox';

export const Id = Type.String({
  pattern: '^[0-9]{1,19}$',
  description: 'Digits. Ids exceed 2^53, so they are strings.',
});
export const Time = Type.String({
  format: 'date-time',
  description: "ISO 8601 to the second, with the organisation's offset.",
});
export const NamedId = Type.Object({ name: Type.String(), id: Id });
export const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

export const ErrorBody = Type.Object(
  {
    code: Type.String(),
    details: Type.Object({}, { additionalProperties: true }),
    message: Type.String(),
    status: Type.Literal('error'),
  },
  { description: 'An error of the request as a whole.' },
);
export const WrappedError = Type.Object(
  { audit_log_export: Type.Array(ErrorBody, { minItems: 1, maxItems: 1 }) },
  { description: 'An error of the one export in a create request.' },
);
