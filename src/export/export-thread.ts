import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Progress } from './jobs.ts';
import type { ExportOutcome } from './run.ts';
import { type ExportTask, errorOf, type FromThread, type ThreadData, type ToThread } from './thread-messages.ts';

/** The compiled package has the same file under another extension, which `tsc` does not rewrite in a URL. */
const threadFile = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

/**
 * Bounds on a thread's own heap. Lines are bytes outside it, so an export needs little; and a small young generation makes
 * V8 let go of the buffers soon.
 */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 };

/** The thread ended in the middle of its work. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
  readonly ranOutOfMemory: boolean;

  constructor(message: string, options: ErrorOptions & { readonly ranOutOfMemory: boolean }) {
    super(message, options);
    this.ranOutOfMemory = options.ranOutOfMemory;
  }
}

interface CurrentRun {
  readonly onProgress: (progress: Progress) => void;
  readonly resolve: (outcome: ExportOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread that runs exports one at a time, seen from the main thread. */
export class ExportThread {
  readonly #worker: Worker;
  readonly #exit: Promise<unknown>;
  #run: CurrentRun | null = null;
  #hasRun = false;
  #isAlive = true;
  #cause: Error | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exit = once(worker, 'exit').catch(() => {}); // `once` rejects on 'error'; that one is kept in `#cause`
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', (error) => {
      this.#cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => this.#ended());
  }

  static start(data: ThreadData, file: URL = threadFile): ExportThread {
    return new ExportThread(new Worker(file, { workerData: data, resourceLimits, name: 'annals export' }));
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Rejects with the export's error, or with ThreadEnded when the thread did not survive it. */
  run(task: ExportTask, onProgress: (progress: Progress) => void): Promise<ExportOutcome> {
    if (!this.#isAlive || this.#run !== null) throw new Error('The thread is not free');
    const { promise, resolve, reject } = Promise.withResolvers<ExportOutcome>();
    this.#run = { onProgress, resolve, reject };
    this.#hasRun = true;
    this.#say({ kind: 'run', task });
    return promise;
  }

  /** Asks the export that runs to stop; `run` then rejects. */
  abort(): void {
    if (this.#isAlive) this.#say({ kind: 'abort' });
  }

  /** Ends the thread: politely when it is free and answers in time, else at once; so also one that has done nothing yet. */
  async end(politeMs: number): Promise<void> {
    if (!this.#isAlive) return;
    if (this.#run === null && this.#hasRun) {
      this.#say({ kind: 'close' });
      await Promise.race([this.#exit, delay(politeMs, undefined, { ref: false })]);
    }
    if (this.#isAlive) await this.#worker.terminate();
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    const run = this.#run;
    if (run === null) return;
    if (message.kind === 'progress') {
      run.onProgress({ entries: message.rows, total: message.total });
      return;
    }
    this.#run = null;
    if (message.kind === 'done') run.resolve(message.outcome);
    else run.reject(errorOf(message.error));
  }

  #ended(): void {
    this.#isAlive = false;
    const run = this.#run;
    this.#run = null;
    const cause = this.#cause;
    const ranOutOfMemory = cause !== null && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
    run?.reject(
      new ThreadEnded('The thread ended in the middle of an export', {
        ranOutOfMemory,
        ...(cause === null ? {} : { cause }),
      }),
    );
  }
}
