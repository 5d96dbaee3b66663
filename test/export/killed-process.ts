/** Run by `kill.test.ts` as a process of its own: works on the jobs of a folder until it is killed in the middle of one. */
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { ExportWorkers } from '../../src/export/worker.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import type { Script } from './directed-ledger.ts';
import { jobSetup } from './job-setup.ts';

const dir = process.argv[2] ?? '';
const script: Script = { channel: 'killed', rows: 1_000, askAt: 500 };
const { jobs } = await jobSetup({}, join(dir, 'annals.sqlite'));
const results = await FilesystemResults.open(join(dir, 'results'));
const say = (fields: object, message: string): void => console.error(message, fields);
const pool = new ExportWorkers({
  jobs,
  results,
  threads: 1,
  threadData: { ledgerFile: JSON.stringify(script), resultsDir: join(dir, 'results') },
  threadFile: new URL('./directed-thread.ts', import.meta.url),
  log: { info: say, warn: say, error: say },
});
new BroadcastChannel('killed').onmessage = () => console.log('in the middle of an export');
pool.start();
