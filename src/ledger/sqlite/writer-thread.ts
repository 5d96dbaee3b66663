/**
 * The writer's thread: takes batches one after another and answers each. Those of few rows go before those of many, for
 * somebody waits for each of them. Between two batches it hears what has come in, sealed blocks among it.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { NewBlock } from './block.ts';
import { sendError } from './failures.ts';
import type { StoredReply } from './sealer-client.ts';
import { EntryStore } from './store.ts';
import type { ThreadData } from './thread.ts';
import type { AppendRequest, WriterReply, WriterRequest } from './writer.ts';

const { file, maxBytes } = workerData as ThreadData; // set by thread.ts
const port = parentPort;
if (!port) throw new Error('the writer runs as a worker thread only');

let store: EntryStore | null = null;
const sealers = new Set<MessagePort>();
/** What has come in, each kind in its order. */
const waiting: Record<AppendRequest['kind'], AppendRequest[]> = { few: [], many: [] };
let isDue = false;

port.on('message', (request: WriterRequest) => {
  switch (request.kind) {
    case 'few':
    case 'many':
      waiting[request.kind].push(request);
      storeSoon();
      break;
    case 'connect':
      connect(request.sealer);
      break;
    case 'close':
      // Sent when nothing is waiting.
      for (const sealer of sealers) sealer.close();
      store?.close();
      port.close();
      break;
    default:
      throw new Error(`unknown request ${request satisfies never}`);
  }
});

/** One batch at the end of a turn of the event loop, when all that has come in until then is known. */
function storeSoon(): void {
  if (isDue) return;
  isDue = true;
  setImmediate(storeNext);
}

function storeNext(): void {
  const next = waiting.few.shift() ?? waiting.many.shift();
  if (next) port?.postMessage(answer(next));
  isDue = false;
  if (waiting.few.length + waiting.many.length > 0) storeSoon();
}

function answer({ ticket, batch }: AppendRequest): WriterReply {
  try {
    return { kind: 'stored', ticket, ...opened().append(batch) };
  } catch (error) {
    return { kind: 'failed', ticket, error: sendError(error) };
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
