import type { MessagePort } from 'node:worker_threads';
import type { Ledger } from '../ledger/ledger.ts';
import type { ResultsStore } from '../results/results.ts';
import { runExport } from './run.ts';
import { type ExportTask, errorText, type FromThread, type ToThread } from './thread-messages.ts';

export interface ThreadParts {
  readonly ledger: Pick<Ledger, 'count' | 'chunks'> & AsyncDisposable;
  readonly results: ResultsStore;
  readonly spoolDir: string;
}

/** Often enough for a progress bar, seldom enough to cost nothing: after so many rows, or where few are found after a time. */
const rowsPerMessage = 10_000;
const messageEveryMs = 250;

/** Runs one export after the other, as the port says, until it says `close`. */
export function serveExports(port: MessagePort, parts: ThreadParts): void {
  let running: AbortController | null = null;
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'run': {
        const controller = new AbortController();
        running = controller;
        void answer(port, parts, message.task, controller.signal);
        break;
      }
      case 'abort':
        running?.abort();
        break;
      case 'close':
        void close(port, parts);
        break;
      default:
        throw new Error(`unknown message ${message satisfies never}`);
    }
  });
}

/** Never rejects: what goes wrong is the answer. */
async function answer(port: MessagePort, parts: ThreadParts, task: ExportTask, signal: AbortSignal): Promise<void> {
  const say = (message: FromThread): void => port.postMessage(message);
  let said = 0;
  let saidAt = 0;
  try {
    const outcome = await runExport(parts, task, {
      spoolDir: parts.spoolDir,
      signal,
      onProgress: (rows, total) => {
        // The first one tells how many there are in all.
        const now = performance.now();
        if (rows > 0 && rows < said + rowsPerMessage && now < saidAt + messageEveryMs) return;
        said = rows;
        saidAt = now;
        say({ kind: 'progress', rows, total });
      },
    });
    say({ kind: 'done', outcome });
  } catch (error) {
    say({ kind: 'failed', error: errorText(error) });
  }
}

/** Once the port is closed nothing keeps the thread alive. */
async function close(port: MessagePort, parts: ThreadParts): Promise<void> {
  try {
    await parts.ledger[Symbol.asyncDispose]();
    await parts.results[Symbol.asyncDispose]();
  } finally {
    port.close();
  }
}
