/** nginx, which serves the files of a folder, with the settings of Debian's package where they touch a download. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Connection, requestBytes } from '../connection.ts';
import type { Stage } from '../stage.ts';
import { missingProgram, peerEnvironment } from './debian.ts';
import { freePort, untilUp } from './server-port.ts';
import { ServerProcess } from './server-process.ts';

export interface FileServer {
  readonly missing: string | null;
  readonly url: string;
  readonly server: ServerProcess | null;
}

/** `folder` is in the stage's. */
export async function startNginx(stage: Stage, folder: string): Promise<FileServer> {
  const missing = missingProgram(['nginx']);
  if (missing !== null) return { missing, url: '', server: null };
  const port = await freePort();
  mkdirSync(stage.path('nginx'));
  const file = stage.path('nginx/nginx.conf');
  writeFileSync(file, configOf(stage.path('nginx'), stage.path(folder), port));
  const args = ['-p', stage.path('nginx'), '-c', file, '-e', 'errors'];
  const server = new ServerProcess(stage.spawn('nginx', args, { stdio: 'ignore', env: peerEnvironment() }));
  const url = `http://127.0.0.1:${port}`;
  await untilUp('nginx', server, async () => {
    using connection = await Connection.open(url);
    await connection.request(requestBytes({ method: 'GET', path: '/' }));
  });
  server.pause();
  return { missing: null, url, server };
}

function configOf(folder: string, files: string, port: number): string {
  // Workers of a server that root starts become another user, who may not look into the stage's folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off; pid ${folder}/pid; worker_processes auto; ${user}
events { worker_connections 768; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  sendfile on; tcp_nopush on; access_log ${folder}/access; default_type application/octet-stream;
  server { listen 127.0.0.1:${port}; root ${files}; }
}\n`;
}
