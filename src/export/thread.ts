/** The entry of an export thread: opens its own ledger and results, then does what the pool says. */
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteLedger } from '../ledger/sqlite/ledger.ts';
import { FilesystemResults } from '../results/filesystem.ts';
import { serveExports } from './thread-loop.ts';
import type { ThreadData } from './thread-messages.ts';

if (parentPort === null) throw new Error('This file is the entry of a worker thread');
const { ledgerFile, resultsDir }: ThreadData = workerData; // from `ExportThread`, which is the only one to start it
serveExports(parentPort, {
  ledger: await SqliteLedger.open({ file: ledgerFile, reads: 'here' }),
  results: await FilesystemResults.open(resultsDir),
  spoolDir: resultsDir,
});
