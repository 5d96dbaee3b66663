/** A real Annals: its command, a data folder of its own, and its server, all started the way a user starts them. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { cleanEnvironment } from './environment.ts';
import { temporaryFolder } from './folders.ts';
import { run } from './programs.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');
const command = join(projectRoot, 'bin', 'annals');

/** Runs `annals`; what it printed. */
export function annals(...args: readonly string[]): Promise<string> {
  return run(command, args);
}

/** What `annals init --json` prints. */
export interface Initialised {
  readonly org_id: string;
  readonly admin: { readonly email: string; readonly password: string };
  readonly client: { readonly id: string; readonly secret: string };
  readonly refresh_token: string;
}

/** A data folder with one organisation. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  readonly initialised: Initialised;
}

export async function dataFolder(entries = 0): Promise<DataFolder> {
  await using opened = new AsyncDisposableStack();
  const { path } = opened.use(await temporaryFolder('data'));
  const initialised = await initialise(path);
  if (entries > 0) await annals('generate', '--data', path, '--entries', String(entries), '--seed', 'clients');
  const kept = opened.move();
  return { path, initialised, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Where the client of every data folder may send users back to. */
export const redirectUri = 'http://127.0.0.1/back';

async function initialise(path: string): Promise<Initialised> {
  const place = ['--time-zone', 'Asia/Kolkata', '--redirect-uri', redirectUri];
  const printed = await annals('init', '--data', path, ...place, '--json');
  return JSON.parse(printed) as Initialised; // the command's contract; a test that reads a missing key fails
}

/** An access token of the administrator, or of another user. */
export async function accessToken(folder: DataFolder, scope: string, user?: string): Promise<string> {
  const forUser = user === undefined ? [] : ['--user', user];
  const printed = await annals('token', '--data', folder.path, '--scope', scope, ...forUser, '--json');
  const { access_token: token }: { access_token: string } = JSON.parse(printed);
  return token;
}

/** A code for the client of the data folder, bound to `redirectUri`. */
export async function grantCode(folder: DataFolder, scope: string): Promise<string> {
  const bound = ['--client', folder.initialised.client.id, '--redirect-uri', redirectUri];
  const printed = await annals('code', '--data', folder.path, '--scope', scope, ...bound, '--json');
  const { code }: { code: string } = JSON.parse(printed);
  return code;
}

/** Adds a user of the lowest role. */
export async function addUser(folder: DataFolder, email: string, profile: string): Promise<void> {
  const who = ['--email', email, '--name', email.split('@')[0] ?? '', '--role', 'Member', '--profile', profile];
  await annals('user', 'add', '--data', folder.path, ...who);
}

export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly port: number;
  readonly folder: DataFolder;
}

export interface ServeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly port?: number;
  /** The program to start instead of this checkout's `annals`. */
  readonly command?: readonly [string, ...string[]];
  readonly cwd?: string;
}

/** Starts the server on a free port; resolves when it says that it answers. Ends by SIGTERM, and must end cleanly. */
export async function serve(folder: DataFolder, options: ServeOptions = {}): Promise<Server> {
  const [program, ...before] = options.command ?? [command];
  const port = String(options.port ?? 0);
  const args = [...before, 'serve', '--data', folder.path, '--port', port, ...(options.args ?? [])];
  const child = spawn(program, args, {
    env: cleanEnvironment({ ANNALS_LOG_LEVEL: 'warn', ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(signal ?? status));
  });
  const { origin, log } = await address(child, ended);
  return {
    origin,
    port: Number(new URL(origin).port),
    folder,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const status = await ended;
      if (status !== 0) throw new Error(`annals serve ended with ${status}:\n${log().slice(-4000)}`);
    },
  };
}

type ServerProcess = ChildProcessByStdio<null, Readable, Readable>;

/** The address in the line that the server prints; everything that it prints is kept for a failure's message. */
async function address(child: ServerProcess, ended: Promise<unknown>): Promise<{ origin: string; log: () => string }> {
  const printed: string[] = [];
  const found = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      printed.push(line);
      const origin = /\bhttps?:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (origin !== undefined) found.resolve(origin);
    });
  }
  const log = () => printed.join('\n');
  const failed = ended.then((status) => {
    throw new Error(`annals serve ended with ${status} before it answered:\n${log()}`);
  });
  return { origin: await Promise.race([found.promise, failed]), log };
}
