/** Readers that others wrote read what was exported, on the names and cells that are easiest to get wrong. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { annals, type DataFolder, dataFolder, type Server, serve } from '../annals.ts';
import { type TemporaryFolder, temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';
import { type AwkwardEntry, awkwardEntries, moduleNames } from '../readers/awkward-entries.ts';
import { Rest, sha256 } from '../rest.ts';

const python = join(import.meta.dirname, '..', 'readers', 'read_exports.py');
const generated = 100_000; // so that the file has two members, with awkward entries in both

let folder: DataFolder;
let server: Server;
let scratch: TemporaryFolder;
let rest: Rest;
let entries: readonly AwkwardEntry[];

before(async () => {
  scratch = await temporaryFolder('readers');
  folder = await dataFolder(generated);
  server = await serve(folder);
  rest = await Rest.as(server);
  const hoursAgo = (hours: number) => Temporal.Now.instant().subtract({ hours }).round('second').toString();
  entries = awkwardEntries([hoursAgo(1), hoursAgo(2400), `${hoursAgo(2000).replace('Z', '')}-09:30`, hoursAgo(2)]);
  await record(entries);
  await writeFile(
    expectedPath(),
    JSON.stringify(Object.fromEntries(entries.map(({ sent, cells }) => [sent.id, cells]))),
  );
});

after(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
});

test("Python's csv, strict, finds in the CSV what was recorded", async () => {
  const path = await exported(inModules(moduleNames));
  assert.match(path, /AuditLog\.csv$/);
  assert.deepEqual(await readByPython(path), { rows: entries.length, compared: entries.length });
});

for (const [state, isReady] of [
  ['that has just come in', async () => {}],
  ['that is sealed', untilSealed],
] as const) {
  test(`Python, Info-ZIP, 7-Zip, libarchive and Java find the same in the ZIP of a log ${state}`, async () => {
    await isReady();
    const path = await exported(inModules(await modulesBesideTrail()));
    assert.match(path, /AuditLog\.zip$/);
    assert.deepEqual(await readByPython(path), { rows: generated + entries.length, compared: entries.length });

    assert.match(await run('unzip', ['-t', path]), /No errors detected/);
    assert.match(await run('7z', ['t', path]), /Everything is Ok/);
    await run('zip', ['-T', path]);
    const names = ['AuditLog_001.csv', 'AuditLog_002.csv'];
    assert.deepEqual((await run('unzip', ['-Z1', path])).trim().split('\n'), names);
    assert.deepEqual((await run('bsdtar', ['-tf', path])).trim().split('\n'), names);

    const zip = await readFile(path);
    const unpacked = await Promise.all([
      unpack('unzip', (into) => ['-q', path, '-d', into]),
      unpack('7z', (into) => ['x', `-o${into}`, path]),
      unpack('bsdtar', (into) => ['-xf', path, '-C', into]),
      unpack('python3', (into) => ['-m', 'zipfile', '-e', path, into]),
      unpack('jar', () => ['-xf', path]),
      // As a stream, which knows of a member only what its local header says.
      unpack('jar', () => ['-x'], zip),
    ]);
    const [first, ...others] = unpacked;
    assert.deepEqual(
      first?.map(({ name }) => name),
      names,
    );
    for (const other of others) assert.deepEqual(other, first);
  });
}

test('the gzip form of the CSV is read by gzip and Python, and is the CSV', async () => {
  const job = await rest.export(inModules(moduleNames));
  const link = job.download_links[0] ?? '';
  const plain = await rest.download(link);
  const path = join(scratch.path, 'form.csv.gz');
  const authorization = `Authorization: Zoho-oauthtoken ${rest.token}`;
  await run('curl', ['-sSf', '-H', authorization, '-H', 'Accept-Encoding: gzip', '-o', path, link]);
  await run('gzip', ['-t', path]);
  const read = 'import gzip, hashlib, sys; print(hashlib.sha256(gzip.open(sys.argv[1]).read()).hexdigest())';
  assert.equal((await run('python3', ['-c', read, path])).trim(), sha256(plain.bytes));
});

test('the members of the ZIP, put together, are the lines that the command line exports', async () => {
  const path = await exported(inModules(await modulesBesideTrail()));
  const whole = await annals('export', '--data', folder.path, '-o', '-');
  const lines = await run('unzip', ['-p', path]);
  const header = lines.slice(0, lines.indexOf('\r\n') + 2);
  const joined = header + lines.replaceAll(header, '');
  assert.ok(whole.startsWith(joined), 'the same lines in the same order');
  // What the trail tells of this run is newer than all else.
  for (const line of whole.slice(joined.length).split('\r\n').slice(0, -1)) assert.match(line, /^[^,]+,[^,]+,Annals,/);
});

function inModules(names: readonly string[]): object {
  return { field: { api_name: 'module' }, comparator: 'in', value: names.map((name) => ({ api_name: name })) };
}

/** All but the trail's, which tells of each export, so that the next one would hold more. */
async function modulesBesideTrail(): Promise<string[]> {
  const { modules } = (await rest.json('/crm/v8/settings/modules')) as { modules: { api_name: string }[] };
  return modules.map(({ api_name: name }) => name).filter((name) => name !== 'Annals');
}

function expectedPath(): string {
  return join(scratch.path, 'expected.json');
}

async function record(wanted: readonly AwkwardEntry[]): Promise<void> {
  const sent = wanted.map((entry) => entry.sent);
  const answer = await rest.json('/api/v1/entries', JSON.stringify(sent));
  assert.deepEqual(answer, { accepted: sent.length, duplicates: 0, rejected: [] });
  const lines = sent.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const again = await rest.json('/api/v1/entries', lines, 'application/x-ndjson');
  assert.deepEqual(again, { accepted: 0, duplicates: sent.length, rejected: [] });
}

/** Exports, downloads, and says where the file is. */
async function exported(criteria?: object): Promise<string> {
  const job = await rest.export(criteria);
  assert.equal(job.download_links.length, 1);
  const { name, bytes } = await rest.download(job.download_links[0] ?? '');
  const path = join(scratch.path, name);
  await writeFile(path, bytes);
  return path;
}

async function readByPython(path: string): Promise<unknown> {
  return JSON.parse(await run('python3', [python, expectedPath(), path]));
}

/** The server seals what has settled by itself. */
async function untilSealed(): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { sealed } = JSON.parse(await annals('verify', '--data', folder.path, '--json')) as { sealed: number };
    if (sealed >= generated - 1_000) return;
    await wait(500);
  }
  assert.fail('the log is not sealed after half a minute');
}

let unpackings = 0;

async function unpack(
  command: string,
  argsFor: (into: string) => readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<readonly { readonly name: string; readonly sha256: string }[]> {
  unpackings += 1;
  const into = join(scratch.path, `${unpackings}-by-${command}`);
  await mkdir(into);
  await run(command, argsFor(into), { cwd: into, input });
  const names = (await readdir(into)).sort();
  return Promise.all(names.map(async (name) => ({ name, sha256: sha256(await readFile(join(into, name))) })));
}
