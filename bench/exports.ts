/** Exports through the API, from create to finished, and the downloads of what they made. */
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { Connection, requestBytes } from './connection.ts';
import { firstSecond, lastSecond, oneAction, oneModule, onePerson } from './entries.ts';
import { type Figure, largest } from './figures.ts';
import { type Condition, type Finished, runJob } from './jobs.ts';
import { PlainExport } from './plain-sqlite.ts';
import type { Plan } from './plan.ts';
import type { Stage } from './stage.ts';

interface ExportCase {
  readonly what: string;
  readonly condition: Condition | null;
  /** The same for the plain table. */
  readonly where: string;
}

export interface Exported {
  readonly figures: readonly Figure[];
  readonly zip: Finished;
  readonly csv: Finished;
}

export async function measureExports(stage: Stage, plan: Plan, server: Server): Promise<Exported> {
  const total = plan.entries + plan.moreEntries;
  const everything = await measureExport(stage, plan, server, {
    what: 'Everything',
    condition: null,
    where: 'true',
  });
  if (everything.last.entries !== total)
    throw new Error(`the log holds ${total}, the export ${everything.last.entries}`);
  const stretch = await measureExport(stage, plan, server, stretchOf(total));
  const figures = [everything.figure, stretch.figure];
  for (const one of filtered) figures.push((await measureExport(stage, plan, server, one)).figure);
  return { figures, zip: everything.last, csv: stretch.last };
}

const filtered: readonly ExportCase[] = [
  {
    what: 'One user (1 %)',
    condition: { field: 'done_by', comparator: 'equal', value: { id: onePerson } },
    where: `"Done By Id" = '${onePerson}'`,
  },
  {
    what: 'One module (a third)',
    condition: { field: 'module', comparator: 'equal', value: { api_name: oneModule } },
    where: `Module = '${oneModule}'`,
  },
  {
    what: 'One action (a fifth)',
    condition: { field: 'action', comparator: 'equal', value: oneAction },
    where: `Action = '${oneAction}'`,
  },
];

/** The first 100,000 entries, or a handful fewer: as many as a CSV may hold. */
function stretchOf(total: number): ExportCase {
  const end = firstSecond + Math.floor(((lastSecond + 1 - firstSecond) * 100_000) / total) - 1;
  const value = [firstSecond, end].map((second) => new Date(second * 1000).toISOString());
  return {
    what: 'A stretch of time',
    condition: { field: 'audited_time', comparator: 'between', value },
    where: `time BETWEEN ${firstSecond} AND ${end}`,
  };
}

async function measureExport(
  stage: Stage,
  plan: Plan,
  server: Server,
  { what, condition, where }: ExportCase,
): Promise<{ figure: Figure; last: Finished }> {
  // The first starts the thread and fills the caches, as the first export of a day does; it is not counted.
  let last = await runJob(server, condition);
  const container = last.files[0]?.endsWith('.zip') ? 'zip' : 'csv';
  const plain = new PlainExport(stage, where, container);
  const seconds: number[] = [];
  const peaks: (number | null)[] = [];
  const processor: number[] = [];
  for (let run = 0; run < plan.exportRuns; run += 1) {
    server.resetPeak();
    const before = server.processorSeconds();
    last = await runJob(server, condition);
    seconds.push(last.seconds);
    peaks.push(server.peakMb());
    processor.push(server.processorSeconds() - before);
    await plain.run();
  }
  const figure: Figure = {
    what: `${what}: ${last.entries.toLocaleString('en')} as ${container.toUpperCase()}`,
    unit: 's',
    values: seconds,
    references: [plain.reference()],
    peakMb: largest(peaks),
    processorSeconds: processor,
  };
  return { figure, last };
}

/** Downloads, one after the other on one connection. */
export async function measureDownloads(
  stage: Stage,
  plan: Plan,
  server: Server,
  { zip, csv }: Pick<Exported, 'zip' | 'csv'>,
): Promise<Figure[]> {
  const bare = await startBareServer(stage);
  const figures: Figure[] = [];
  for (const [name, job] of [['AuditLog.zip', zip] as const, ['AuditLog.csv', csv] as const]) {
    const path = job.files.find((file) => file.endsWith(`/${name}`));
    if (path === undefined) throw new Error(`job ${job.id} has no ${name}`);
    const own: number[] = [];
    const others: number[] = [];
    let size = 0;
    server.resetPeak();
    for (let run = 0; run < plan.exportRuns; run += 1) {
      const ours = requestBytes({ method: 'GET', path, token: server.token });
      const first = await fetchAgain(server.url, ours, plan.downloadBytes);
      own.push(first.mbPerSecond);
      size = first.size;
      const theirs = requestBytes({ method: 'GET', path: `/files/${name}` });
      others.push((await fetchAgain(bare.url, theirs, plan.downloadBytes)).mbPerSecond);
    }
    figures.push({
      what: `Download of ${name}, ${(size / 1e6).toFixed(1)} MB`,
      unit: 'MB/s',
      values: own,
      references: [{ what: 'node:http and a file stream', values: others }],
      peakMb: server.peakMb(),
    });
  }
  return figures;
}

async function fetchAgain(url: string, request: Buffer, bytes: number): Promise<{ mbPerSecond: number; size: number }> {
  using connection = await Connection.open(url, 2 ** 20);
  await connection.request(request, false);
  const startedAt = performance.now();
  let size = 0;
  let got = 0;
  while (got < bytes) {
    const answer = await connection.request(request, false);
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status} instead of a file`);
    size = answer.bytes;
    got += size;
  }
  return { mbPerSecond: got / 1e6 / ((performance.now() - startedAt) / 1000), size };
}

/** Saves the files under their own names in the stage's folder: to be served by others, and to be imported. */
export async function saveFiles(stage: Stage, server: Server, jobs: readonly Finished[]): Promise<void> {
  for (const file of jobs.flatMap((job) => job.files)) {
    const headers = { authorization: `Zoho-oauthtoken ${server.token}` };
    const answer = await fetch(server.url + file, { headers });
    if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status} instead of ${file}`);
    await writeFile(stage.path(basename(file)), answer.body);
  }
}
