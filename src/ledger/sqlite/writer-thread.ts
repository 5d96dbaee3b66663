/** The writer's thread: takes batches one after another, in order, and answers each. */
import { parentPort, workerData } from 'node:worker_threads';
import { sendError } from './failures.ts';
import { EntryStore } from './store.ts';
import type { ThreadData } from './thread.ts';
import type { WriterReply, WriterRequest } from './writer.ts';

const { file, maxBytes } = workerData as ThreadData; // set by thread.ts
const port = parentPort;
if (!port) throw new Error('the writer runs as a worker thread only');

let store: EntryStore | null = null;

port.on('message', (request: WriterRequest) => {
  if (request.kind === 'close') {
    store?.close();
    port.close();
    return;
  }
  port.postMessage(answer(request));
});

function answer(request: WriterRequest & { kind: 'append' }): WriterReply {
  try {
    store ??= EntryStore.open(file, maxBytes);
    return { kind: 'stored', outcomes: store.append(request.batch) };
  } catch (error) {
    return { kind: 'failed', error: sendError(error) };
  }
}
