/** A data folder with an organisation, and the real server on it, on a free port. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allScopes } from '../src/access/scopes.ts';
import { type OpenParts, openParts, type RunningServer, startServer } from '../src/app.ts';
import { type Config, loadConfig } from '../src/config.ts';

export interface ServerFolder extends AsyncDisposable {
  readonly config: Config;
  readonly org: string;
  readonly adminId: string;
  /** All scopes, the administrator's. */
  readonly token: string;
  /** What is in the folder, as a command beside the server has it. */
  readonly parts: OpenParts;
}

export async function serverFolder(env: Readonly<Record<string, string>> = {}): Promise<ServerFolder> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'annals-app-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const config = loadConfig({ ANNALS_DATA: dataDir, ANNALS_PORT: '0', ANNALS_LOG_LEVEL: 'silent', ...env });
  const parts = stack.use(await openParts(config, { mode: 'command' }));
  const { zgid, adminId } = await parts.directory.createOrganisation({ name: 'Zylker', timeZone: 'UTC' });
  const { token } = await parts.access.makeAccessToken({ org: zgid, userId: adminId, scopes: allScopes });
  const kept = stack.move();
  return { config, org: zgid, adminId, token, parts, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export async function served(config: Config): Promise<RunningServer & AsyncDisposable> {
  const server = await startServer(config);
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= server.stop();
    return stopping;
  };
  return { url: server.url, stop, [Symbol.asyncDispose]: stop };
}

/** A connection to the server; what goes wrong with it ends it, and is no error of the test. */
export async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((done) => {
    if (socket.closed) done();
    else socket.once('close', () => done());
  });
}

/** Sends a request without a body, and waits for the first bytes of the answer. Rejects when the server hangs up. */
export async function answered(socket: Socket): Promise<void> {
  const answer = new Promise<Buffer>((done) => socket.once('data', done));
  socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n');
  const bytes = await Promise.race([answer, closed(socket)]);
  assert.match(String(bytes), /^HTTP\/1\.1 404 /);
}
