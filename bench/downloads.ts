/** Downloads of what exports have made, one after the other on one connection. */
import type { Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { Connection, requestBytes } from './connection.ts';
import type { Figure, Section } from './figures.ts';
import type { Ground } from './ground.ts';
import type { Finished } from './jobs.ts';
import type { Plan } from './plan.ts';

export async function measureDownloads(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const server = await ground.sealedServer();
  const { zip, csv } = await ground.jobs();
  await ground.saved();
  const { url } = await startBareServer(stage);
  const figures = [
    await measureDownload(plan, server, { job: zip, name: 'AuditLog.zip', bareUrl: url }),
    await measureDownload(plan, server, { job: csv, name: 'AuditLog.csv', bareUrl: url }),
  ];
  return { title: 'Downloads, one connection', figures, notes: [] };
}

interface Download {
  readonly job: Finished;
  readonly name: string;
  readonly bareUrl: string;
}

async function measureDownload(plan: Plan, server: Server, { job, name, bareUrl }: Download): Promise<Figure> {
  const path = job.files.find((file) => file.endsWith(`/${name}`));
  if (path === undefined) throw new Error(`job ${job.id} has no ${name}`);
  const ours = requestBytes({ method: 'GET', path, token: server.token });
  const theirs = requestBytes({ method: 'GET', path: `/files/${name}` });
  const own: number[] = [];
  const others: number[] = [];
  let bytes = 0;
  server.resetPeak();
  for (let run = 0; run < plan.exportRuns; run += 1) {
    const got = await fetchAgain(server.url, ours, plan.downloadBytes);
    own.push(got.mbPerSecond);
    bytes = got.size;
    others.push((await fetchAgain(bareUrl, theirs, plan.downloadBytes)).mbPerSecond);
  }
  return {
    what: `Download of ${name}, ${(bytes / 1e6).toFixed(1)} MB`,
    unit: 'MB/s',
    values: own,
    references: [{ what: 'node:http and a file stream', values: others }],
    peakMb: server.peakMb(),
  };
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
