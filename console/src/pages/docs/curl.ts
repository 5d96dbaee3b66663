/** One line for the shell from an operation of the OpenAPI document, filled in with values that it would take. */
import { type Schema, sampleOf } from './sample.ts';

export interface ApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface ApiOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

interface ApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** What is known of the reader, by the name of the parameter in a path: the organisation's number, say. */
export type KnownValues = Readonly<Record<string, string>>;

/** Throws when the document has no such operation. `method` is in lower case. */
export function curlOf(document: ApiDocument, path: string, method: string, known: KnownValues): string {
  const operation = document.paths[path]?.[method];
  if (operation === undefined) throw new Error(`the document has no ${method} ${path}`);
  const definitions = document.components?.schemas ?? {};
  const origin = document.servers[0]?.url ?? '';
  const url = `${origin}${filledPath(path, operation, known, definitions)}`;
  const parts = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${quoted(url)}`,
    ...headersOf(operation, method, origin),
    ...bodyOf(operation, definitions),
    ...outputOf(operation),
  ];
  return parts.join(' \\\n  ');
}

type Definitions = Readonly<Record<string, Schema>>;

function filledPath(path: string, operation: ApiOperation, known: KnownValues, definitions: Definitions): string {
  const parameters = operation.parameters ?? [];
  const filledIn = (parameter: ApiParameter) =>
    String(sampleOf(parameter.schema, definitions, parameter.name) ?? 'text');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    return encodeURIComponent(known[name] ?? (parameter === undefined ? name : filledIn(parameter)));
  });
  const query = new URLSearchParams(
    parameters.filter((one) => one.in === 'query' && one.required).map((one) => [one.name, filledIn(one)]),
  ).toString();
  return query === '' ? filled : `${filled}?${query}`;
}

/** Where a session that the shell has begun keeps its cookie. */
const cookies = 'annals-cookies.txt';

/**
 * The token stands in a variable of the shell: a line that is shared, or kept in a history, should not hold one. What only
 * a session may do takes its cookie, and on a write the origin of the pages, which no page of another has.
 */
function headersOf(operation: ApiOperation, method: string, origin: string): string[] {
  const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
  const writes = method === 'get' ? [] : [`-H ${quoted(`Origin: ${origin}`)}`];
  if (operation.operationId === 'logIn') return [`-c ${cookies}`, ...writes];
  if (operation.operationId === 'logOut') return [`-b ${cookies}`, ...writes];
  if (schemes.length === 0) return [];
  if (schemes.includes('token')) return ['-H "Authorization: Bearer $ANNALS_TOKEN"'];
  return [`-b ${cookies}`, ...writes];
}

function bodyOf(operation: ApiOperation, definitions: Definitions): string[] {
  const content = operation.requestBody?.content;
  if (content === undefined) return [];
  const json = content['application/json'];
  if (json !== undefined) {
    const body = sampleBody(json.schema, definitions);
    return ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`];
  }
  const form = sampleOf(Object.values(content)[0]?.schema ?? {}, definitions);
  const fields = typeof form === 'object' && form !== null ? Object.entries(form) : [];
  return fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${String(value)}`)}`);
}

/** Where nothing is required, two properties show what may be said. */
function sampleBody(schema: Schema, definitions: Definitions): unknown {
  const body = sampleOf(schema, definitions);
  const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
  return isEmpty ? sampleOf({ ...schema, minProperties: 2 }, definitions) : body;
}

/** A file is kept under the name that the server gives it; a stream of events is shown as it comes. */
function outputOf(operation: ApiOperation): string[] {
  const types = Object.entries(operation.responses ?? {})
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, response]) => Object.keys(response.content ?? {}));
  if (types.includes('text/event-stream')) return ['--no-buffer'];
  if (types.includes('application/zip')) return ['--remote-name'];
  return [];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
