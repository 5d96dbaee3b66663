// Installs what the project needs and builds the console, if that is not done yet: `npm test` and `npm run demo` work in
// a fresh clone.
// Runs on the machine's own Node (20 or newer), so it is plain JavaScript.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
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
  // What some packages ask of the Node version holds for the pinned Node, not for the machine's that runs npm.
  const quiet = ['--engine-strict=false', '--loglevel=error'];
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', ...quiet);
  // The flag, since a user's npm may be set to run no scripts, and would then do nothing and call that a success.
  npm('rebuild', 'node', '--ignore-scripts=false', ...quiet);
  if (!existsSync(pinnedNode)) {
    fail(`npm has installed the packages, but not the pinned Node: there is no ${pinnedNode}.`);
  }
}

if (!isConsoleCurrent()) {
  const result = spawnSync(pinnedNode, [join(root, 'scripts', 'build-console.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('the console could not be built, see above.', result.status ?? 1);
}

/** Whether the build of the console is younger than all that it is made of. */
function isConsoleCurrent() {
  const built = join(root, 'console', 'dist', 'index.html');
  if (!existsSync(built)) return false;
  const sources = ['src', 'public'].flatMap((folder) =>
    readdirSync(join(root, 'console', folder), { recursive: true }).map((name) => join('console', folder, name)),
  );
  const others = ['console/index.html', 'console/vite.config.ts', 'scripts/build-console.ts', 'package-lock.json'];
  const builtAt = statSync(built).mtimeMs;
  return [...sources, ...others].every((file) => statSync(join(root, file)).mtimeMs <= builtAt);
}

function npm(...args) {
  const result = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail(`"npm ${args.join(' ')}" failed; run it by hand to see why.`, result.status ?? 1);
}

function fail(message, exitCode = 1) {
  process.stderr.write(`\nsetup: ${message}\n`);
  process.exit(exitCode);
}
