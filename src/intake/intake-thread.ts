/** The intake thread: reads streams of NDJSON, so that the main thread does nothing for the single entry. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { zoneNamed } from '../audit/zones.ts';
import { buffersOf, type RowColumns } from '../ledger/columns.ts';
import type { AppendedColumns } from '../ledger/ledger.ts';
import type { IntakeDesk, Resolved } from './desk.ts';
import { importNdjson } from './import-ndjson.ts';
import {
  type Answer,
  type FromStream,
  type Question,
  type StreamSettings,
  sendError,
  type ToIntakeThread,
  type ToStream,
} from './intake-messages.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
parentPort.on('message', ({ port, settings }: ToIntakeThread) => void readStream(new StreamPort(port), settings));

async function readStream(port: StreamPort, { timeZone, ...limits }: StreamSettings): Promise<void> {
  try {
    const { accepted, duplicates, rejected } = await importNdjson(port.chunks(), {
      ...limits,
      zone: zoneNamed(timeZone),
      desk: port.desk,
      hasMore: () => port.hasMore,
      onProgress: (counts) => port.say({ kind: 'progress', accepted: counts.accepted, duplicates: counts.duplicates }),
    });
    port.say({ kind: 'done', counts: { accepted, duplicates, rejected } });
  } catch (error) {
    port.say({ kind: 'failed', error: sendError(error) });
  } finally {
    port.close();
  }
}

/** One stream, seen from its reader: bytes come in, questions go out. */
class StreamPort {
  readonly #port: MessagePort;
  readonly #chunks: Uint8Array[] = [];
  #isOver = false;
  #isBroken = false;
  #wake: (() => void) | null = null;
  readonly #asked = new Map<number, PromiseWithResolvers<Answer>>();
  #lastTicket = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: ToStream) => this.#hear(message));
  }

  readonly desk: IntakeDesk = {
    // The answers are of their questions' kinds: the other side is intake.ts.
    resolveModules: async (refs) => (await this.#ask({ kind: 'modules', refs })) as readonly string[],
    resolve: async (refs, ids) => (await this.#ask({ kind: 'users', refs, ids })) as Resolved,
    append: async (columns: RowColumns) =>
      (await this.#ask({ kind: 'append', columns }, buffersOf(columns))) as AppendedColumns,
  };

  get hasMore(): boolean {
    return this.#chunks.length > 0;
  }

  say(message: FromStream, buffers: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, buffers);
  }

  close(): void {
    this.#port.close();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
        this.say({ kind: 'taken', bytes: chunk.byteLength });
        yield chunk;
      }
      if (this.#isBroken) throw new Error('the source broke off');
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #ask(question: Question, buffers: ArrayBuffer[] = []): Promise<Answer> {
    const asked = Promise.withResolvers<Answer>();
    this.#lastTicket += 1;
    this.#asked.set(this.#lastTicket, asked);
    this.say({ kind: 'ask', ticket: this.#lastTicket, question }, buffers);
    return asked.promise;
  }

  #hear(message: ToStream): void {
    switch (message.kind) {
      case 'chunk':
        this.#chunks.push(message.bytes);
        break;
      case 'end':
        this.#isOver = true;
        break;
      case 'stop':
        this.#isBroken = true;
        break;
      case 'answer':
        this.#settle(message.ticket).resolve(message.answer);
        return;
      case 'refused':
        this.#settle(message.ticket).reject(new Error('the desk refused'));
        return;
      default:
        throw new Error(`unknown message ${message satisfies never}`);
    }
    this.#wake?.();
    this.#wake = null;
  }

  #settle(ticket: number): PromiseWithResolvers<Answer> {
    const asked = this.#asked.get(ticket);
    if (asked === undefined) throw new Error(`an answer to nothing that was asked: ${ticket}`);
    this.#asked.delete(ticket);
    return asked;
  }
}
