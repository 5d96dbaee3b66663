/** The refusals of the token endpoint, each with its HTTP status. */
export const oauthErrors = {
  /** Unknown or revoked client, or not its secret: never said which. */
  invalid_client: 401,
  /** Code or refresh token unknown, used, expired, revoked, or another client's: never said which. */
  invalid_code: 400,
  invalid_redirect_uri: 400,
  invalid_scope: 400,
  unsupported_grant_type: 400,
  /** Too many access tokens are alive already. */
  access_denied: 429,
} as const;
export type OAuthErrorCode = keyof typeof oauthErrors;

export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  /** What stands in the answer: `{"error":"invalid_client"}`. */
  readonly error: OAuthErrorCode;
  readonly status: number;
  readonly retryAfterSeconds: number | null;

  constructor(error: OAuthErrorCode, retryAfterSeconds: number | null = null) {
    super(error);
    this.error = error;
    this.status = oauthErrors[error];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
