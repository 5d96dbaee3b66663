/** The npm packages that the bench compares with, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
let problem: string | null = null;

export function installPackages(): void {
  const installed = join(here, 'node_modules', '.package-lock.json');
  const lockfile = join(here, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--engine-strict=false', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, { cwd: here, stdio: ['ignore', 2, 2], timeout: 300_000 });
  if (error !== undefined) problem = error.message;
  else if (status !== 0) problem = `"npm ci" in bench/peers ended with ${status}`;
}

/** Why the package is not there; null when it is. */
export function missingPackage(name: string): string | null {
  if (existsSync(join(here, 'node_modules', name, 'package.json'))) return null;
  return `the npm package ${name} is not installed${problem === null ? '' : `, and cannot be: ${problem}`}`;
}
