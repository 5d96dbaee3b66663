/** The reader's thread. Reads run side by side, piece by piece: `LedgerReader` lets the others in between two pieces. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Chunk } from '../ledger.ts';
import { sendError } from './failures.ts';
import { LedgerReader } from './reader.ts';
import type { ReadReply, ReadRequest } from './reader-client.ts';
import type { ThreadData } from './thread.ts';

interface Running {
  readonly stop: AbortController;
  /** Of an export; null for a read that answers once. */
  chunks: AsyncIterator<Chunk> | null;
}

const { file } = workerData as ThreadData; // set by thread.ts
const port = parentPort;
if (!port) throw new Error('the reader runs as a worker thread only');

let reader: LedgerReader | null = null;
const running = new Map<number, Running>();

port.on('message', (request: ReadRequest) => {
  if (request.kind === 'close') {
    for (const { stop } of running.values()) stop.abort();
    reader?.close();
    port.close();
    return;
  }
  if (request.kind === 'stop') {
    void end(request.read);
    return;
  }
  void answer(request);
});

type Question = Exclude<ReadRequest, { kind: 'close' } | { kind: 'stop' }>;

async function answer(request: Question): Promise<void> {
  const { read } = request;
  try {
    if (request.kind === 'next') replyWithChunk(read, await nextChunk(read));
    else reply({ read, value: await resultOf(request) });
  } catch (error) {
    reply({ read, error: sendError(error) });
  }
}

async function resultOf(request: Exclude<Question, { kind: 'next' }>): Promise<unknown> {
  reader ??= LedgerReader.open(file);
  if (request.kind === 'lastArrival') return reader.lastArrival(request.org);
  if (request.kind === 'span') return reader.span(request.query);
  const stop = new AbortController();
  running.set(request.read, { stop, chunks: null });
  if (request.kind === 'open') {
    const options = { rowsPerFile: request.rowsPerFile, signal: stop.signal };
    running.set(request.read, { stop, chunks: reader.chunks(request.query, options)[Symbol.asyncIterator]() });
    return null;
  }
  try {
    return await looked(reader, request, stop.signal);
  } finally {
    running.delete(request.read);
  }
}

/** What takes its time, and can be stopped. */
function looked(
  reading: LedgerReader,
  request: Extract<Question, { kind: 'count' | 'search' | 'histogram' }>,
  signal: AbortSignal,
): Promise<unknown> {
  switch (request.kind) {
    case 'count':
      return reading.count(request.query, signal);
    case 'search':
      return reading.search(request.query, { ...request.options, signal });
    case 'histogram':
      return reading.histogram(request.query, { ...request.options, signal });
  }
}

async function nextChunk(read: number): Promise<Chunk | null> {
  const result = await running.get(read)?.chunks?.next();
  return result && !result.done ? result.value : null;
}

/** The signal ends a piece-by-piece read that is under way, `return` an export that waits to be asked. */
async function end(read: number): Promise<void> {
  const one = running.get(read);
  running.delete(read);
  one?.stop.abort();
  await one?.chunks?.return?.();
}

function reply(message: ReadReply): void {
  port?.postMessage(message);
}

/** Hands the bytes over instead of copying them. Small buffers are parts of a pool, which has to stay. */
function replyWithChunk(read: number, chunk: Chunk | null): void {
  const bytes = chunk && (chunk.kind === 'sealed' ? chunk.packed : chunk.bytes);
  const whole = bytes && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : null;
  port?.postMessage({ read, value: chunk }, whole instanceof ArrayBuffer ? [whole] : []);
}
