/** Programs that the suites need beside Node. Where a machine lacks one it is installed, or the run ends and says so. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cleanEnvironment } from './environment.ts';

/** By command, the Debian packages that bring it, separated by blanks. */
export type Tools = Readonly<Record<string, string>>;

/** Throws, with the line to type, when something is missing that cannot be installed from here. */
export function installTools(tools: Tools): void {
  const missing = missingPackages(tools);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    throw new Error(`these suites need programs that are not installed; on Debian, as root: ${line}`);
  }
  aptGet('update', '-q');
  aptGet(...line.split(' ').slice(1));
  const still = missingPackages(tools);
  if (still.length > 0) throw new Error(`still missing after "${line}": ${still.join(', ')}`);
}

function missingPackages(tools: Tools): string[] {
  const missing = Object.entries(tools).filter(([command]) => !isThere(command));
  return [...new Set(missing.flatMap(([, names]) => names.split(' ')))];
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
