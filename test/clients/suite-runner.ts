/** Finds `*.suite.ts` files and runs them with node's own test runner, one after the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './environment.ts';

const ending = '.suite.ts';

/** The files of those names, or of all; a name that there is not is an error. */
export function chosenSuites(folder: string, names: readonly string[]): readonly string[] {
  const known = readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return (names.length === 0 ? known : names).map((name) => join(folder, name + ending));
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of one test. */
  readonly timeoutMs?: number;
}

/** The exit code. Each suite is a process; the machine has few cores, so there is one at a time. */
export async function runSuites(files: readonly string[], { env = {}, timeoutMs }: RunOptions = {}): Promise<number> {
  const limit = timeoutMs === undefined ? [] : [`--test-timeout=${timeoutMs}`];
  const args = ['--test', '--test-concurrency=1', ...limit, ...files];
  const child = spawn(process.execPath, args, { env: cleanEnvironment(env), stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : 1;
}
