/**
 * What the main thread and the intake thread say to each other, over a port for each stream. Everything here survives
 * structured cloning.
 */
import type { MessagePort } from 'node:worker_threads';
import { Failure, type FailureCode, type FailureDetails } from '../audit/failure.ts';
import type { ModuleRef } from '../directory/named-modules.ts';
import type { UserRef } from '../directory/people.ts';
import type { RowColumns } from '../ledger/columns.ts';
import type { AppendedColumns } from '../ledger/ledger.ts';
import type { Resolved } from './desk.ts';
import type { Counts } from './tally.ts';

export interface StreamSettings {
  /** The organisation's, by name. */
  readonly timeZone: string;
  readonly maxLineBytes: number;
  readonly maxRejected: number;
  readonly maxDepth: number;
}

/** What the thread itself is told: a port on which a stream will come. */
export interface ToIntakeThread {
  readonly port: MessagePort;
  readonly settings: StreamSettings;
}

/** What the thread asks of the desk. */
export type Question =
  | { readonly kind: 'modules'; readonly refs: readonly ModuleRef[] }
  | { readonly kind: 'users'; readonly refs: readonly UserRef[]; readonly ids: number }
  | { readonly kind: 'append'; readonly columns: RowColumns };
export type Answer = readonly string[] | Resolved | AppendedColumns;

/** `stop`: the source broke off, and only what has come is to be recorded. `refused`: the desk threw, and keeps what it threw. */
export type ToStream =
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'answer'; readonly ticket: number; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly ticket: number };

/** `taken`: so many bytes need not be held any more. After `done` or `failed` nothing follows. */
export type FromStream =
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'ask'; readonly ticket: number; readonly question: Question }
  | { readonly kind: 'progress'; readonly accepted: number; readonly duplicates: number }
  | { readonly kind: 'done'; readonly counts: Counts }
  | { readonly kind: 'failed'; readonly error: SentError };

/** An error as plain data: a structured clone would lose the class and the fields of a `Failure`. */
export interface SentError {
  readonly code: FailureCode | null;
  readonly message: string;
  readonly details: FailureDetails;
  readonly stack: string;
}

export function sendError(error: unknown): SentError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const isKnown = error instanceof Failure;
  return { code: isKnown ? error.code : null, message, details: isKnown ? error.details : {}, stack };
}

export function receiveError({ code, message, details, stack }: SentError): Error {
  const error = code === null ? new Error(message) : new Failure(code, message, { details });
  error.stack = stack;
  return error;
}
