/** curl: the source document's two samples, and what a file server is expected to understand. */
import assert from 'node:assert/strict';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { accessToken, annals, type DataFolder, dataFolder, type Server, serve } from '../annals.ts';
import { type TemporaryFolder, temporaryFolder } from '../folders.ts';
import { run } from '../programs.ts';
import { type Job, Rest, sha256 } from '../rest.ts';

/** As the document has them, each over three lines. */
const samples = {
  'AuditLog.zip': `curl "https://download.zoho.com/v2/crm/15515278/auditlog/111111000000066005/AuditLog.zip"
-X GET
-H "Authorization: Zoho-oauthtoken 1000.8cb99dxxxxxxxxxxxxx9be93.9b8xxxxxxxxxxxxxxxd"`,
  'AuditLog.csv': `curl "https://download.zoho.com/v2/crm/15515278/auditlog/111111000000066005/AuditLog.csv"
-X GET
-H "Authorization: Zoho-oauthtoken 1000.8cb99dxxxxxxxxxxxxx9be93.9b8xxxxxxxxxxxxxxxd"`,
} as const;
type FileName = keyof typeof samples;

let folder: DataFolder;
let server: Server;
let scratch: TemporaryFolder;
let rest: Rest;
const jobs = new Map<FileName, Job>();

before(async () => {
  scratch = await temporaryFolder('curl');
  folder = await dataFolder(100_001);
  server = await serve(folder);
  rest = await Rest.as(server);
  jobs.set('AuditLog.zip', await rest.export());
  jobs.set('AuditLog.csv', await rest.export({ field: { api_name: 'action' }, comparator: 'equal', value: 'added' }));
});

after(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
});

test('with --compressed a CSV takes a fraction of the bytes and is the same file', async () => {
  const { bytes } = await whole('AuditLog.csv');
  const path = join(scratch.path, 'compressed.csv');
  const sent = await curl('AuditLog.csv', '--compressed', '-o', path, '-w', '%{size_download}');
  assert.ok(Number(sent) < bytes.byteLength / 3, `${sent} of ${bytes.byteLength}`);
  assert.equal(sha256(await readFile(path)), sha256(bytes));
});

for (const name of ['AuditLog.zip', 'AuditLog.csv'] as const) {
  suite(name, () => {
    test('the sample of the source document downloads it', async () => {
      const token = await accessToken(folder, 'ZohoFiles.files.READ');
      const line = samples[name]
        .replaceAll('\n', ' ')
        .replace('https://download.zoho.com', server.origin)
        .replace('15515278', folder.initialised.org_id)
        .replace('111111000000066005', job(name).id)
        .replace(/1000\.8cb99d\S+(?=")/, token);
      const path = join(scratch.path, `sample-${name}`);
      await run('sh', ['-c', `${line} -sS --fail -o '${path}'`]);
      assert.deepEqual(sha256(await readFile(path)), (await whole(name)).sha256);
    });

    test('the line that `annals jobs` prints downloads it', async () => {
      const printed = await annals('jobs', '--data', folder.path);
      const line = printed.split('\n').find((text) => text.includes(`/auditlog/${job(name).id}/${name}`));
      assert(line !== undefined, printed);
      await run('sh', ['-c', `${line.trim()} -sS --fail`], { cwd: scratch.path });
      assert.equal(sha256(await readFile(join(scratch.path, name))), (await whole(name)).sha256);
    });

    test('a broken download goes on where it ended', async () => {
      const { bytes } = await whole(name);
      const path = join(scratch.path, `resumed-${name}`);
      await curl(name, '-o', path);
      await truncate(path, Math.floor(bytes.byteLength / 3));
      await curl(name, '-C', '-', '-o', path);
      assert.equal(sha256(await readFile(path)), (await whole(name)).sha256);
    });

    test('a range answers 206 with these bytes, and one behind the end 416', async () => {
      const { bytes } = await whole(name);
      const path = join(scratch.path, `range-${name}`);
      const status = await curl(name, '-r', '100-299', '-o', path, '-w', '%{http_code}');
      assert.equal(status, '206');
      assert.deepEqual(new Uint8Array(await readFile(path)), bytes.slice(100, 300));
      const behind = await curl(name, '--no-fail', '-r', `${bytes.byteLength}-`, '-D', '-', '-o', '/dev/null');
      assert.match(behind, /^HTTP\/1\.1 416 /);
      assert.match(behind, new RegExp(`^content-range: bytes \\*/${bytes.byteLength}\r$`, 'im'));
    });

    test('HEAD tells name, type, length and digest without the file', async () => {
      const { bytes } = await whole(name);
      const head = await curl(name, '-I');
      const type = name.endsWith('.csv') ? 'text/csv;charset=UTF-8' : 'application/zip';
      const digest = Buffer.from(sha256(bytes), 'hex').toString('base64');
      assert.match(head, /^HTTP\/1\.1 200 /);
      for (const line of [
        `content-type: ${type}`,
        `content-disposition: attachment; filename="${name}"`,
        `content-length: ${bytes.byteLength}`,
        'accept-ranges: bytes',
        `repr-digest: sha-256=:${digest}:`,
        'cache-control: private, no-cache',
      ]) {
        assert(
          head.split('\r\n').some((sent) => sent.toLowerCase() === line.toLowerCase()),
          `${line} in\n${head}`,
        );
      }
    });

    test('who has the file already gets 304', async () => {
      const head = await curl(name, '-I');
      const etag = /^etag: (".+")\r$/im.exec(head)?.[1];
      const modified = /^last-modified: (.+)\r$/im.exec(head)?.[1];
      assert(etag !== undefined && modified !== undefined, head);
      for (const condition of [`If-None-Match: ${etag}`, 'If-None-Match: *', `If-Modified-Since: ${modified}`]) {
        assert.equal(await curl(name, '-H', condition, '-w', '%{http_code} %{size_download}'), '304 0', condition);
      }
      const other = await curl(name, '-H', 'If-None-Match: "other"', '-o', '/dev/null', '-w', '%{http_code}');
      assert.equal(other, '200');
      const stale = await curl(name, '-r', '0-9', '-H', 'If-Range: "other"', '-o', '/dev/null', '-w', '%{http_code}');
      assert.equal(stale, '200');
      const still = await curl(name, '-r', '0-9', '-H', `If-Range: ${etag}`, '-o', '/dev/null', '-w', '%{http_code}');
      assert.equal(still, '206');
    });
  });
}

test('the older names of the first part still work', async () => {
  for (const name of ['AuditLog.zip', 'AuditLog.csv'] as const) {
    const older = link(name).replace('AuditLog.', 'AuditLog_001.');
    const path = join(scratch.path, `older-${name}`);
    const named = await run('curl', [...quiet(), '-D', '-', '-o', path, older]);
    assert.match(named, new RegExp(`filename="${name}"`));
    assert.equal(sha256(await readFile(path)), (await whole(name)).sha256);
  }
});

/** Fails on an error's status, unless `--no-fail` follows. */
function quiet(): readonly string[] {
  return ['-sS', '--fail', '-H', `Authorization: Zoho-oauthtoken ${rest.token}`];
}

function curl(name: FileName, ...args: readonly string[]): Promise<string> {
  return run('curl', [...quiet(), ...args, link(name)]);
}

function job(name: FileName): Job {
  const found = jobs.get(name);
  assert(found !== undefined);
  return found;
}

function link(name: FileName): string {
  const [found = ''] = job(name).download_links;
  assert(found.endsWith(`/${name}`));
  return found;
}

function whole(name: FileName) {
  return rest.download(link(name));
}
