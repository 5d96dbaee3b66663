/** The writer's thread: takes batches one after another, in order, and answers each. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Batch } from './batch.ts';
import type { NewBlock } from './block.ts';
import { sendError } from './failures.ts';
import type { StoredReply } from './sealer-client.ts';
import { EntryStore } from './store.ts';
import type { ThreadData } from './thread.ts';
import type { WriterReply, WriterRequest } from './writer.ts';

const { file, maxBytes } = workerData as ThreadData; // set by thread.ts
const port = parentPort;
if (!port) throw new Error('the writer runs as a worker thread only');

let store: EntryStore | null = null;
const sealers = new Set<MessagePort>();

port.on('message', (request: WriterRequest) => {
  switch (request.kind) {
    case 'append':
      port.postMessage(answer(request.batch));
      break;
    case 'connect':
      connect(request.sealer);
      break;
    case 'close':
      for (const sealer of sealers) sealer.close();
      store?.close();
      port.close();
      break;
    default:
      throw new Error(`unknown request ${request satisfies never}`);
  }
});

function answer(batch: Batch): WriterReply {
  try {
    return { kind: 'stored', outcomes: opened().append(batch) };
  } catch (error) {
    return { kind: 'failed', error: sendError(error) };
  }
}

function connect(sealer: MessagePort): void {
  sealers.add(sealer);
  sealer.on('close', () => sealers.delete(sealer));
  sealer.on('message', (blocks: readonly NewBlock[]) => sealer.postMessage(seal(blocks)));
}

function seal(blocks: readonly NewBlock[]): StoredReply {
  try {
    return { stored: opened().seal(blocks), problem: null };
  } catch (error) {
    return { stored: [], problem: sendError(error).cause };
  }
}

function opened(): EntryStore {
  store ??= EntryStore.open(file, maxBytes);
  return store;
}
