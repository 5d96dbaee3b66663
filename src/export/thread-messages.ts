/** What the pool in the main thread and an export thread say to each other. Everything here survives structured cloning. */
import { Failure, type FailureCode } from '../audit/failure.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import type { ExportOutcome } from './run.ts';

/** Where a thread finds what it works on; it opens its own handles. */
export interface ThreadData {
  readonly ledgerFile: string;
  readonly resultsDir: string;
}

export interface ExportTask {
  readonly key: string;
  readonly query: LedgerQuery;
  readonly modifiedAt: number;
}

/** `close`: put everything down and end; only sent when nothing runs. */
export type ToThread =
  | { readonly kind: 'run'; readonly task: ExportTask }
  | { readonly kind: 'abort' }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'progress'; readonly rows: number; readonly total: number }
  | { readonly kind: 'done'; readonly outcome: ExportOutcome }
  | { readonly kind: 'failed'; readonly error: ErrorText };

export interface ErrorText {
  readonly code: FailureCode | null;
  readonly message: string;
  readonly stack: string;
}

export function errorText(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { code: null, message: String(error), stack: '' };
  const cause = error.cause === undefined ? '' : `\ncaused by ${errorText(error.cause).stack}`;
  return {
    code: error instanceof Failure ? error.code : null,
    message: error.message,
    stack: `${error.stack ?? error.message}${cause}`,
  };
}

/** The error as it was on the other side, its stack included. */
export function errorOf(text: ErrorText): Error {
  const error = text.code === null ? new Error(text.message) : new Failure(text.code, text.message);
  if (text.stack !== '') error.stack = text.stack;
  return error;
}
