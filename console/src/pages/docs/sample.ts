/** Sample values for JSON schemas, as the OpenAPI document has them: what an example line is filled in with. */

export type Schema = Readonly<Record<string, unknown>>;

/** How deep a sample goes into schemas that contain themselves. */
const deepest = 12;

/**
 * A value that fits the schema, as small as its rules allow: examples, constants and defaults first, then the first
 * alternative that is not null, the required properties, one item. Undefined where the schema says nothing.
 */
export function sampleOf(schema: Schema, definitions: Readonly<Record<string, Schema>>, depth = 0): unknown {
  if (depth > deepest) return undefined;
  const given = givenValue(schema);
  if (given !== undefined) return given;
  if (typeof schema.$ref === 'string') {
    const target = definitions[schema.$ref.replace('#/components/schemas/', '')];
    return target === undefined ? undefined : sampleOf(target, definitions, depth + 1);
  }
  const alternative = alternativeOf(schema);
  if (alternative !== undefined) return sampleOf(alternative, definitions, depth + 1);
  switch (schema.type) {
    case 'string':
      return sampleText(schema);
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'array':
      return isSchema(schema.items) ? [sampleOf(schema.items, definitions, depth + 1)] : [];
    case 'object':
      return sampleObject(schema, definitions, depth);
    default:
      return undefined;
  }
}

function givenValue(schema: Schema): unknown {
  for (const list of [schema.examples, schema.enum]) {
    if (Array.isArray(list) && list.length > 0) return list[0];
  }
  return schema.example ?? schema.const ?? schema.default;
}

function alternativeOf(schema: Schema): Schema | undefined {
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (!Array.isArray(alternatives)) return undefined;
  return alternatives.filter(isSchema).find((one) => one.type !== 'null');
}

function sampleText(schema: Schema): string {
  if (schema.format === 'date-time') return '2026-07-13T09:30:00+05:30';
  if (schema.format === 'email') return 'patricia.boyle@example.com';
  if (schema.format === 'uri') return 'https://app.example.com/callback';
  if (typeof schema.pattern === 'string' && schema.pattern.startsWith('^[0-9]')) return '554023000000799326';
  return 'text';
}

function sampleObject(schema: Schema, definitions: Readonly<Record<string, Schema>>, depth: number): object {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const fewest = typeof schema.minProperties === 'number' ? schema.minProperties : 0;
  const others = Object.keys(properties).filter((name) => !required.includes(name));
  const names = [...required, ...others.slice(0, Math.max(0, fewest - required.length))];
  const pairs = names.map((name) => {
    const property = properties[name];
    return [name, isSchema(property) ? sampleOf(property, definitions, depth + 1) : undefined];
  });
  return Object.fromEntries(pairs);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
