/** The package as users get it: packed, installed in a folder of its own, and run there. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DataFolder, projectRoot, serve } from '../annals.ts';
import { temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';
import { Rest } from '../rest.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test('the packed package, installed elsewhere, makes a folder, serves it and exports', async () => {
  await using scratch = await temporaryFolder('package');
  const packed = await pack(scratch.path);
  const foreign = packed.files.filter(
    ({ path }) => !/^(bin|dist|console\/dist|docs|postman)\/|^(package\.json|LICENSE|\w+\.md)$/.test(path),
  );
  assert.deepEqual(foreign, [], 'nothing but what runs, and its documents');

  const cwd = scratch.path;
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ name: 'user-of-annals', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', join(cwd, packed.filename)], { cwd });
  const installed = await readdir(join(cwd, 'node_modules'));
  assert.deepEqual(
    installed.filter((name) => /^(@zohocrm|newman|typescript|fast-check)$/.test(name)),
    [],
  );

  const path = join(cwd, 'data');
  const annals = (...args: readonly string[]) => run('npx', ['--no-install', 'annals', ...args], { cwd });
  const initialised = JSON.parse(await annals('init', '--data', path, '--json'));
  await annals('generate', '--data', path, '--entries', '1000', '--seed', 'package');
  const folder: DataFolder = { path, initialised, [Symbol.asyncDispose]: async () => {} };
  // What npx runs; started without it, so that signals reach the server itself.
  await using server = await serve(folder, { command: [join(cwd, 'node_modules', '.bin', 'annals')], cwd });
  const { access_token: token } = JSON.parse(
    await annals('token', '--data', path, '--scope', 'ZohoCRM.settings.ALL,ZohoFiles.files.READ', '--json'),
  );
  const job = await Rest.with(server, token).export();
  // The trail tells of the token.
  assert.equal(job.entries, 1000 + 1);
});

async function pack(into: string): Promise<Packed> {
  const printed = await run('npm', ['pack', '--json', '--pack-destination', into], { cwd: projectRoot });
  // Newer npm prints an object by package name, older a list.
  const parsed: Readonly<Record<string, Packed>> = JSON.parse(printed);
  const [packed] = Object.values(parsed);
  assert(packed !== undefined);
  return packed;
}
