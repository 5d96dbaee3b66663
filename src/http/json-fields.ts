/** Fields of a small JSON object, as the console's endpoints take them. */
import { Failure } from '../audit/failure.ts';
import { readJson } from './body.ts';
import type { Call } from './route.ts';

export const maxFieldsBytes = 65_536;

export type JsonFields = Readonly<Record<string, unknown>>;

/** The body, which must be a JSON object. Throws INVALID_DATA. */
export async function readFields(call: Call): Promise<JsonFields> {
  const body = await readJson(call, Math.min(maxFieldsBytes, call.parts.config.limits.jsonBodyBytes));
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

/** The value of a field that must be one of these. */
export function oneOf<Value extends string>(fields: JsonFields, name: string, values: readonly Value[]): Value {
  const text = textField(fields, name, 100);
  const value = values.find((known) => known === text);
  if (value !== undefined) return value;
  throw new Failure('INVALID_DATA', `The parameter ${name} must be ${values.join(' or ')}`, {
    details: { api_name: name, supported_values: values },
  });
}

/** What `read` makes of the field; undefined when it is not there. */
export function ifThere<Value>(
  fields: JsonFields,
  name: string,
  read: (fields: JsonFields, name: string) => Value,
): Value | undefined {
  return Object.hasOwn(fields, name) ? read(fields, name) : undefined;
}

/** What `read` makes of the field; null when it is null, or not there. */
export function orNull<Value>(
  fields: JsonFields,
  name: string,
  read: (fields: JsonFields, name: string) => Value,
): Value | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : null;
  return value === null ? null : read(fields, name);
}

/** Digits. */
export function idField(fields: JsonFields, name: string): string {
  const id = textField(fields, name, 19);
  if (/^[0-9]{1,19}$/.test(id)) return id;
  throw wrong(name, 'an id, which is a string of digits', 'id');
}

/** A whole number of that range. */
export function numberField(fields: JsonFields, name: string, { min, max }: { min: number; max: number }): number {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(name, `a whole number from ${min} to ${max}`, 'integer');
}

/** A list of texts; one that is not there is empty. */
export function textsField(
  fields: JsonFields,
  name: string,
  { items, length }: { items: number; length: number },
): readonly string[] {
  const value = Object.hasOwn(fields, name) ? fields[name] : [];
  if (!Array.isArray(value) || value.length > items) throw wrong(name, `a list of at most ${items} texts`, 'jsonarray');
  for (const [index, item] of value.entries()) {
    if (typeof item === 'string' && item.length <= length) continue;
    throw wrong(`${name}[${index}]`, `a text of at most ${length} characters`, 'string');
  }
  return value as readonly string[]; // looked at one by one above
}

/** A key that nobody reads is a mistake, and its sender would never hear of it. */
export function refuseOthers(fields: JsonFields, known: readonly string[]): void {
  const other = Object.keys(fields).find((name) => !known.includes(name));
  if (other === undefined) return;
  const name = other.slice(0, 64);
  throw new Failure('INVALID_DATA', `The field ${name} is not known`, {
    details: { api_name: name, supported_values: known },
  });
}

function wrong(name: string, expected: string, type: string): Failure {
  return new Failure('INVALID_DATA', `The field ${name} must be ${expected}`, {
    details: { api_name: name, json_path: `$.${name}`, expected_data_type: type },
  });
}
