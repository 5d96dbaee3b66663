/** The part of the three SDKs that the tests use. They differ in what is asynchronous, so every setter is awaited. */

type Maybe<T> = T | null | undefined;

export interface Choice {
  getValue(): string;
}

export interface SdkTold {
  getCode(): Choice;
  getMessage(): string | Choice;
  getStatus(): Choice;
  getDetails(): Maybe<Map<string, unknown>>;
}

export interface SdkCriteria {
  getField(): Maybe<SdkField>;
  setField(field: SdkField): unknown;
  setComparator(comparator: string): unknown;
  setValue(value: unknown): unknown;
  setGroupOperator(operator: string): unknown;
  getGroup(): Maybe<readonly SdkCriteria[]>;
  setGroup(group: readonly SdkCriteria[]): unknown;
}

export interface SdkField {
  getAPIName(): string;
  setAPIName(name: string): unknown;
}

export interface SdkUser {
  getId(): bigint;
  setId(id: bigint): unknown;
  getName(): string;
  setName(name: string): unknown;
}

export interface SdkModule {
  setId(id: bigint): unknown;
  setAPIName(name: string): unknown;
}

export interface SdkExport {
  setCriteria(criteria: SdkCriteria): unknown;
  getCriteria(): Maybe<SdkCriteria>;
  getId(): bigint;
  getStatus(): string;
  getCreatedBy(): SdkUser;
  getDownloadLinks(): readonly string[];
  getJobStartTime(): Maybe<Date>;
  getJobEndTime(): Maybe<Date>;
  getExpiryDate(): Maybe<Date>;
}

export interface SdkBody {
  setAuditLogExport(exports: readonly SdkExport[]): unknown;
}

export interface SdkList {
  getAuditLogExport(): readonly unknown[];
}

export interface SdkFile {
  getFile(): { getName(): string | undefined; getStream(): unknown };
}

export interface SdkResponse {
  getStatusCode(): number;
  getObject(): unknown;
}

export interface SdkOperations {
  createAuditlogExport(body: SdkBody): Promise<SdkResponse>;
  getExportedAuditlogs(): Promise<SdkResponse>;
  getExportedAuditlog(id: bigint): Promise<SdkResponse>;
  downloadExportAuditLogResult(link: string): Promise<SdkResponse>;
}

type Class<Instance, Arguments extends readonly unknown[] = []> = new (...args: Arguments) => Instance;

export interface OAuthBuilder {
  accessToken(token: string): OAuthBuilder;
  clientId(id: string): OAuthBuilder;
  clientSecret(secret: string): OAuthBuilder;
  refreshToken(token: string): OAuthBuilder;
  grantToken(code: string): OAuthBuilder;
  redirectURL(url: string): OAuthBuilder;
  build(): unknown;
}

export interface InitializeBuilder {
  environment(environment: unknown): InitializeBuilder;
  token(token: unknown): InitializeBuilder;
  store(store: unknown): InitializeBuilder;
  resourcePath(path: string): InitializeBuilder;
  initialize(): Promise<void>;
}

export interface Sdk {
  readonly OAuthBuilder: Class<OAuthBuilder>;
  readonly FileStore: Class<unknown, [path: string]>;
  readonly DataCenter: { setEnvironment(apiUrl: string, tokenUrl: string, uploadUrl: string): unknown };
  /** Hands out a promise in two of the SDKs. */
  readonly InitializeBuilder: Class<InitializeBuilder | Promise<InitializeBuilder>>;
  readonly AuditLogExport: {
    readonly AuditLogExportOperations: Class<SdkOperations>;
    readonly BodyWrapper: Class<SdkBody>;
    readonly AuditLogExport: Class<SdkExport>;
    readonly Criteria: Class<SdkCriteria>;
    readonly Field: Class<SdkField>;
    readonly User: Class<SdkUser>;
    readonly Module: Class<SdkModule>;
    readonly APIException: Class<SdkTold>;
    readonly SuccessResponse: Class<SdkTold>;
    readonly ActionWrapper: Class<SdkList>;
    readonly ResponseWrapper: Class<SdkList>;
    readonly FileBodyWrapper: Class<SdkFile>;
  };
}
