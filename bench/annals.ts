/** Annals as its users have it: the commands, and the server, each as a process of its own. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { patienceMs } from './plan.ts';
import { peakMb, processorSeconds, resetPeak } from './process-usage.ts';
import type { Stage } from './stage.ts';

export const timeZone = 'Europe/Berlin';
const program = join(import.meta.dirname, '..', 'bin', 'annals');
const scopes = 'ZohoCRM.settings.audit_logs.ALL,ZohoFiles.files.ALL,Annals.entries.ALL';

export interface CommandRun {
  readonly stdout: string;
  /** From its start to its end, as the one who typed it sees it. */
  readonly seconds: number;
  readonly peakMb: number | null;
}

/** Runs a command to its end; throws when it fails. */
export async function annals(stage: Stage, args: readonly string[]): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = stage.spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(patienceMs) });
  let peak: number | null = null;
  const watch = setInterval(() => {
    peak = (child.pid === undefined ? null : peakMb(child.pid)) ?? peak;
  }, 20);
  try {
    const [stdout, stderr] = await Promise.all([outputOf(child.stdout), outputOf(child.stderr)]);
    const [code] = await ended;
    const seconds = (performance.now() - startedAt) / 1000;
    if (code !== 0) throw new Error(`annals ${args.join(' ')} ended with ${code}: ${stderr}`);
    return { stdout, seconds, peakMb: peak };
  } finally {
    clearInterval(watch);
  }
}

/** A fresh data folder of that name in the stage's. */
export async function init(stage: Stage, name: string): Promise<void> {
  await stage.remove(name);
  await annals(stage, ['init', '--data', name, '--time-zone', timeZone, '--json']);
}

/** Adds an administrator, who may see everything, and answers a token. */
export async function addUser(stage: Stage, dataDir: string, email: string): Promise<string> {
  const who = ['--email', email, '--name', email, '--profile', 'Administrator'];
  await annals(stage, ['user', 'add', '--data', dataDir, ...who, '--json']);
  return await makeToken(stage, dataDir, ['--user', email]);
}

async function makeToken(stage: Stage, dataDir: string, options: readonly string[] = []): Promise<string> {
  const { stdout } = await annals(stage, ['token', '--data', dataDir, '--scope', scopes, ...options, '--json']);
  return (JSON.parse(stdout) as { access_token: string }).access_token; // the documented answer
}

export class Server implements AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(url: string, token: string, { child, log }: { child: ChildProcess; log: string }) {
    if (child.pid === undefined) throw new Error('the server has no process id');
    this.url = url;
    this.token = token;
    this.pid = child.pid;
    this.#child = child;
    this.#log = log;
  }

  /** With the settings that it has when nobody sets any; its log goes to a file. */
  static async start(stage: Stage, dataDir: string): Promise<Server> {
    const log = stage.path(`${dataDir}.log`);
    const child = stage.spawn(program, ['serve', '--data', dataDir, '--port', '0'], {
      stdio: ['ignore', 'pipe', openSync(log, 'a')],
      env: environment(),
    });
    const url = await addressOf(child, log);
    return new Server(url, await makeToken(stage, dataDir), { child, log });
  }

  /** For the message of an error: whether the server runs, and what it logged last. */
  lastLog(): string {
    const { exitCode, signalCode } = this.#child;
    const state =
      exitCode === null && signalCode === null ? 'The server runs' : `The server ended (${exitCode ?? signalCode})`;
    return `${state}; the end of its log: ${readFileSync(this.#log, 'utf8').slice(-2000)}`;
  }

  resetPeak(): void {
    resetPeak(this.pid);
  }

  peakMb(): number | null {
    return peakMb(this.pid);
  }

  processorSeconds(): number {
    return processorSeconds(this.pid) ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

async function addressOf(child: ChildProcess, log: string): Promise<string> {
  const tooLate = AbortSignal.timeout(60_000);
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  while (!tooLate.aborted && child.exitCode === null) {
    const url = /http:\/\/\S+/.exec(printed)?.[0];
    if (url !== undefined) return url;
    await wait(20);
  }
  throw new Error(`the server did not start: ${readFileSync(log, 'utf8')}`);
}

/** What the shell has set for Annals is not what is to be measured. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ANNALS_')));
}

function outputOf(stream: ChildProcess['stdout']): Promise<string> {
  if (stream === null) throw new Error('the process has no output');
  return text(stream);
}
