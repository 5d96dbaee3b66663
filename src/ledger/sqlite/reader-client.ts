/** The reader's thread as it is called: each read has a number, and a chunk is sent when it is asked for. */
import type {
  Chunk,
  ChunkOptions,
  FoundRows,
  Histogram,
  HistogramOptions,
  LedgerQuery,
  RowKey,
  SearchOptions,
  StoredRow,
  TimeSpan,
} from '../ledger.ts';
import { receiveError, type SentError, unavailable } from './failures.ts';
import { Thread, type ThreadData } from './thread.ts';

/** `open` starts an export, `next` asks for its next chunk; `stop` ends it, or any other read, early. */
export type ReadRequest =
  | { readonly read: number; readonly kind: 'lastArrival'; readonly org: string }
  | { readonly read: number; readonly kind: 'count'; readonly query: LedgerQuery }
  | {
      readonly read: number;
      readonly kind: 'search';
      readonly query: LedgerQuery;
      readonly options: Omit<SearchOptions, 'signal'>;
    }
  | { readonly read: number; readonly kind: 'span'; readonly query: LedgerQuery }
  | {
      readonly read: number;
      readonly kind: 'histogram';
      readonly query: LedgerQuery;
      readonly options: Omit<HistogramOptions, 'signal'>;
    }
  | { readonly read: number; readonly kind: 'open'; readonly query: LedgerQuery; readonly rowsPerFile: number }
  | { readonly read: number; readonly kind: 'next' }
  | { readonly read: number; readonly kind: 'stop' }
  | { readonly kind: 'close' };

export type ReadReply =
  | { readonly read: number; readonly value: unknown }
  | { readonly read: number; readonly error: SentError };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class ReaderClient {
  readonly #thread: Thread<ReadRequest, ReadReply>;
  readonly #waiting = new Map<number, Waiting>();
  #lastRead = 0;
  #isClosed = false;

  constructor(data: ThreadData) {
    this.#thread = new Thread('reader', data, {
      onReply: (reply) => this.#settle(reply),
      onDeath: (error) => this.#failAll(error),
    });
  }

  async lastArrival(org: string): Promise<number> {
    return (await this.#ask({ read: this.#newRead(), kind: 'lastArrival', org })) as number; // reader-thread.ts answers so
  }

  async count(query: LedgerQuery, signal?: AbortSignal): Promise<number> {
    return (await this.#ask({ read: this.#newRead(), kind: 'count', query }, signal)) as number;
  }

  async page(query: LedgerQuery, before: RowKey | null, size: number): Promise<readonly StoredRow[]> {
    return (await this.search(query, { before, size, budgetMs: Number.POSITIVE_INFINITY })).rows;
  }

  async search(query: LedgerQuery, { signal, ...options }: SearchOptions): Promise<FoundRows> {
    return (await this.#ask({ read: this.#newRead(), kind: 'search', query, options }, signal)) as FoundRows;
  }

  async span(query: LedgerQuery): Promise<TimeSpan | null> {
    return (await this.#ask({ read: this.#newRead(), kind: 'span', query })) as TimeSpan | null;
  }

  async histogram(query: LedgerQuery, { signal, ...options }: HistogramOptions): Promise<Histogram> {
    return (await this.#ask({ read: this.#newRead(), kind: 'histogram', query, options }, signal)) as Histogram;
  }

  async *chunks(query: LedgerQuery, { rowsPerFile, signal }: ChunkOptions): AsyncGenerator<Chunk, void> {
    const read = this.#newRead();
    try {
      await this.#ask({ read, kind: 'open', query, rowsPerFile }, signal);
      for (;;) {
        const chunk = (await this.#ask({ read, kind: 'next' }, signal)) as Chunk | null;
        if (!chunk) return;
        yield chunk;
      }
    } finally {
      this.#stop(read);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.end({ kind: 'close' });
  }

  #newRead(): number {
    this.#lastRead += 1;
    return this.#lastRead;
  }

  #ask(request: ReadRequest & { read: number }, signal?: AbortSignal): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(unavailable('The ledger is closed'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { read } = request;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const stop = () => {
      this.#waiting.delete(read);
      this.#stop(read);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#waiting.set(read, { resolve, reject });
    this.#thread.post(request);
    return promise.finally(() => signal?.removeEventListener('abort', stop));
  }

  /** Not answered, so it does not keep the process alive either. */
  #stop(read: number): void {
    if (this.#isClosed) return;
    this.#thread.post({ read, kind: 'stop' });
    if (this.#waiting.size === 0) this.#thread.rest();
  }

  #settle(reply: ReadReply): void {
    const waiting = this.#waiting.get(reply.read);
    // An answer to a read that was stopped in the meantime.
    if (!waiting) return;
    this.#waiting.delete(reply.read);
    if (this.#waiting.size === 0) this.#thread.rest();
    if ('error' in reply) waiting.reject(receiveError(reply.error));
    else waiting.resolve(reply.value);
  }

  #failAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(error);
  }
}
