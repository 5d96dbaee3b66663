/** Downloads of what exports have made, beside a file server that serves the same files. */
import { copyFile, mkdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { type BulkFile, bulkServer } from './bulk.ts';
import { groupsOf } from './charts.ts';
import { Connection, requestBytes } from './connection.ts';
import { saveFiles } from './exports.ts';
import { type Figure, type Section, timesAsGood, type Verdict } from './figures.ts';
import type { Ground } from './ground.ts';
import { type FileServer, startNginx } from './peers/nginx.ts';

const atOnce = [1, 8, 64];
const folder = 'files';

interface Servers {
  readonly server: Server;
  readonly nginx: FileServer;
  readonly bareUrl: string;
}

export async function measureDownloads(ground: Ground): Promise<Section> {
  await ground.stopServer();
  const { stage, plan } = ground;
  const { server, files, stream } = await bulkServer(stage, plan.downloadMegabytes);
  await using _ = server;
  await mkdir(stage.path(folder));
  for (const { megabytes, job } of files) {
    const [path] = await saveFiles(stage, server, [job]);
    if (path === undefined) throw new Error(`job ${job.id} has no file`);
    for (const to of [stage.path(`${folder}/${megabytes}`), stage.path(`${megabytes}`)]) await copyFile(path, to);
  }
  const nginx = await startNginx(stage, folder);
  const { url: bareUrl } = await startBareServer(stage);
  const figures: Figure[] = [stream];
  const verdicts: Verdict[] = [];
  for (const file of files) {
    for (const connections of atOnce) {
      const figure = await measureDownload(ground, { server, nginx, bareUrl }, { file, connections });
      figures.push(figure);
      verdicts.push(timesAsGood(`8. ${figure.what}`, figure, { wanted: 0.9, groups: ['nginx'] }));
    }
  }
  const charts = [
    groupsOf({ name: 'downloads', title: 'Downloads', figures: figures.slice(1), of: ['nginx', 'node:http'] }),
  ];
  return { title: 'Downloads', figures, notes: [], verdicts, charts };
}

interface Trial {
  readonly file: BulkFile;
  readonly connections: number;
}

async function measureDownload(ground: Ground, servers: Servers, { file, connections }: Trial): Promise<Figure> {
  const { server, nginx, bareUrl } = servers;
  const { exportRuns, downloadMs } = ground.plan;
  const [path] = file.job.files;
  if (path === undefined) throw new Error(`job ${file.job.id} has no file`);
  const rate = (url: string, request: Buffer): Promise<number> => fetchFor(downloadMs, { url, request, connections });
  const own: number[] = [];
  const nginxRates: number[] = [];
  const bareRates: number[] = [];
  server.resetPeak();
  for (let run = 0; run < exportRuns; run += 1) {
    own.push(await rate(server.url, requestBytes({ method: 'GET', path, token: server.token })));
    if (nginx.missing === null) {
      nginx.server?.resume();
      nginxRates.push(await rate(nginx.url, requestBytes({ method: 'GET', path: `/${file.megabytes}` })));
      nginx.server?.pause();
    }
    bareRates.push(await rate(bareUrl, requestBytes({ method: 'GET', path: `/files/${file.megabytes}` })));
  }
  const count = connections === 1 ? '1 connection' : `${connections} connections`;
  return {
    what: `Download of ${file.megabytes} MB, ${count}`,
    unit: 'MB/s',
    values: own,
    references: [
      {
        what: 'nginx',
        group: 'nginx',
        values: nginxRates,
        ...(nginx.missing === null ? {} : { missing: nginx.missing }),
      },
      { what: 'node:http and a file stream', group: 'node:http', values: bareRates },
    ],
    peakMb: server.peakMb(),
  };
}

interface Fetching {
  readonly url: string;
  readonly request: Buffer;
  readonly connections: number;
}

/** Each connection asks again when it has the file. MB/s of all of them, once they all have begun. */
async function fetchFor(ms: number, { url, request, connections }: Fetching): Promise<number> {
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(url, 256 * 1024)));
  let isOver = false;
  const fetching = all.map(async (connection) => {
    while (!isOver) {
      const answer = await connection.request(request, false);
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status} instead of a file`);
    }
  });
  const settled = Promise.allSettled(fetching);
  const received = (): number => all.reduce((total, connection) => total + connection.received, 0);
  const failed = Promise.race(fetching); // one fails at once, or none ends before it is told to
  await Promise.race([failed, wait(ms / 5)]);
  const [before, startedAt] = [received(), performance.now()];
  await Promise.race([failed, wait(ms)]);
  const mbPerSecond = (received() - before) / 1e6 / ((performance.now() - startedAt) / 1000);
  isOver = true;
  for (const connection of all) connection[Symbol.dispose]();
  failed.catch(() => {}); // the connections are cut: what they were waiting for fails
  await settled;
  return mbPerSecond;
}
