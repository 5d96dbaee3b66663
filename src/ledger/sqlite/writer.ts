/**
 * The queue before the writer's thread. While one batch is being committed, the calls that come in gather to be the next:
 * so a commit, and its sync, is shared by as many calls as there are, and a call waits for two commits at most.
 *
 * Nothing is copied before its turn: at most two batches are on their way to the thread. What waits is held by the callers
 * that wait for it, in the order in which they came.
 */
import type { MessagePort } from 'node:worker_threads';
import type { AppendOptions, AppendOutcome, LedgerRow } from '../ledger.ts';
import { type Batch, type CallHead, outcomes, packBatch } from './batch.ts';
import { receiveError, type SentError, unavailable } from './failures.ts';
import { maxId } from './filter.ts';
import { orgNumber } from './org.ts';
import { Thread, type ThreadData } from './thread.ts';

export type WriterRequest =
  | { readonly kind: 'append'; readonly batch: Batch }
  /** Sealed blocks will come through this port, and are stored between two batches. */
  | { readonly kind: 'connect'; readonly sealer: MessagePort }
  | { readonly kind: 'close' };
export type WriterReply =
  | { readonly kind: 'stored'; readonly outcomes: Uint8Array }
  | { readonly kind: 'failed'; readonly error: SentError };

/**
 * What one transaction takes: some 40 ms. Calls of 1,000 rows that wait for each other go through a quarter faster when
 * they share it. A call is never split.
 */
const batchRows = 4_000;
const batchUnits = 4 * 1024 * 1024;
const maxBatchesInFlight = 2;

interface Call {
  readonly head: CallHead;
  readonly rows: readonly LedgerRow[];
  /** UTF-16 units of its lines. */
  readonly units: number;
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: Error) => void;
}

export class Writer {
  readonly #thread: Thread<WriterRequest, WriterReply>;
  #waiting: Call[] = [];
  #waitingRows = 0;
  #waitingUnits = 0;
  readonly #inFlight: Call[][] = [];
  #pumpIsDue = false;
  #isClosing = false;
  #whenIdle: (() => void) | null = null;

  constructor(data: ThreadData) {
    this.#thread = new Thread('writer', data, {
      onReply: (reply) => this.#settle(reply),
      onDeath: (error) => this.#failAllInFlight(error),
    });
  }

  append(org: string, rows: readonly LedgerRow[], options: AppendOptions): Promise<readonly AppendOutcome[]> {
    if (this.#isClosing) return Promise.reject(unavailable('The ledger is closed'));
    const number = orgNumber(org);
    if (number === null) return Promise.reject(new Error(`not the number of an organisation: ${org}`));
    const problem = rows.map(problemOf).find((text) => text !== null);
    if (problem) return Promise.reject(new Error(problem));
    if (rows.length === 0) return Promise.resolve([]);
    const { client, arrivedAt, atomic = false } = options;
    const head = { org: number, client, arrivedAt, atomic, rows: rows.length };
    const units = rows.reduce((sum, row) => sum + row.line.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ head, rows, units, resolve, reject });
      this.#waitingRows += rows.length;
      this.#waitingUnits += units;
      this.#pumpSoon();
    });
  }

  connect(sealer: MessagePort): void {
    this.#thread.post({ kind: 'connect', sealer }, [sealer]);
    if (this.#inFlight.length === 0) this.#thread.rest();
  }

  /** Stores what was accepted, and ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#waiting.length + this.#inFlight.length > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#thread.end({ kind: 'close' });
  }

  /** At the end of the tick, so that calls made together travel together. */
  #pumpSoon(): void {
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    queueMicrotask(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#mayDispatch()) {
      const calls = this.#takeBatch();
      this.#inFlight.push(calls);
      this.#thread.post({ kind: 'append', batch: packBatch(calls) });
    }
    if (this.#waiting.length + this.#inFlight.length > 0) return;
    this.#thread.rest();
    this.#whenIdle?.();
  }

  /** An idle thread gets whatever there is; behind a batch that is being committed, only a full one may queue. */
  #mayDispatch(): boolean {
    if (this.#waiting.length === 0) return false;
    if (this.#inFlight.length === 0) return true;
    const isFull = this.#waitingRows >= batchRows || this.#waitingUnits >= batchUnits;
    return isFull && this.#inFlight.length < maxBatchesInFlight;
  }

  #takeBatch(): Call[] {
    let rows = 0;
    let units = 0;
    let count = 0;
    for (const call of this.#waiting) {
      if (count > 0 && (rows + call.rows.length > batchRows || units + call.units > batchUnits)) break;
      rows += call.rows.length;
      units += call.units;
      count += 1;
    }
    const calls = this.#waiting.splice(0, count);
    this.#waitingRows -= rows;
    this.#waitingUnits -= units;
    return calls;
  }

  #settle(reply: WriterReply): void {
    const calls = this.#inFlight.shift() ?? [];
    if (reply.kind === 'stored') {
      let at = 0;
      for (const call of calls) {
        const codes = reply.outcomes.subarray(at, at + call.rows.length);
        call.resolve(Array.from(codes, (code) => outcomes[code] ?? 'conflict'));
        at += call.rows.length;
      }
    } else {
      const error = receiveError(reply.error);
      for (const call of calls) call.reject(error);
    }
    this.#pump();
  }

  #failAllInFlight(error: Error): void {
    for (const call of this.#inFlight.splice(0).flat()) call.reject(error);
    this.#pump();
  }
}

/** A row that breaks the port's terms is a bug of the caller; it must not sink the calls that share its commit. */
function problemOf({ time, id, doneBy, line }: LedgerRow): string | null {
  if (!Number.isSafeInteger(time)) return `not a time in whole seconds: ${time}`;
  if (id <= 0n || id > maxId) return `not an entry id: ${id}`;
  if (doneBy <= 0n || doneBy > maxId) return `not a user id: ${doneBy}`;
  if (!line.isWellFormed() || line.includes('\0')) return `the line of entry ${id} holds NUL or half a character`;
  return null;
}
