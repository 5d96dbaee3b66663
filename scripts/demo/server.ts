/** The real server, as a process of its own, and the other commands beside it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const annals = join(root, 'bin', 'annals');
const runFile = promisify(execFile);

/** Runs a command to its end and answers what it printed. */
export async function command(args: readonly string[]): Promise<string> {
  const { stdout } = await runFile(annals, args, { cwd: root, maxBuffer: 2 ** 24 });
  return stdout;
}

export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** Resolves once the server answers. */
export async function startServer(dataDir: string): Promise<Server> {
  const child = spawn(annals, ['serve', '--data', dataDir, '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ANNALS_LOG_LEVEL: 'warn' },
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  try {
    return { url: await addressOf(child), [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw new Error(`the server did not start: ${complaints.join('')}`, { cause: error });
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error('the server ended before it named its address');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
