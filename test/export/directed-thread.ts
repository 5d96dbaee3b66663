/** The entry of an export thread on a directed ledger; `ledgerFile` holds its script, as JSON. */
import { BroadcastChannel, parentPort, threadId, workerData } from 'node:worker_threads';
import { serveExports } from '../../src/export/thread-loop.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { type Direction, directedLedger, type Question, type Script } from './directed-ledger.ts';

if (parentPort === null) throw new Error('This file is the entry of a worker thread');
const script: Script = JSON.parse(workerData.ledgerFile);
let questions = 0;

serveExports(parentPort, {
  ledger: { ...directedLedger(script, ask), async [Symbol.asyncDispose]() {} },
  results: await FilesystemResults.open(workerData.resultsDir),
  spoolDir: workerData.resultsDir,
});

async function ask(): Promise<Direction> {
  questions += 1;
  const reply = `${script.channel}-${threadId}-${questions}`;
  const answers = new BroadcastChannel(reply);
  const asks = new BroadcastChannel(script.channel);
  try {
    return await new Promise((resolve) => {
      answers.onmessage = (event) => resolve(event.data);
      asks.postMessage({ reply, threadId } satisfies Question);
    });
  } finally {
    answers.close();
    asks.close();
  }
}
