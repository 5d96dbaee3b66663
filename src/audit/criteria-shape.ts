/**
 * Reads JSON the way clients of this API really write it. One official SDK sends an array as an object with the keys
 * 0 … n-1, another sends an empty object as `[]`; both are read as what was meant, wherever they stand.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Where a value stands in the body: for `json_path`, and its last key for `api_name`. */
export interface Place {
  readonly path: string;
  readonly key: string;
}

/** The place of the named key of the object that stands at `place`. */
export function keyOf(place: Place, key: string): Place {
  return { path: `${place.path}.${key}`, key };
}

/** The place of an item of the array that stands at `place`. */
export function itemOf(place: Place, index: number): Place {
  return { path: `${place.path}[${index}]`, key: place.key };
}

/** The value as an object, `[]` being the empty one; null when it is none. */
export function asObject(value: unknown): JsonObject | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? {} : null;
  return value as JsonObject; // an object that is no array; what comes from JSON has string keys only
}

/** The value as an array, also when it came as `{}` or `{"0": …, "1": …}`; null when it is none. */
export function asList(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  const keys = Object.keys(value); // integer keys come first and in order, however they were sent
  return keys.every((key, index) => key === String(index)) ? Object.values(value) : null;
}

/** The value of an object's own key. What the prototype has (`constructor`, say) was not sent. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An id's digits, sent as a string or as an integer; null when it is neither. */
export function asId(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  return Number.isSafeInteger(value) ? String(value) : null;
}
