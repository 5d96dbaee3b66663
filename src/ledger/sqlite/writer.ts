/**
 * The queue before the writer's thread. While one batch is being committed, the calls that come in gather to be the next:
 * so a commit, and its sync, is shared by as many calls as there are.
 *
 * There are two kinds. Calls of a few rows, with somebody waiting for each: the thread takes them first, so beside those of
 * their own kind they wait for one commit at most. Calls of many rows, as columns, are the streams'. Each kind keeps its
 * order.
 *
 * At most two batches of a kind are on their way to the thread; what waits is held by the callers that wait for it.
 */
import type { MessagePort } from 'node:worker_threads';
import { appendOutcomes, problemOf, type RowColumns } from '../columns.ts';
import type { AppendedColumns, AppendOptions, AppendOutcome, Conflict, LedgerRow } from '../ledger.ts';
import { type Batch, buffersOfBatch, type CallHead, packCalls } from './batch.ts';
import { receiveError, type SentError, unavailable } from './failures.ts';
import { orgNumber } from './org.ts';
import { Thread, type ThreadData } from './thread.ts';

/** `few` goes before `many`. A reply names the ticket of its request, for the thread changes their order. */
export interface AppendRequest {
  readonly kind: 'few' | 'many';
  readonly ticket: number;
  readonly batch: Batch;
}
export type WriterRequest =
  | AppendRequest
  /** Sealed blocks will come through this port, and are stored between two batches. */
  | { readonly kind: 'connect'; readonly sealer: MessagePort }
  | { readonly kind: 'close' };
export type WriterReply =
  | {
      readonly kind: 'stored';
      readonly ticket: number;
      readonly outcomes: Uint8Array;
      /** Of the calls that are told of them, their places counted from the start of the batch. */
      readonly conflicts: readonly Conflict[];
    }
  | { readonly kind: 'failed'; readonly ticket: number; readonly error: SentError };

/** What one transaction takes, unless a single call is larger: a call is never split. */
const batchBytes = 4 * 1024 * 1024;
const batchRows = 4_000;
/**
 * While calls of few rows come as well, which wait for the commit before them. Measured: 4,000 rows take 25 ms, and a row
 * among 4,000 costs a sixth less than among 2,000, for they share the pages of the index.
 */
const briefBatchRows = 500;
const fewCountMs = 1_000;
/** From so many rows on a stream is in full flow: then a batch waits a moment for others to share its commit. */
const flowRows = 1_000;
const flowWaitMs = 15;
const maxBatchesInFlight = 2;
/**
 * So many calls are worth a commit of their own while others are still coming in: the thread then commits while this one
 * reads on. With single entries from 64 connections that more than doubled the requests a second.
 */
const sharingCalls = 16;

interface Call {
  readonly head: CallHead;
  readonly bytes: number;
  readonly resolve: (outcomes: Uint8Array, conflicts: readonly Conflict[]) => void;
  readonly reject: (error: Error) => void;
}
interface FewRows extends Call {
  readonly rows: readonly LedgerRow[];
}
interface ManyRows extends Call {
  readonly columns: RowColumns;
}

/** The calls of one kind that wait. */
class Queue<Kind extends Call> {
  #calls: Kind[] = [];
  #bytes = 0;
  rows = 0;
  /** Batches of this kind that are with the thread. */
  inFlight = 0;
  /** When the first of those that wait came; milliseconds. */
  since = 0;

  get length(): number {
    return this.#calls.length;
  }

  push(call: Kind): void {
    if (this.#calls.length === 0) this.since = performance.now();
    this.#calls.push(call);
    this.rows += call.head.rows;
    this.#bytes += call.bytes;
  }

  get isShared(): boolean {
    return this.#calls.length >= sharingCalls;
  }

  isFull(rows: number): boolean {
    return this.rows >= rows || this.#bytes >= batchBytes;
  }

  takeBatch(maxRows: number): Kind[] {
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const call of this.#calls) {
      if (count > 0 && (rows + call.head.rows > maxRows || bytes + call.bytes > batchBytes)) break;
      rows += call.head.rows;
      bytes += call.bytes;
      count += 1;
    }
    this.rows -= rows;
    this.#bytes -= bytes;
    this.since = performance.now();
    return this.#calls.splice(0, count);
  }
}

interface InFlight {
  readonly kind: 'few' | 'many';
  readonly calls: readonly Call[];
}

export class Writer {
  readonly #thread: Thread<WriterRequest, WriterReply>;
  readonly #few = new Queue<FewRows>();
  readonly #many = new Queue<ManyRows>();
  readonly #inFlight = new Map<number, InFlight>();
  #lastTicket = 0;
  #pumpIsDue = false;
  #later: NodeJS.Timeout | null = null;
  /** When a batch of few rows was last sent; milliseconds. */
  #lastFew = Number.NEGATIVE_INFINITY;
  #isClosing = false;
  #whenIdle: (() => void) | null = null;

  constructor(data: ThreadData) {
    this.#thread = new Thread('writer', data, {
      onReply: (reply) => this.#settle(reply),
      onDeath: (error) => this.#failAllInFlight(error),
    });
  }

  async append(org: string, rows: readonly LedgerRow[], options: AppendOptions): Promise<readonly AppendOutcome[]> {
    const { atomic = false } = options;
    const head = this.#headOf(org, rows.length, { ...options, atomic, tellsConflicts: false });
    // A row that breaks the terms is a bug of the caller; it must not sink the calls that share its commit.
    for (const { time, id, doneBy, line } of rows) {
      const problem = problemOf(time, id, doneBy, line);
      if (problem !== null) throw new Error(problem);
    }
    if (rows.length === 0) return [];
    const bytes = rows.reduce((sum, row) => sum + row.line.length, 0);
    return new Promise((resolve, reject) => {
      const settle = (codes: Uint8Array): void =>
        resolve(Array.from(codes, (code) => appendOutcomes[code] ?? 'conflict'));
      this.#few.push({ head, bytes, rows, resolve: settle, reject });
      this.#pumpSoon();
    });
  }

  async appendColumns(
    org: string,
    columns: RowColumns,
    options: Omit<AppendOptions, 'atomic'>,
  ): Promise<AppendedColumns> {
    const head = this.#headOf(org, columns.rows, { ...options, atomic: false, tellsConflicts: true });
    if (columns.rows === 0) return { outcomes: new Uint8Array(0), conflicts: [] };
    return new Promise((resolve, reject) => {
      const settle = (outcomes: Uint8Array, conflicts: readonly Conflict[]): void => resolve({ outcomes, conflicts });
      this.#many.push({ head, bytes: columns.lines.length, columns, resolve: settle, reject });
      this.#pumpSoon();
    });
  }

  connect(sealer: MessagePort): void {
    this.#thread.post({ kind: 'connect', sealer }, [sealer]);
    if (this.#isIdle) this.#thread.rest();
  }

  /** Stores what was accepted, and ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#pump();
    if (!this.#isIdle) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await this.#thread.end({ kind: 'close' });
  }

  get #isIdle(): boolean {
    return this.#few.length + this.#many.length + this.#inFlight.size === 0;
  }

  #headOf(org: string, rows: number, options: Omit<CallHead, 'org' | 'rows'>): CallHead {
    if (this.#isClosing) throw unavailable('The ledger is closed');
    const number = orgNumber(org);
    if (number === null) throw new Error(`not the number of an organisation: ${org}`);
    const { client, arrivedAt, atomic, tellsConflicts } = options;
    return { org: number, client, arrivedAt, atomic, tellsConflicts, rows };
  }

  /**
   * Once all that has come in over the sockets by now is read, so that calls made at the same time share a commit: the first
   * of 64 clients would otherwise get one of its own, and the others wait for two.
   */
  #pumpSoon(): void {
    if (this.#few.isShared) this.#pump();
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#isFewDue()) {
      const calls = this.#few.takeBatch(batchRows);
      this.#lastFew = performance.now();
      this.#send('few', calls, [packCalls(calls)]);
    }
    while (this.#isManyDue()) {
      const calls = this.#many.takeBatch(this.#manyRows);
      this.#send(
        'many',
        calls,
        calls.map(({ head, columns }) => ({ calls: [head], columns })),
      );
    }
    if (!this.#isIdle) return;
    this.#thread.rest();
    this.#whenIdle?.();
  }

  /** A thread without work gets whatever there is; behind a batch that is being committed, only what is worth a commit. */
  #isFewDue(): boolean {
    if (this.#few.length === 0) return false;
    if (this.#few.inFlight === 0) return true;
    return this.#few.inFlight < maxBatchesInFlight && (this.#few.isShared || this.#few.isFull(batchRows));
  }

  #isManyDue(): boolean {
    if (this.#many.length === 0 || this.#many.inFlight >= maxBatchesInFlight) return false;
    if (this.#many.isFull(this.#manyRows)) return true;
    if (this.#many.inFlight > 0) return false;
    if (this.#many.rows < flowRows || this.#isClosing) return true;
    const waitMs = this.#many.since + flowWaitMs - performance.now();
    if (waitMs <= 0) return true;
    this.#pumpLater(waitMs);
    return false;
  }

  /** What a batch of columns takes now. */
  get #manyRows(): number {
    return performance.now() - this.#lastFew < fewCountMs ? briefBatchRows : batchRows;
  }

  #pumpLater(waitMs: number): void {
    if (this.#later !== null) return;
    this.#later = setTimeout(() => {
      this.#later = null;
      this.#pump();
    }, waitMs);
  }

  #send(kind: 'few' | 'many', calls: readonly Call[], batch: Batch): void {
    this.#lastTicket += 1;
    this.#inFlight.set(this.#lastTicket, { kind, calls });
    this.#queueOf(kind).inFlight += 1;
    this.#thread.post({ kind, ticket: this.#lastTicket, batch }, buffersOfBatch(batch));
  }

  #queueOf(kind: 'few' | 'many'): Queue<FewRows> | Queue<ManyRows> {
    return kind === 'few' ? this.#few : this.#many;
  }

  #settle(reply: WriterReply): void {
    const sent = this.#inFlight.get(reply.ticket);
    if (sent === undefined) throw new Error(`the writer answers what it was not asked: ${reply.ticket}`);
    this.#inFlight.delete(reply.ticket);
    this.#queueOf(sent.kind).inFlight -= 1;
    if (reply.kind === 'stored') settleCalls(sent.calls, reply.outcomes, reply.conflicts);
    else for (const call of sent.calls) call.reject(receiveError(reply.error));
    this.#pump();
  }

  #failAllInFlight(error: Error): void {
    for (const { calls } of this.#inFlight.values()) for (const call of calls) call.reject(error);
    this.#inFlight.clear();
    this.#few.inFlight = 0;
    this.#many.inFlight = 0;
    this.#pump();
  }
}

function settleCalls(calls: readonly Call[], outcomes: Uint8Array, conflicts: readonly Conflict[]): void {
  let start = 0;
  for (const call of calls) {
    const end = start + call.head.rows;
    const own = conflicts.filter(({ place }) => place >= start && place < end);
    call.resolve(
      outcomes.slice(start, end),
      own.map((conflict) => ({ ...conflict, place: conflict.place - start })),
    );
    start = end;
  }
}
