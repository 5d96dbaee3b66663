import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Failure } from '../audit/failure.ts';
import type { IntakeDesk } from './desk.ts';
import {
  type Answer,
  type FromStream,
  type Question,
  receiveError,
  type StreamSettings,
  type ToIntakeThread,
  type ToStream,
} from './intake-messages.ts';
import type { Progress } from './record-batches.ts';
import type { Counts } from './tally.ts';

/** Bytes that come by themselves, and can be held up. */
export interface ByteFeed {
  /** Begins. `onChunk` gets each piece, then `onEnd` is called once: with what went wrong, or with null. */
  open(onChunk: (bytes: Uint8Array) => void, onEnd: (error: unknown) => void): void;
  pause(): void;
  resume(): void;
  /** Calls nothing any more. */
  close(): void;
}

export interface StreamTask extends StreamSettings {
  readonly desk: IntakeDesk;
  readonly onProgress: (progress: Progress) => void;
}

/** Bytes of one stream that are on their way to the thread, or wait there: then the feed is held up. */
const maxBytesAhead = 1024 * 1024;
const retryAfterSeconds = 1;

/** Bounds on the thread's own heap; what it hands on lies outside. A young generation of this size keeps most from being copied. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

/** Compiled for publication, the thread's file ends like this one. */
const threadFile = new URL(
  import.meta.url.endsWith('.ts') ? './intake-thread.ts' : './intake-thread.js',
  import.meta.url,
);

/**
 * Records streams of NDJSON by way of the intake thread, which is started by the first of them, and anew when it has died.
 * As `importNdjson`, which runs there; `stop` or a source that breaks off end the stream in order.
 */
export class Intake implements AsyncDisposable {
  readonly #file: URL;
  #worker: Worker | null = null;
  readonly #streams = new Set<OpenStream>();

  constructor(file: URL = threadFile) {
    this.#file = file;
  }

  async record(feed: ByteFeed, { desk, onProgress, ...settings }: StreamTask): Promise<Counts> {
    const { port1, port2 } = new MessageChannel();
    const stream = new OpenStream(port1, desk, onProgress);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#streams.add(stream);
    try {
      worker.ref();
      const hello: ToIntakeThread = { port: port2, settings };
      worker.postMessage(hello, [port2]);
      return await stream.run(feed);
    } finally {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#worker?.unref();
    }
  }

  /** Ends the thread. A stream that is open fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#file, { name: 'annals intake', resourceLimits });
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null;
      const failure = new Failure('SERVICE_UNAVAILABLE', 'The intake of entries stopped', { cause, retryAfterSeconds });
      for (const stream of this.#streams) stream.fail(failure);
    });
    return worker;
  }
}

/** One stream, seen from the main thread. */
class OpenStream {
  readonly #port: MessagePort;
  readonly #desk: IntakeDesk;
  readonly #onProgress: (progress: Progress) => void;
  readonly #result = Promise.withResolvers<Counts>();
  #feed: ByteFeed | null = null;
  #bytesAhead = 0;
  #isPaused = false;
  /** What went wrong on this side of the port: it ends the stream, and is what the caller is told. */
  #problem: { readonly error: unknown } | null = null;

  constructor(port: MessagePort, desk: IntakeDesk, onProgress: (progress: Progress) => void) {
    this.#port = port;
    this.#desk = desk;
    this.#onProgress = onProgress;
    port.on('message', (message: FromStream) => this.#hear(message));
  }

  /** Whatever happens, what was on its way to the ledger has been settled when it ends; only a dead thread cannot wait. */
  async run(feed: ByteFeed): Promise<Counts> {
    this.#feed = feed;
    feed.open(
      (bytes) => this.#send(bytes),
      (error) => this.#ended(error),
    );
    try {
      return await this.#result.promise;
    } finally {
      feed.close();
      this.#port.close();
    }
  }

  fail(error: Error): void {
    this.#result.reject(error);
  }

  #send(chunk: Uint8Array): void {
    const bytes = ownBuffer(chunk);
    this.#bytesAhead += bytes.byteLength;
    this.#say({ kind: 'chunk', bytes }, [bytes.buffer]);
    if (this.#bytesAhead < maxBytesAhead) return;
    this.#isPaused = true;
    this.#feed?.pause();
  }

  #ended(error: unknown): void {
    if (error === null) this.#say({ kind: 'end' });
    else this.#breakOff(error);
  }

  #breakOff(error: unknown): void {
    this.#problem ??= { error };
    this.#say({ kind: 'stop' });
  }

  #say(message: ToStream, buffers: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, buffers);
  }

  #hear(message: FromStream): void {
    switch (message.kind) {
      case 'taken':
        this.#bytesAhead -= message.bytes;
        if (this.#isPaused && this.#bytesAhead < maxBytesAhead / 2) {
          this.#isPaused = false;
          this.#feed?.resume();
        }
        break;
      case 'ask':
        void this.#reply(message.ticket, message.question);
        break;
      case 'progress':
        this.#onProgress(message);
        break;
      case 'done':
        if (this.#problem === null) this.#result.resolve(message.counts);
        else this.#result.reject(this.#problem.error);
        break;
      case 'failed':
        this.#result.reject(this.#problem === null ? receiveError(message.error) : this.#problem.error);
        break;
      default:
        throw new Error(`unknown message ${message satisfies never}`);
    }
  }

  async #reply(ticket: number, question: Question): Promise<void> {
    try {
      this.#say({ kind: 'answer', ticket, answer: await this.#answer(question) });
    } catch (error) {
      this.#problem ??= { error };
      this.#say({ kind: 'refused', ticket });
    }
  }

  #answer(question: Question): Promise<Answer> {
    switch (question.kind) {
      case 'modules':
        return this.#desk.resolveModules(question.refs);
      case 'users':
        return this.#desk.resolve(question.refs, question.ids);
      case 'append':
        return this.#desk.append(question.columns);
      default:
        throw new Error(`unknown question ${question satisfies never}`);
    }
  }
}

/** The bytes in a buffer that holds nothing else, so that it can be handed over. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const isOwn = byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
  return isOwn ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
