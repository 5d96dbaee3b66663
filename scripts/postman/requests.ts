/** Postman's requests, made of operations of the OpenAPI document. */
import type { Operation } from './document.ts';

export interface PostmanItem {
  readonly name: string;
  readonly event?: readonly PostmanEvent[];
  readonly request: PostmanRequest;
}

export interface PostmanEvent {
  readonly listen: 'prerequest' | 'test';
  readonly script: { readonly type: 'text/javascript'; readonly exec: readonly string[] };
}

type Pair = { readonly key: string; readonly value: string };

interface PostmanRequest {
  readonly method: string;
  readonly description: string;
  readonly auth?: { readonly type: 'noauth' };
  readonly header: readonly Pair[];
  readonly url: {
    readonly raw: string;
    readonly host: readonly [string];
    readonly path: readonly string[];
    readonly query?: readonly Pair[];
    readonly variable?: readonly Pair[];
  };
  readonly body?:
    | { readonly mode: 'raw'; readonly raw: string; readonly options: object }
    | { readonly mode: 'urlencoded'; readonly urlencoded: readonly Pair[] };
}

export interface RequestSpec {
  readonly name: string;
  /** The server to ask, when it is not `{{host}}`. */
  readonly host?: string;
  readonly method?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON when it is an object, else as it is. */
  readonly body?: object | string;
  readonly form?: Readonly<Record<string, string>>;
  /** An `Authorization` header of its own, in place of the collection's; null: none. */
  readonly authorization?: string | null;
  readonly before?: readonly string[];
  readonly test: readonly string[];
}

export function requestOf(operation: Operation, spec: RequestSpec): PostmanItem {
  const events: PostmanEvent[] = [];
  if (spec.before !== undefined) events.push(eventOf('prerequest', spec.before));
  events.push(eventOf('test', spec.test));
  return {
    name: spec.name,
    event: events,
    request: {
      method: spec.method ?? operation.method,
      description: [operation.summary, operation.description ?? ''].filter((text) => text !== '').join('.\n\n'),
      ...(spec.authorization !== undefined && { auth: { type: 'noauth' as const } }),
      header: headersOf(spec),
      url: urlOf(operation, spec),
      ...bodyOf(spec),
    },
  };
}

export function eventOf(listen: PostmanEvent['listen'], exec: readonly string[]): PostmanEvent {
  return { listen, script: { type: 'text/javascript', exec } };
}

function headersOf(spec: RequestSpec): readonly Pair[] {
  const headers = { ...spec.headers };
  if (typeof spec.authorization === 'string') headers.Authorization = spec.authorization;
  if (spec.body !== undefined && headers['Content-Type'] === undefined) headers['Content-Type'] = 'application/json';
  return pairs(headers);
}

/** `{id}` becomes Postman's `:id`, with its value beside it; the version is a variable of the collection. */
function urlOf(operation: Operation, spec: RequestSpec): PostmanRequest['url'] {
  const host = spec.host ?? '{{host}}';
  const path = operation.path
    .split('/')
    .slice(1)
    .map((part) => part.replace(/^\{(\w+)\}$/, ':$1'));
  const names = path.filter((part) => part.startsWith(':')).map((part) => part.slice(1));
  const values: Readonly<Record<string, string>> = { version: '{{version}}', ...spec.path };
  const variable = names.map((key) => {
    const value = values[key];
    if (value === undefined) throw new Error(`"${spec.name}" gives no value for {${key}}`);
    return { key, value };
  });
  const query = pairs(spec.query ?? {});
  const search = query.map(({ key, value }) => `${key}=${value}`).join('&');
  return {
    raw: `${host}/${path.join('/')}${search === '' ? '' : `?${search}`}`,
    host: [host],
    path,
    ...(query.length > 0 && { query }),
    ...(variable.length > 0 && { variable }),
  };
}

function bodyOf(spec: RequestSpec): Pick<PostmanRequest, 'body'> {
  if (spec.form !== undefined) return { body: { mode: 'urlencoded', urlencoded: pairs(spec.form) } };
  if (spec.body === undefined) return {};
  const raw = typeof spec.body === 'string' ? spec.body : JSON.stringify(spec.body, null, 2);
  return { body: { mode: 'raw', raw, options: { raw: { language: 'json' } } } };
}

function pairs(values: Readonly<Record<string, string>>): readonly Pair[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}
