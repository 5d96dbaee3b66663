/** Runs commands in this process, with a terminal that keeps what they print. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli/program.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Console extends AsyncDisposable {
  readonly folder: string;
  readonly dataDir: string;
  /** With `--data` of the console's folder, unless the arguments name one. */
  run(args: readonly string[], given?: Given): Promise<Ran>;
  /** As `run`, for a command that must end well and prints JSON. */
  json<Answer>(args: readonly string[]): Promise<Answer>;
}

export interface Given {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly interrupted?: AbortSignal;
}

export async function openConsole(): Promise<Console> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-cli-'));
  const dataDir = join(folder, 'data');
  const runHere = (args: readonly string[], given: Given = {}): Promise<Ran> =>
    runCommand(args, { ...given, env: { ANNALS_DATA: dataDir, ...given.env } });
  return {
    folder,
    dataDir,
    run: runHere,
    async json<Answer>(args: readonly string[]): Promise<Answer> {
      const { exitCode, stdout, stderr } = await runHere([...args, '--json']);
      if (exitCode !== 0) throw new Error(`annals ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
      return JSON.parse(stdout) as Answer; // what the test knows the command to print
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function runCommand(args: readonly string[], given: Given): Promise<Ran> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([text(stdout), text(stderr)]);
  const exitCode = await run(args, {
    env: given.env ?? {},
    stdin: Readable.from(given.stdin === undefined ? [] : [Buffer.from(given.stdin)]),
    stdout,
    stderr,
    interrupted: given.interrupted ?? new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { exitCode, stdout: out, stderr: err };
}

export interface Installation {
  readonly org_id: string;
  readonly admin: { readonly email: string; readonly password: string };
  readonly client: { readonly id: string; readonly secret: string };
  readonly refresh_token: string;
}

/** A console whose data folder is ready. */
export async function openReadyConsole(): Promise<Console & { readonly made: Installation }> {
  const console = await openConsole();
  return { ...console, made: await console.json<Installation>(['init']) };
}
