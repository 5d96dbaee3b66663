/** The sealer's thread: makes blocks at the lowest priority, and has the writer's thread store them. */
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { NewBlock } from './block.ts';
import { warn } from './block-store.ts';
import { openForReading } from './file.ts';
import { Sealer } from './sealer.ts';
import type { SealerRequest, StoredReply } from './sealer-client.ts';
import type { ThreadData } from './thread.ts';

/** Between two looks at a log that was sealed as far as it goes. */
const pauseMs = 500;
/** After a problem that is not the sealer's: a full disk does not empty at once, and blocks can wait. */
const problemPauseMs = 30_000;
/** Blocks in one transaction: a few milliseconds of the writer's time. */
const blocksAtOnce = 8;
const lowestPriority = 19;

const { file } = workerData as ThreadData; // set by thread.ts
const parent = parentPort;
if (!parent) throw new Error('the sealer runs as a worker thread only');

const stop = new AbortController();

parent.on('message', (request: SealerRequest) => {
  if (request.kind === 'close') stop.abort();
  else void seal(request.settleMs, request.writer);
});

async function seal(settleMs: number, writer: MessagePort): Promise<void> {
  // On Linux of this thread alone; elsewhere it would be the whole process that waits behind others.
  if (process.platform === 'linux') setPriority(lowestPriority);
  const connection = openForReading(file);
  writer.once('close', () => stop.abort());
  try {
    const sealer = new Sealer(connection, { settleMs, clock: Date.now });
    while (!stop.signal.aborted) {
      const problem = await sealOnce(sealer, writer);
      if (problem !== null) warn(`sealing pauses: ${problem}`);
      const pause = problem === null ? pauseMs : problemPauseMs;
      await wait(pause, undefined, { signal: stop.signal }).catch(() => {}); // told to stop
    }
  } finally {
    connection.close();
    writer.close();
    parent?.close();
  }
}

/** Makes what can be made, or stops at a problem and answers what it is. */
async function sealOnce(sealer: Sealer, writer: MessagePort): Promise<string | null> {
  const made: NewBlock[] = [];
  for (const block of sealer.blocks()) {
    made.push(block);
    if (made.length < blocksAtOnce) continue;
    const problem = await store(sealer, writer, made.splice(0));
    if (problem !== null || stop.signal.aborted) return problem;
  }
  return made.length > 0 ? await store(sealer, writer, made) : null;
}

/** Waits for the answer, so that no more than one transaction's blocks are ever under way. */
async function store(sealer: Sealer, writer: MessagePort, blocks: readonly NewBlock[]): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<StoredReply>();
  const giveUp = () => resolve({ stored: [], problem: null });
  writer.once('message', resolve);
  stop.signal.addEventListener('abort', giveUp, { once: true });
  writer.postMessage(blocks);
  const { stored, problem } = await promise;
  stop.signal.removeEventListener('abort', giveUp);
  writer.off('message', resolve);
  for (const [index, { org }] of blocks.entries()) sealer.stored(org, stored[index] === true);
  return problem;
}
