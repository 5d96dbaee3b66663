/** Answers that go on: events as HTML's EventSource reads them, until the client or the server has had enough. */
import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import { Failure } from '../audit/failure.ts';
import { type PlaceLimits, Places } from './places.ts';

export const streamLimits: PlaceLimits & { readonly heartbeatMs: number } = Object.freeze({
  perUser: 8,
  inAll: 1_000,
  heartbeatMs: 15_000,
});

/** How soon a client that has lost its stream asks for another. */
const reconnectMs = 3_000;

/** All streams of a server, so that they can be ended together. */
export class EventStreams {
  readonly #places = new Places('streams of events', streamLimits);
  readonly #open = new Set<EventStream>();
  readonly #heartbeatMs: number;
  #isClosed = false;

  /** `connectionIdleMs`: a connection on which nothing moves for so long is closed, so something must. */
  constructor({ connectionIdleMs }: { readonly connectionIdleMs: number }) {
    this.#heartbeatMs = Math.min(streamLimits.heartbeatMs, Math.floor(connectionIdleMs / 3));
  }

  /** Throws TOO_MANY_REQUESTS when the user, or all together, have as many as may be, SERVICE_UNAVAILABLE at a stop. */
  open(reply: FastifyReply, user: string): EventStream {
    if (this.#isClosed) throw new Failure('SERVICE_UNAVAILABLE', 'The server stops', { retryAfterSeconds: 5 });
    const place = this.#places.take(user);
    const stream = new EventStream(reply, this.#heartbeatMs);
    this.#open.add(stream);
    reply.raw.once('close', () => {
      this.#open.delete(stream);
      place[Symbol.dispose]();
    });
    return stream;
  }

  /** Ends all that are open; from now on none is opened. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#open) stream.end();
  }
}

export class EventStream {
  readonly #raw: FastifyReply['raw'];
  readonly #ended = new AbortController();

  /** Sends the head at once: the client then knows that what happens from now on will be told. */
  constructor(reply: FastifyReply, heartbeatMs: number) {
    this.#raw = reply.raw;
    reply.hijack();
    this.#raw.once('close', () => this.#ended.abort());
    this.#raw.writeHead(200, streamHeaders);
    this.#raw.write(`retry: ${reconnectMs}\n\n`);
    const heart = setInterval(() => {
      // While the client takes nothing, nothing is added: the connection's idle time then ends it.
      if (!this.#raw.writableNeedDrain) this.#raw.write(':\n\n');
    }, heartbeatMs).unref();
    this.#ended.signal.addEventListener('abort', () => clearInterval(heart));
  }

  /** Aborted once the stream is over, whoever has ended it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** `data` holds no line break. Resolves when there is room for the next one, or the stream is over. */
  async send(event: string, data: string): Promise<void> {
    if (this.signal.aborted || this.#raw.write(`event: ${event}\ndata: ${data}\n\n`)) return;
    // Rejects when the stream is over, which is no error here.
    await once(this.#raw, 'drain', { signal: this.signal }).catch(() => {});
  }

  /** What was sent before still arrives. */
  end(): void {
    this.#ended.abort();
    this.#raw.end();
  }
}

/** `close`: a stream that ends leaves no connection behind that a server which stops would wait for. */
export const streamHeaders = {
  'content-type': 'text/event-stream;charset=UTF-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  connection: 'close',
} as const;
