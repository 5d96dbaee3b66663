/** Runs other programs and says what they said when they fail. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cleanEnvironment } from './environment.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** Runs a program to its end. A status other than 0 is no error here. */
export async function outcomeOf(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Outcome> {
  const child = spawn(command, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: cleanEnvironment(options.env),
    stdio: 'pipe',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {}); // a program that reads no input may close it early; its status tells the rest
  child.stdin.end(options.input ?? '');
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

/** Runs a program that must succeed; what it printed. */
export async function run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await outcomeOf(command, args, options);
  if (status === 0) return stdout;
  // A program that prints a file may print anything.
  const said = `${stdout.slice(-1000)}\n${stderr.slice(-4000)}`.trim().replaceAll(/[^\P{C}\n]/gu, '?');
  throw new Error(`"${[command, ...args].join(' ').slice(0, 500)}" ended with ${status}:\n${said}`);
}
