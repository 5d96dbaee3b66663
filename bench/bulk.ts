/** A log whose CSV files are as large as is asked for: few entries, each with changes that are as long as they may be. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { init, Server } from './annals.ts';
import { firstSecond } from './entries.ts';
import type { Figure } from './figures.ts';
import { type Finished, runJob } from './jobs.ts';
import { untilSealed } from './sealed.ts';
import type { Stage } from './stage.ts';
import { streamNdjson } from './stream.ts';

const folder = 'bulk';
const valueBytes = 50_000;
const secondsBetween = 60;

export interface BulkFile {
  readonly megabytes: number;
  readonly job: Finished;
}

export interface Bulk {
  readonly server: Server;
  readonly files: readonly BulkFile[];
  /** How fast the long entries came in, with the memory that it took. */
  readonly stream: Figure;
}

/** A server with one finished export for each size: its only file is AuditLog.csv, a little larger than asked for. */
export async function bulkServer(stage: Stage, sizes: readonly number[]): Promise<Bulk> {
  await init(stage, folder);
  const { files, stream } = await makeFiles(stage, sizes);
  // A fresh one, so that what is measured of it next is none of the stream's memory.
  return { server: await Server.start(stage, folder), files, stream };
}

async function makeFiles(stage: Stage, sizes: readonly number[]): Promise<Pick<Bulk, 'files' | 'stream'>> {
  const count = (megabytes: number): number => Math.ceil((megabytes * 1e6) / valueBytes);
  const entries = Math.max(...sizes.map(count));
  const path = stage.path('bulk.ndjson');
  await pipeline(linesOf(entries), createWriteStream(path));
  await using server = await Server.start(stage, folder);
  const seconds = await streamNdjson(server, path, entries);
  const stream: Figure = {
    what: `NDJSON, one stream of ${entries.toLocaleString('en')} entries of 50 kB each, durable`,
    unit: 'MB/s',
    values: [statSync(path).size / 1e6 / seconds],
    peakMb: server.peakMb(),
  };
  await stage.remove('bulk.ndjson');
  await untilSealed(stage, folder);
  const files: BulkFile[] = [];
  for (const megabytes of sizes) {
    const to = firstSecond + count(megabytes) * secondsBetween - 1;
    files.push({ megabytes, job: await runJob(server, { from: firstSecond, to }) });
  }
  return { files, stream };
}

function* linesOf(entries: number): Generator<string> {
  for (let place = 0; place < entries; place += 1) {
    const entry = {
      id: String(place + 1),
      audited_time: new Date((firstSecond + place * secondsBetween) * 1000).toISOString(),
      action: 'updated',
      done_by: { id: '100000000000000001', name: 'Ada Sample' },
      module: { api_name: 'Documents' },
      record: { id: '1', name: 'A long document' },
      changes: [{ field: 'Text', old: '', new: randomBytes(valueBytes / 2).toString('hex') }],
    };
    yield `${JSON.stringify(entry)}\n`;
  }
}
