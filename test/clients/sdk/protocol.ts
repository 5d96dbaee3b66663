/** What a test and the process that runs an SDK for it say to each other. Structured clones, so Dates and Maps arrive. */

export const sdkNames = ['nodejs-sdk-7.0', 'nodejs-sdk-8.0', 'typescript-sdk-8.0'] as const;
export type SdkName = (typeof sdkNames)[number];

export interface SdkSetup {
  readonly sdk: SdkName;
  /** The server, without a trailing slash. */
  readonly origin: string;
  /** For the token store and the SDK's own resources; kept by a test that starts the client again. */
  readonly folder: string;
  readonly credentials: Credentials;
}

export type Credentials =
  | { readonly accessToken: string }
  | { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string }
  | {
      readonly clientId: string;
      readonly clientSecret: string;
      readonly grantCode: string;
      readonly redirectUri: string;
    };

/** A criteria as an application sets it on the SDK's objects; what is left out is not set. */
export interface CriteriaSpec {
  readonly field?: string;
  readonly comparator?: string;
  /** Anything; a `UserSpec` or `ModuleSpec` in it becomes the SDK's own object. */
  readonly value?: unknown;
  readonly group?: readonly CriteriaSpec[];
  readonly groupOperator?: string;
}
export interface UserSpec {
  readonly sdkUser: { readonly id: string; readonly name: string };
}
export interface ModuleSpec {
  readonly sdkModule: { readonly id: string; readonly apiName: string };
}

/** One call. `exports: null` is a request without any body. */
export type SdkCall =
  | { readonly method: 'create'; readonly exports: readonly { readonly criteria?: CriteriaSpec }[] | null }
  | { readonly method: 'list' }
  | { readonly method: 'get'; readonly id: string }
  | { readonly method: 'download'; readonly link: string };

/** What the application was handed: the SDK's class by its name, and what its getters say. */
export type SdkObject =
  | { readonly class: 'null' }
  | ({ readonly class: 'APIException' } & Told)
  | { readonly class: 'ActionWrapper'; readonly items: readonly ActionItem[] }
  | { readonly class: 'ResponseWrapper'; readonly jobs: readonly JobView[] }
  | {
      readonly class: 'FileBodyWrapper';
      readonly name: string | undefined;
      readonly bytes: number;
      readonly sha256: string;
    };

export type ActionItem = ({ readonly class: 'APIException' } & Told) | ({ readonly class: 'SuccessResponse' } & Told);

export interface Told {
  readonly code: string;
  readonly message: string;
  readonly status: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface JobView {
  readonly id: string;
  readonly status: string;
  readonly createdBy: { readonly id: string; readonly name: string };
  readonly downloadLinks: readonly string[];
  readonly startTime: Date | null;
  readonly endTime: Date | null;
  readonly expiryDate: Date | null;
  readonly field: string | null;
  readonly groupSize: number;
}

export interface SdkAnswer {
  readonly httpStatus: number;
  readonly object: SdkObject;
}

export type SdkReply = { readonly answer: SdkAnswer } | { readonly thrown: string };
