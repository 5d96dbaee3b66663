import { Failure } from './failure.ts';
import { jsonLimits } from './limits.ts';

// TypeScript's library does not list `rawJSON` yet; Node 26 has it.
const { rawJSON: rawJson } = JSON as JSON & { rawJSON(text: string): unknown };

export type JsonType = 'array' | 'boolean' | 'null' | 'number' | 'object' | 'string';

/** The JSON type of what `parseJson` gave; a bigint is a number. */
export function jsonTypeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  if (type === 'bigint') return 'number';
  if (type === 'boolean' || type === 'number' || type === 'object' || type === 'string') return type;
  throw new TypeError(`a ${type} is no JSON value`);
}

/**
 * JSON.parse, but integers whose digits would be lost come back as bigint. Throws INVALID_DATA when the text is no
 * JSON, nests deeper than `maxDepth`, or holds a number beyond what a double can hold (1e400).
 */
export function parseJson(text: string, maxDepth: number = jsonLimits.maxDepth): unknown {
  const value = read(text);
  if (!losesDigits(value, maxDepth)) return value;
  // The depth is known to be harmless by now: a reviver walks by recursion, JSON.parse alone does not.
  return JSON.parse(text, (_key, item: unknown, context?: { source?: string }) => {
    const source = context?.source;
    const isLost = typeof item === 'number' && !Number.isSafeInteger(item);
    return isLost && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : item;
  });
}

/** Deeper than anything that is accepted, and harmless to whoever walks over it by recursion. */
const maxStoredDepth = 1000;

/**
 * The value of JSON that was stored, whatever limits held when it was accepted: never throws. Every number keeps the
 * digits that it has in the text; write the value with `stringifyJson`. What is so deep that it could not be written, or
 * is no JSON, comes back as the text itself.
 */
export function parseStoredJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (nestsDeeper(value, maxStoredDepth)) return text;
    return /[0-9]{16}|[0-9][.eE]/.test(text) ? JSON.parse(text, withDigits) : value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

function withDigits(_key: string, item: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof item !== 'number' || source === undefined || String(item) === source) return item;
  return /^-?\d+$/.test(source) ? BigInt(source) : rawJson(source);
}

/** Are there more levels of arrays and objects than that, the outermost counted? */
export function nestsDeeper(value: unknown, maxDepth: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (depth === maxDepth) return true;
      pushChildren(item, next);
    }
    level = next;
  }
  return false;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure('INVALID_DATA', 'the text is not valid JSON', { cause: error });
  }
}

/** Level by level and not by recursion, so that no depth can exhaust the stack. */
function losesDigits(value: unknown, maxDepth: number): boolean {
  let isLossy = false;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'number') {
        if (!Number.isFinite(item)) throw new Failure('INVALID_DATA', 'the JSON holds a number that is out of range');
        isLossy ||= Number.isInteger(item) && !Number.isSafeInteger(item);
      } else if (typeof item === 'object' && item !== null) {
        if (depth === maxDepth) {
          throw new Failure('INVALID_DATA', `the JSON nests deeper than ${maxDepth} levels`, {
            details: { limit: String(maxDepth) },
          });
        }
        pushChildren(item, next);
      }
    }
    level = next;
  }
  return isLossy;
}

/** Strings, the most of any body, are left out: nothing about them is looked at. */
function pushChildren(parent: object, into: unknown[]): void {
  if (Array.isArray(parent)) {
    for (const item of parent) if (typeof item !== 'string') into.push(item);
    return;
  }
  const record = parent as Record<string, unknown>; // what JSON.parse made: an object that is no array
  for (const key in record) {
    const item = record[key];
    if (typeof item !== 'string') into.push(item);
  }
}

/** Compact JSON; a bigint is written as its digits. */
export function stringifyJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // JSON.stringify refuses a bigint. They are rare, and a replacer slows everything else down.
    if (!(error instanceof TypeError)) throw error;
    text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? rawJson(item.toString()) : item));
  }
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON value`);
  return text;
}
