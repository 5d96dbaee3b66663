/** PostgreSQL with the settings that it has when nobody sets any, in the stage's folder, behind a Unix socket. */
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { shell } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { missingProgram, peerEnvironment } from './debian.ts';
import { missingPeer, type Peer } from './peer.ts';
import { columnsOf, rowsFile } from './rows.ts';
import { untilUp } from './server-port.ts';
import { ServerProcess } from './server-process.ts';

const name = 'psql \\copy';
const csv = `FORMAT csv, NULL '\\N'`; // so that an empty cell is an empty text, in and out

export async function openPostgres(stage: Stage): Promise<Peer> {
  const missing = missingProgram(['initdb']);
  if (missing !== null) return missingPeer(name, missing);
  const server = await start(stage);
  const input = `
    CREATE TABLE entries (${columnsOf({ number: 'bigint', text: 'text' })}, PRIMARY KEY (time, id));
    \\copy entries FROM '${rowsFile}' WITH (${csv})
    CREATE INDEX by_user ON entries ("Done By Id", time, id);
    VACUUM ANALYZE entries;
    CHECKPOINT;\n`;
  await shell(stage, psql, { input });
  server.pause();
  const sql = (query: string): string => `\\copy (${query}) TO STDOUT WITH (${csv}, HEADER)`;
  return { name, missing: null, dump: `${psql} -c "$SQL"`, sql, server };
}

const psql = 'psql -X -q -v ON_ERROR_STOP=1 -h "$PWD/postgres" -U annals postgres';

async function start(stage: Stage): Promise<ServerProcess> {
  const owner = unprivilegedUser();
  const folder = stage.path('postgres');
  mkdirSync(folder, { mode: 0o700 });
  if (owner !== null) {
    stage.letOthersThrough();
    chownSync(folder, owner.uid, owner.gid);
  }
  await shell(stage, 'initdb -D postgres/data -U annals -A trust --locale=C -E UTF8 >postgres/initdb.log', {
    ...(owner ?? {}),
  });
  const args = ['-D', 'postgres/data', '-k', folder, '-c', 'listen_addresses='];
  const child = stage.spawn('postgres', args, { stdio: 'ignore', env: peerEnvironment(), ...(owner ?? {}) });
  const server = new ServerProcess(child);
  await untilUp(name, server, () => shell(stage, `${psql} -c 'SELECT 1'`));
  return server;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const user = ['postgres:', 'nobody:'].flatMap((wanted) => users.filter((line) => line.startsWith(wanted)))[0];
  const [uid, gid] = user?.split(':').slice(2, 4).map(Number) ?? [];
  if (uid === undefined || gid === undefined) throw new Error('there is no user that PostgreSQL could run as');
  return { uid, gid };
}
