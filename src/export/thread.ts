/** The entry of an export thread: opens its own ledger and results, then does what the pool says. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteLedger } from '../ledger/sqlite/ledger.ts';
import { FilesystemResults } from '../results/filesystem.ts';
import { serveExports } from './thread-loop.ts';
import type { ThreadData } from './thread-messages.ts';

if (parentPort === null) throw new Error('This file is the entry of a worker thread');
/** Behind the threads that somebody waits for at this moment; an export has its turn whenever they are idle. */
const politePriority = 5;
// On Linux of this thread alone; elsewhere it would be of the whole process.
if (process.platform === 'linux') setPriority(politePriority);

const { ledgerFile, resultsDir }: ThreadData = workerData; // from `ExportThread`, which is the only one to start it
serveExports(parentPort, {
  ledger: await SqliteLedger.open({ file: ledgerFile, reads: 'here' }),
  results: await FilesystemResults.open(resultsDir),
  spoolDir: resultsDir,
});
