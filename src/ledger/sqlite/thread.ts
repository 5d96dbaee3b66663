/** A worker thread of the ledger: started when it is first needed, and anew when it has died. */
import { once } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import { unavailable } from './failures.ts';

type ThreadName = 'writer' | 'reader' | 'sealer';

/** What a thread is given at its start. */
export interface ThreadData {
  readonly file: string;
  readonly maxBytes: number | null;
}

export interface ThreadEvents<Reply> {
  readonly onReply: (reply: Reply) => void;
  /** The thread has died, and with it all that was asked of it. */
  readonly onDeath: (error: Error) => void;
}

/** Compiled for publication, the threads' files end like this one. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export class Thread<Request, Reply> {
  readonly #name: ThreadName;
  readonly #data: ThreadData;
  readonly #events: ThreadEvents<Reply>;
  #worker: Worker | null = null;
  #isEnding = false;

  constructor(name: ThreadName, data: ThreadData, events: ThreadEvents<Reply>) {
    this.#name = name;
    this.#data = data;
    this.#events = events;
  }

  /** Keeps the process alive until `rest`. What is transferred is gone here. */
  post(request: Request, transfer: readonly Transferable[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(request, transfer);
  }

  /** Nothing is under way: an idle thread does not keep the process from ending. Whoever waits for its end does. */
  rest(): void {
    if (!this.#isEnding) this.#worker?.unref();
  }

  /** Sends the last request, upon which the thread ends by itself, and waits for its end. */
  async end(request: Request): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const ended = once(worker, 'exit');
    this.#isEnding = true;
    worker.ref();
    worker.postMessage(request);
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./${this.#name}-thread.${extension}`, import.meta.url), {
      name: `ledger-${this.#name}`,
      workerData: this.#data,
    });
    let cause: unknown;
    worker.on('message', this.#events.onReply);
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      this.#worker = null;
      this.#isEnding = false;
      this.#events.onDeath(unavailable(`The ledger's ${this.#name} stopped`, cause));
    });
    return worker;
  }
}
