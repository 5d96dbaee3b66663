/** What SQLite's errors mean to a caller, and how an error crosses from a thread. */
import BetterSqlite3 from 'better-sqlite3';
import { Failure, type FailureCode } from '../../audit/failure.ts';

const retryAfterSeconds = 5;

export function hasSqliteCode(error: unknown, code: RegExp): boolean {
  return error instanceof BetterSqlite3.SqliteError && code.test(error.code);
}

/** A disk that is full or broken, or a lock held for too long, is for the caller to retry; any other error is a bug. */
export function inOurWords(error: unknown): unknown {
  if (hasSqliteCode(error, /^SQLITE_FULL/)) return unavailable('The disk of the ledger is full', error);
  if (hasSqliteCode(error, /^SQLITE_(BUSY|LOCKED)/)) return unavailable('The ledger is busy', error);
  if (hasSqliteCode(error, /^SQLITE_(IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM|PROTOCOL)/)) {
    return unavailable('The ledger cannot be read or written', error);
  }
  return error;
}

export function unavailable(message: string, cause?: unknown): Failure {
  return new Failure('SERVICE_UNAVAILABLE', message, { cause, retryAfterSeconds });
}

/** An error as plain data: a structured clone would lose the class and the fields of a `Failure`. */
export interface SentError {
  readonly code: FailureCode | null;
  readonly message: string;
  /** What the log shall say. */
  readonly cause: string;
}

export function sendError(error: unknown): SentError {
  const known = inOurWords(error);
  if (known instanceof Failure) return { code: known.code, message: known.message, cause: textOf(known.cause) };
  return { code: null, message: known instanceof Error ? known.message : String(known), cause: textOf(known) };
}

export function receiveError(sent: SentError): Error {
  const cause = new Error(sent.cause);
  if (sent.code === null) return new Error(sent.message, { cause });
  return new Failure(sent.code, sent.message, { cause, retryAfterSeconds });
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
