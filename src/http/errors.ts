/** The only place that turns a failure into an answer. */
import { Failure, type FailureCode } from '../audit/failure.ts';
import { stringifyJson } from '../audit/json.ts';

export const statusOf = {
  INVALID_DATA: 400,
  MANDATORY_NOT_FOUND: 400,
  EXPECTED_FIELD_MISSING: 400,
  DEPENDENT_FIELD_MISSING: 400,
  DEPENDENT_MISMATCH: 400,
  NOT_SUPPORTED: 400,
  AMBIGUITY_DURING_PROCESSING: 400,
  LIMIT_EXCEEDED: 400,
  ALREADY_SCHEDULED: 400,
  DUPLICATE_DATA: 400,
  API_NOT_SUPPORTED: 400,
  NO_CONTENT: 400,
  INVALID_REQUEST_METHOD: 400,
  AUTHENTICATION_FAILURE: 401,
  OAUTH_SCOPE_MISMATCH: 401,
  INVALID_CREDENTIALS: 401,
  NO_PERMISSION: 403,
  CROSS_SITE_REQUEST: 403,
  PASSWORD_CHANGE_REQUIRED: 403,
  INVALID_URL_PATTERN: 404,
  REQUEST_TIMEOUT: 408,
  REQUEST_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  RANGE_NOT_SATISFIABLE: 416,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const satisfies Record<FailureCode, number>;

export const jsonType = 'application/json;charset=UTF-8';

export const failures = {
  method: () => new Failure('INVALID_REQUEST_METHOD', 'The http request method type is not a valid one'),
  authentication: () => new Failure('AUTHENTICATION_FAILURE', 'Authentication failed'),
  scope: () => new Failure('OAUTH_SCOPE_MISMATCH', 'Unauthorized'),
  permission: () =>
    new Failure('NO_PERMISSION', 'permission denied', { details: { permissions: ['Crm_Implied_View_Audit_Log'] } }),
  administrator: () =>
    new Failure('NO_PERMISSION', 'Only an administrator may do this', { details: { permissions: ['Administrator'] } }),
  passwordChange: () => new Failure('PASSWORD_CHANGE_REQUIRED', 'Choose a password of your own first'),
  credentials: () => new Failure('INVALID_CREDENTIALS', 'The e-mail address or the password is not right'),
  notFound: () => new Failure('INVALID_URL_PATTERN', 'Please check if the URL trying to access is a correct one'),
  version: () =>
    new Failure('API_NOT_SUPPORTED', 'The API version given is not supported', { details: { supported_version: 8 } }),
  internal: () => new Failure('INTERNAL_ERROR', 'Internal Server Error'),
} as const;

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a client gets for a failure. Anything that is no Failure answers 500 with nothing inside. */
export function answerOf(error: unknown): ErrorAnswer {
  const failure = error instanceof Failure ? error : failures.internal();
  const status = statusOf[failure.code];
  const item = { code: failure.code, details: failure.details, message: failure.message, status: 'error' };
  const headers: Record<string, string> = { 'content-type': jsonType };
  if (status === 401 && failure.code !== 'INVALID_CREDENTIALS') headers['www-authenticate'] = 'Bearer realm="annals"';
  if (failure.retryAfterSeconds !== null) headers['retry-after'] = String(failure.retryAfterSeconds);
  else if (status === 429 || status === 503) headers['retry-after'] = '5';
  return { status, headers, body: stringifyJson(failure.wrapped ? { audit_log_export: [item] } : item) };
}
