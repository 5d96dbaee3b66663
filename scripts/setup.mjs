// Installs what the project needs, if it is not there yet: `npm test` and `npm run demo` work in a fresh clone.
// Runs on the machine's own Node (20 or newer), so it is plain JavaScript.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const installed = join(root, 'node_modules', '.package-lock.json');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node');

const isCurrent =
  existsSync(pinnedNode) &&
  existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;

if (!isCurrent) {
  // Only the package `node` needs its install step (it puts the pinned Node in place). better-sqlite3 ships its binaries,
  // yet older npm would want a compiler for it: so no scripts at first, then that one.
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
  npm('rebuild', 'node');
}

function npm(...args) {
  const result = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stderr.write(`\nsetup: "npm ${args.join(' ')}" failed; run it by hand to see why.\n`);
    process.exit(result.status ?? 1);
  }
}
