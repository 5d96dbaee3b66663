/**
 * Programs of other people that the bench compares with. What this machine lacks is unpacked from Debian's packages into a
 * folder of the bench's own: nothing is installed on the machine, no service starts, and it takes no rights.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, globSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const folder = join(import.meta.dirname, '..', '.peers');
const root = join(folder, 'root');

/** By command, the package that brings it. */
const packages = {
  'clickhouse-client': 'clickhouse-client',
  'clickhouse-server': 'clickhouse-server',
  igzip: 'isal',
  initdb: 'postgresql',
  nginx: 'nginx-light',
  pigz: 'pigz',
  'rsvg-convert': 'librsvg2-bin',
  sqlite3: 'sqlite3',
  unzip: 'unzip',
  zip: 'zip',
} as const;

export type Program = keyof typeof packages;

/** What could not be had, by package, and why. */
const reasons = new Map<string, string>();

/** Unpacks the packages of all programs that are not there. What cannot be had is named by `missingProgram`. */
export function installPrograms(): void {
  const wanted = () => new Set((Object.keys(packages) as Program[]).filter((name) => !isThere(name)).map(packageOf));
  if (wanted().size === 0) return;
  if (process.getuid?.() === 0) apt('apt-get', ['update', '-q']); // the lists may be old, or none
  for (const name of wanted()) {
    const problem = unpack(name);
    if (problem !== null) reasons.set(name, problem);
  }
}

/** Why one of the programs is not there; null when all are. */
export function missingProgram(names: readonly Program[]): string | null {
  const missing = names.find((name) => !isThere(name));
  if (missing === undefined) return null;
  const reason = reasons.get(packageOf(missing));
  return `${missing} is not installed${reason === undefined ? '' : `, and cannot be: ${reason}`}`;
}

/** Where the programs and their libraries are found. */
export function peerEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: programFolders().join(delimiter), LD_LIBRARY_PATH: libraryFolders().join(delimiter) };
}

function packageOf(program: Program): string {
  return packages[program];
}

function isThere(program: string): boolean {
  return programFolders().some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}

function programFolders(): string[] {
  // PostgreSQL's own folder comes first: what Debian puts in its place under /usr/bin is a script that looks for it.
  const postgres = globSync(['/usr/lib/postgresql/*/bin', join(root, 'usr/lib/postgresql/*/bin')])
    .sort()
    .reverse();
  const own = ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map((place) => join(root, place));
  const path = (process.env.PATH ?? '').split(delimiter).filter((place) => place !== '');
  return [...postgres, ...path, '/usr/sbin', ...own];
}

function libraryFolders(): string[] {
  return [...globSync(join(root, 'usr/lib/*-linux-gnu')), ...globSync(join(root, 'lib/*-linux-gnu'))];
}

/** Answers why it could not be done. */
function unpack(name: string): string | null {
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads, { recursive: true });
  const plan = apt('apt-get', ['install', '--simulate', '--no-install-recommends', name]);
  if (plan.problem !== null) return plan.problem;
  const needed = [...plan.said.matchAll(/^Inst (\S+)/gm)].map(([, needs]) => String(needs));
  const { problem } = apt('apt-get', ['download', ...needed], downloads);
  if (problem !== null) return problem;
  for (const file of readdirSync(downloads).filter((one) => one.endsWith('.deb'))) {
    const unpacked = apt('dpkg-deb', ['--extract', join(downloads, file), root]);
    if (unpacked.problem !== null) return unpacked.problem;
  }
  return null;
}

function apt(program: string, args: readonly string[], cwd = folder): { said: string; problem: string | null } {
  mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 180_000 });
  if (error !== undefined) return { said: '', problem: error.message };
  const problem = /^E: (.*)$/m.exec(stderr)?.[1] ?? `${program} ended with ${status}`;
  return { said: stdout, problem: status === 0 ? null : problem };
}

/** A file that names the folders of fonts, for a program that draws: those of the machine, and those unpacked here. */
export function fontSettings(): string {
  const file = join(folder, 'fonts.conf');
  const folders = ['/usr/share/fonts', join(root, 'usr/share/fonts')].map((place) => `<dir>${place}</dir>`);
  writeFileSync(file, `<fontconfig>${folders.join('')}<cachedir>${join(folder, 'fonts')}</cachedir></fontconfig>\n`);
  return file;
}
