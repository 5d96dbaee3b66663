/**
 * What can go wrong that a caller must tell apart. Anything that is no `Failure` is a bug of ours and answers 500.
 * The wire's HTTP status of each code stands in `http/errors.ts`.
 */
export const failureCodes = [
  'INVALID_DATA',
  'MANDATORY_NOT_FOUND',
  'EXPECTED_FIELD_MISSING',
  'DEPENDENT_FIELD_MISSING',
  'DEPENDENT_MISMATCH',
  'NOT_SUPPORTED',
  'AMBIGUITY_DURING_PROCESSING',
  'LIMIT_EXCEEDED',
  'ALREADY_SCHEDULED',
  'DUPLICATE_DATA',
  'API_NOT_SUPPORTED',
  'NO_CONTENT',
  'INVALID_REQUEST_METHOD',
  'AUTHENTICATION_FAILURE',
  'OAUTH_SCOPE_MISMATCH',
  'INVALID_CREDENTIALS',
  'NO_PERMISSION',
  'CROSS_SITE_REQUEST',
  'PASSWORD_CHANGE_REQUIRED',
  'INVALID_URL_PATTERN',
  'REQUEST_TOO_LARGE',
  'URI_TOO_LONG',
  'RANGE_NOT_SATISFIABLE',
  'HEADERS_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'TOO_MANY_REQUESTS',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_ERROR',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/** Keys of an error's `details`, as the wire spells them. Values are JSON. */
export type FailureDetails = Readonly<Record<string, unknown>>;

export interface FailureOptions extends ErrorOptions {
  readonly details?: FailureDetails;
  /** True: on the wire the error stands inside `audit_log_export: [...]`. */
  readonly wrapped?: boolean;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  readonly details: FailureDetails;
  readonly wrapped: boolean;
  readonly retryAfterSeconds: number | null;

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? {};
    this.wrapped = options.wrapped ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** INVALID_DATA of one field of a body, by its name on the wire. */
export function wrongField(field: string, message: string): Failure {
  return new Failure('INVALID_DATA', message, { details: { api_name: field, json_path: `$.${field}` } });
}
