/** Sample values for JSON schemas, as the OpenAPI document has them: what an example line is filled in with. */

export type Schema = Readonly<Record<string, unknown>>;

/** What a text is filled in with where its schema has no example, by the name that it goes by. */
const byName: Readonly<Record<string, string>> = {
  actions: 'deleted',
  api_name: 'Leads',
  client_id: 'your-client-id',
  company_name: 'Zylker',
  current_password: 'your-password',
  email: 'patricia.boyle@example.com',
  first_name: 'Patricia',
  from: '2026-07-01T00:00:00+05:30',
  key: '1783915200-554023000001234567',
  last_name: 'Boyle',
  modules: 'Leads',
  name: 'Zylker',
  new_password: 'your-new-password',
  password: 'your-password',
  plural_label: 'Leads',
  redirect_uri: 'https://app.example.com/callback',
  redirect_uris: 'https://app.example.com/callback',
  response_type: 'code',
  scope: 'ZohoCRM.settings.audit_logs.READ',
  scopes: 'ZohoCRM.settings.audit_logs.READ',
  singular_label: 'Lead',
  time_zone: 'Europe/Berlin',
  to: '2026-09-30T23:59:59+05:30',
};

type Definitions = Readonly<Record<string, Schema>>;

/** How deep a sample goes into schemas that contain themselves. */
const deepest = 12;

/**
 * A value that fits the schema, as small as its rules allow: examples, constants and defaults first, then the first
 * alternative that is not null, the required properties, one item. Undefined where the schema says nothing. `name` is what
 * the value goes by.
 */
export function sampleOf(schema: Schema, definitions: Definitions, name = '', depth = 0): unknown {
  if (depth > deepest) return undefined;
  const given = givenValue(schema);
  if (given !== undefined) return given;
  if (typeof schema.$ref === 'string') {
    const target = definitions[schema.$ref.replace('#/components/schemas/', '')];
    return target === undefined ? undefined : sampleOf(target, definitions, name, depth + 1);
  }
  const alternative = alternativeOf(schema);
  if (alternative !== undefined) return sampleOf(alternative, definitions, name, depth + 1);
  switch (schema.type) {
    case 'string':
      return sampleText(schema, name);
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'array':
      return isSchema(schema.items) ? [sampleOf(schema.items, definitions, name, depth + 1)] : [];
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

function sampleText(schema: Schema, name: string): string {
  const known = byName[name];
  if (known !== undefined) return known;
  if (schema.format === 'date-time') return '2026-07-13T09:30:00+05:30';
  if (schema.pattern === '^[0-9a-f]{16}$') return '0123456789abcdef';
  if (typeof schema.pattern === 'string' && schema.pattern.startsWith('^[0-9]')) return '554023000000799326';
  return 'text';
}

function sampleObject(schema: Schema, definitions: Definitions, depth: number): object {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const fewest = typeof schema.minProperties === 'number' ? schema.minProperties : 0;
  const others = Object.keys(properties).filter((name) => !required.includes(name));
  const names = [...required, ...others.slice(0, Math.max(0, fewest - required.length))];
  const pairs = names.map((name) => {
    const property = properties[name];
    return [name, isSchema(property) ? sampleOf(property, definitions, name, depth + 1) : undefined];
  });
  return Object.fromEntries(pairs);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
