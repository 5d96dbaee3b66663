/**
 * Runs clients that others wrote against a real server: the official SDKs, newman, curl, and independent readers of the
 * files. Installs what they need first. Names of suites as arguments run only those; what is missing is an error, never
 * a skip.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installTools } from './debian-tools.ts';
import { cleanEnvironment } from './environment.ts';

const here = import.meta.dirname;
const ending = '.suite.ts';

process.exitCode = main(process.argv.slice(2));

function main(names: readonly string[]): number {
  const suites = chosenSuites(names);
  installTools();
  installPackages();
  // One suite after the other: each has servers of its own, and the machine has few cores.
  const args = ['--test', '--test-concurrency=1', ...suites.map((name) => join(here, 'suites', name + ending))];
  const { status, error } = spawnSync(process.execPath, args, { env: cleanEnvironment(), stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status ?? 1;
}

function chosenSuites(names: readonly string[]): readonly string[] {
  const known = readdirSync(join(here, 'suites'))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return names.length === 0 ? known : names;
}

function installPackages(): void {
  const installed = join(here, 'node_modules', '.package-lock.json');
  const lockfile = join(here, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  const { status, error } = spawnSync('npm', ['ci'], { cwd: here, env: cleanEnvironment(), stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`"npm ci" in test/clients ended with ${status}`, { cause: error });
}
