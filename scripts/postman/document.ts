/** What the collection needs of the OpenAPI document. */

export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description: string }[];
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

export interface OpenApiResponse {
  readonly description: string;
  /** The error codes that come with this status. */
  readonly 'x-codes'?: readonly string[];
}

export interface Operation extends OpenApiOperation {
  readonly method: string;
  readonly path: string;
}

export function operationsOf(document: OpenApiDocument): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** The status that an operation answers an error with, as documented. Throws when the document does not know it. */
export function statusOf(operation: Operation, code: string): number {
  const found = Object.entries(operation.responses).find(([, response]) => response['x-codes']?.includes(code));
  if (found === undefined) throw new Error(`${operation.operationId} does not document ${code}`);
  return Number(found[0]);
}
