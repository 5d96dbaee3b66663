/** Fields of a small JSON object, as the console's endpoints take them. */
import { Failure } from '../audit/failure.ts';
import { readJson } from './body.ts';
import type { Call } from './route.ts';

const maxBytes = 65_536;

export type JsonFields = Readonly<Record<string, unknown>>;

/** The body, which must be a JSON object. Throws INVALID_DATA. */
export async function readFields(call: Call): Promise<JsonFields> {
  const body = await readJson(call, Math.min(maxBytes, call.parts.config.limits.jsonBodyBytes));
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonFields; // an object that is no array
  throw new Failure('INVALID_DATA', 'The request body must be a JSON object', {
    details: { expected_data_type: 'jsonobject', json_path: '$' },
  });
}

/** Throws MANDATORY_NOT_FOUND when the field is not there, and INVALID_DATA when it is no text or over `maxLength` characters. */
export function textField(fields: JsonFields, name: string, maxLength: number): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const place = { api_name: name, json_path: `$.${name}` };
  if (value === undefined) {
    throw new Failure('MANDATORY_NOT_FOUND', `The field ${name} is missing`, { details: place });
  }
  if (typeof value !== 'string') {
    throw new Failure('INVALID_DATA', `The field ${name} must be a text`, {
      details: { ...place, expected_data_type: 'string' },
    });
  }
  if (value.length <= maxLength) return value;
  throw new Failure('INVALID_DATA', `The field ${name} has more than ${maxLength} characters`, {
    details: { ...place, limit: String(maxLength) },
  });
}
