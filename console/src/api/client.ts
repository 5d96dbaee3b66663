/** The one way in which the console asks the server: JSON, with the session's cookie, and errors in words. */
import { text } from '../text/en.ts';

/** How long an answer may take. Event streams and downloads do not go through here. */
const timeoutMs = 60_000;

/** What the server, or the way to it, has against a request. `message` is fit to be shown. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of the answer; 0: there was none. */
  readonly status: number;
  /** As the API documents it; NETWORK and TIMEOUT are ours. */
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Seconds; null: the server has not said. */
  readonly retryAfter: number | null;

  constructor(
    given: { status: number; code: string; details?: Record<string, unknown>; retryAfter?: number | null },
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = given.status;
    this.code = given.code;
    this.details = given.details ?? {};
    this.retryAfter = given.retryAfter ?? null;
  }
}

export type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** `/api/v1/entries`, with what of the query is there: a list repeats its parameter, null and '' are left out. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined && each !== '') search.append(name, String(each));
    }
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

export interface RequestOptions {
  readonly query?: Query;
  readonly signal?: AbortSignal | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Called at every 401 but that of a log-in: the session is over. */
let onSignedOut: () => void = () => {};

export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * The JSON of the answer; undefined where it has no body. Throws ApiError, and what `signal` was aborted with.
 * The type is what the API's documents promise: the console and the server are of one build.
 */
export async function request<Answer>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await send(method, addressOf(path, options.query), options, timeout);
  const body = await bodyOf(response);
  if (response.ok) return body as Answer;
  const error = errorOf(response, body);
  if (response.status === 401 && error.code !== 'INVALID_CREDENTIALS') onSignedOut();
  throw error;
}

export function get<Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer> {
  return request<Answer>('GET', path, { ...(query !== undefined && { query }), signal });
}

async function send(method: Method, address: string, options: RequestOptions, timeout: AbortSignal): Promise<Response> {
  const { signal, body } = options;
  try {
    return await fetch(address, {
      method,
      credentials: 'same-origin',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const isLate = timeout.aborted;
    const message = isLate ? text.errors.timeout : text.errors.network;
    throw new ApiError({ status: 0, code: isLate ? 'TIMEOUT' : 'NETWORK' }, message, { cause: error });
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const content = await response.text();
  if (content === '') return undefined;
  try {
    return JSON.parse(content);
  } catch {
    return undefined; // an answer of something between us and the server
  }
}

function errorOf(response: Response, body: unknown): ApiError {
  const { code, message, details } = refusalIn(body);
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : null;
  return new ApiError(
    { status: response.status, code, details, retryAfter: seconds },
    wordsOf(response.status, code, message, seconds),
  );
}

interface Refusal {
  readonly code: string;
  readonly message: string | null;
  readonly details: Record<string, unknown>;
}

/** Our errors have one form; whatever else comes is told by its status. */
function refusalIn(body: unknown): Refusal {
  const none = { code: 'UNKNOWN', message: null, details: {} };
  if (typeof body !== 'object' || body === null) return none;
  const wrapped = (body as { audit_log_export?: unknown }).audit_log_export;
  const { code, message, details } = (Array.isArray(wrapped) ? wrapped[0] : body) as Record<string, unknown>;
  return {
    code: typeof code === 'string' ? code : none.code,
    message: typeof message === 'string' ? message : null,
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
  };
}

function wordsOf(status: number, code: string, message: string | null, retryAfter: number | null): string {
  if (status === 429) return text.errors.tooMany(retryAfter);
  const known = text.errors.byCode[code];
  if (known !== undefined) return known;
  if (status >= 500) return text.errors.server;
  return message === null ? text.errors.refused(status) : sentenceOf(message);
}

/** The server's words are made for a terminal too, and begin and end as they please. */
function sentenceOf(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
