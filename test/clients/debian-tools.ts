/** Programs that the suites need beside Node. Where a machine lacks one it is installed, or the run ends and says so. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cleanEnvironment } from './environment.ts';

/** By command, the Debian package that brings it. */
const packages: Readonly<Record<string, string>> = {
  '7z': 'p7zip-full',
  bsdtar: 'libarchive-tools',
  curl: 'curl',
  jar: 'default-jdk-headless',
  openssl: 'openssl',
  python3: 'python3',
  unzip: 'unzip',
  zip: 'zip',
};

/** Throws, with the line to type, when something is missing that cannot be installed from here. */
export function installTools(): void {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    throw new Error(`the client suites need programs that are not installed; on Debian, as root: ${line}`);
  }
  aptGet('update', '-q');
  aptGet(...line.split(' ').slice(1));
  const still = missingPackages();
  if (still.length > 0) throw new Error(`still missing after "${line}": ${still.join(', ')}`);
}

function missingPackages(): string[] {
  const missing = Object.entries(packages).filter(([command]) => !isThere(command));
  return [...new Set(missing.map(([, name]) => name))];
}

function isThere(command: string): boolean {
  const { PATH: path = '' } = cleanEnvironment();
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}

function aptGet(...args: readonly string[]): void {
  const { status, error } = spawnSync('apt-get', args, {
    env: cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' }),
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`"apt-get ${args.join(' ')}" ended with ${status}`, { cause: error });
}
