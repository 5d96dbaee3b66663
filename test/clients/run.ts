/**
 * Runs clients that others wrote against a real server: the official SDKs, newman, curl, and independent readers of the
 * files. Installs what they need first. Names of suites as arguments run only those; what is missing is an error, never
 * a skip.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installTools, type Tools } from './debian-tools.ts';
import { cleanEnvironment } from './environment.ts';
import { chosenSuites, runSuites } from './suite-runner.ts';

const here = import.meta.dirname;

const tools: Tools = {
  '7z': 'p7zip-full',
  bsdtar: 'libarchive-tools',
  curl: 'curl',
  jar: 'default-jdk-headless',
  openssl: 'openssl',
  python3: 'python3',
  unzip: 'unzip',
  zip: 'zip',
};

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const suites = chosenSuites(join(here, 'suites'), names);
  installTools(tools);
  installPackages();
  return runSuites(suites);
}

function installPackages(): void {
  const installed = join(here, 'node_modules', '.package-lock.json');
  const lockfile = join(here, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  const { status, error } = spawnSync('npm', ['ci'], { cwd: here, env: cleanEnvironment(), stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`"npm ci" in test/clients ended with ${status}`, { cause: error });
}
