import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { gzipName, resultKeyOf } from '../../src/export/jobs.ts';
import { wholeLog } from '../export/job-setup.ts';
import { Fixture } from './fixture.ts';

const csv = Buffer.from(Array.from({ length: 2000 }, (_, line) => `${line},entry ${line * line}\r\n`).join(''));
const gzip = gzipSync(csv);
const csvTag = `"${sha256(csv).toString('hex')}"`;
const gzipTag = `"${sha256(gzip).toString('hex')}"`;

suite('downloading a CSV that has a gzip form', () => {
  let fixture: Fixture;
  let url: string;
  before(async () => {
    fixture = await Fixture.open();
    url = await finishedJob(fixture);
  });
  after(() => fixture[Symbol.asyncDispose]());

  function get(headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') {
    return fixture.inject({ url, headers, method });
  }

  test('who accepts gzip gets the gzip file, under the name of the CSV, with its own length, ETag and digest', async () => {
    const answer = await get({ 'accept-encoding': 'gzip, deflate, br' });
    assert.equal(answer.statusCode, 200);
    assert.ok(answer.rawPayload.equals(gzip));
    assert.ok(gunzipSync(answer.rawPayload).equals(csv));
    const { headers } = answer;
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['content-type'], 'text/csv;charset=UTF-8');
    assert.equal(headers['content-disposition'], 'attachment; filename="AuditLog.csv"');
    assert.equal(headers['content-length'], String(gzip.length));
    assert.equal(headers.etag, gzipTag);
    assert.equal(headers['repr-digest'], `sha-256=:${sha256(gzip).toString('base64')}:`);
    assert.equal(headers.vary, 'Accept-Encoding');
  });

  test('who does not gets the CSV as it is, and learns that the answer depends on it', async () => {
    for (const headers of [{}, { 'accept-encoding': 'identity' }, { 'accept-encoding': 'gzip;q=0, br' }]) {
      const answer = await get(headers);
      assert.ok(answer.rawPayload.equals(csv));
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.headers.etag, csvTag);
      assert.equal(answer.headers['repr-digest'], `sha-256=:${sha256(csv).toString('base64')}:`);
      assert.equal(answer.headers.vary, 'Accept-Encoding');
    }
  });

  test('HEAD answers the headers of the form that GET would send', async () => {
    for (const coding of ['gzip', 'identity']) {
      const [head, full] = [await get({ 'accept-encoding': coding }, 'HEAD'), await get({ 'accept-encoding': coding })];
      assert.equal(head.rawPayload.length, 0);
      assert.deepEqual({ ...head.headers, date: '' }, { ...full.headers, date: '' });
    }
  });

  test('a download of the gzip form that broke off goes on by its ETag', async () => {
    const headers = { 'accept-encoding': 'gzip', range: 'bytes=1000-', 'if-range': gzipTag };
    const answer = await get(headers);
    assert.equal(answer.statusCode, 206);
    assert.equal(answer.headers['content-range'], `bytes 1000-${gzip.length - 1}/${gzip.length}`);
    assert.equal(answer.headers['content-encoding'], 'gzip');
    assert.equal(answer.headers.etag, gzipTag);
    assert.equal(answer.headers.vary, 'Accept-Encoding');
    assert.ok(answer.rawPayload.equals(gzip.subarray(1000)));
  });

  test('a download of the CSV that broke off goes on by its ETag, also for who accepts gzip', async () => {
    for (const coding of ['gzip', 'identity']) {
      const answer = await get({ 'accept-encoding': coding, range: 'bytes=1000-', 'if-range': csvTag });
      assert.equal(answer.statusCode, 206);
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.headers.etag, csvTag);
      assert.ok(answer.rawPayload.equals(csv.subarray(1000)));
    }
  });

  test('a part is never cut out of another form than the one that If-Range names', async () => {
    const answer = await get({ 'accept-encoding': 'identity', range: 'bytes=1000-', 'if-range': gzipTag });
    assert.deepEqual([answer.statusCode, answer.headers.etag], [200, csvTag]);
    assert.ok(answer.rawPayload.equals(csv));
    const other = await get({ 'accept-encoding': 'gzip', range: 'bytes=1000-', 'if-range': '"other"' });
    assert.deepEqual([other.statusCode, other.headers.etag], [200, gzipTag]);
  });

  test('a range without an ETag is one of the CSV, unless only gzip will do', async () => {
    const date = String((await get({})).headers['last-modified']);
    for (const condition of [{}, { 'if-range': date }]) {
      const part = await get({ 'accept-encoding': 'gzip, deflate', range: 'bytes=5-9', ...condition });
      assert.deepEqual([part.statusCode, part.headers['content-encoding']], [206, undefined]);
      assert.equal(part.headers['content-range'], `bytes 5-9/${csv.length}`);
      assert.ok(part.rawPayload.equals(csv.subarray(5, 10)));
    }
    const encoded = await get({ 'accept-encoding': 'gzip, identity;q=0', range: 'bytes=5-9' });
    assert.deepEqual([encoded.statusCode, encoded.headers['content-encoding']], [206, 'gzip']);
    assert.ok(encoded.rawPayload.equals(gzip.subarray(5, 10)));
  });

  test('a range outside names the size of the form that it was asked of', async () => {
    const beyond = { range: `bytes=${gzip.length}-`, 'accept-encoding': 'gzip' };
    assert.equal((await get(beyond)).statusCode, 206, 'inside the CSV');
    const answer = await get({ ...beyond, 'if-range': gzipTag });
    assert.equal(answer.statusCode, 416);
    assert.equal(answer.headers['content-range'], `bytes */${gzip.length}`);
    assert.equal(answer.headers.vary, 'Accept-Encoding');
  });

  test('a range that is ignored leaves the choice as it is', async () => {
    const answer = await get({ 'accept-encoding': 'gzip', range: 'bytes=0-1,3-4' });
    assert.deepEqual([answer.statusCode, answer.headers.etag], [200, gzipTag]);
  });

  test('who has either form is told so by the ETag that it has', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{ 'accept-encoding': 'gzip', 'if-none-match': gzipTag }, 304, gzipTag],
      [{ 'accept-encoding': 'gzip', 'if-none-match': csvTag }, 304, csvTag],
      [{ 'accept-encoding': 'gzip', 'if-none-match': `${csvTag}, ${gzipTag}` }, 304, gzipTag],
      [{ 'accept-encoding': 'gzip', 'if-none-match': '*' }, 304, gzipTag],
      [{ 'if-none-match': `${gzipTag}, ${csvTag}` }, 304, csvTag],
      [{ 'if-none-match': '*' }, 304, csvTag],
      // It has what it would not take: then it gets what it takes.
      [{ 'if-none-match': gzipTag }, 200, csvTag],
      [{ 'accept-encoding': 'gzip, identity;q=0', 'if-none-match': csvTag }, 200, gzipTag],
    ];
    for (const [headers, status, tag] of cases) {
      const answer = await get(headers);
      assert.deepEqual([answer.statusCode, answer.headers.etag], [status, tag], JSON.stringify(headers));
      assert.equal(answer.headers.vary, 'Accept-Encoding');
      if (status === 304) assert.equal(answer.headers['content-encoding'], undefined);
    }
  });

  test('the gzip file has no address of its own', async () => {
    for (const name of ['AuditLog.csv.gz', 'AuditLog_001.csv.gz', 'AuditLog.csv%2Egz', 'AuditLog.gz']) {
      for (const coding of ['gzip', 'identity']) {
        const answer = await fixture.inject({
          url: url.replace('AuditLog.csv', name),
          headers: { 'accept-encoding': coding },
        });
        assert.deepEqual([name, answer.statusCode], [name, 404]);
      }
    }
  });

  test('a file without a gzip form is sent as it is, and does not vary', async () => {
    const zip = await fixture.inject({
      url: url.replace('AuditLog.csv', 'AuditLog.zip'),
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.deepEqual([zip.statusCode, zip.body], [200, 'a ZIP']);
    assert.equal(zip.headers['content-encoding'], undefined);
    assert.equal(zip.headers.vary, undefined);
  });
});

/** A job with a CSV in both forms and a ZIP, as if an export had written them; the address of the CSV. */
async function finishedJob({ parts, org }: Fixture): Promise<string> {
  const owner = 'writer';
  const createdBy = { id: org.adminId, name: 'Admin' };
  const everything = {
    from: 0,
    to: 0,
    actions: null,
    modules: null,
    doneBy: null,
    words: null,
    record: null,
    visibleTo: null,
    asOf: 0,
  };
  await parts.jobs.create({
    org: org.zgid,
    createdBy,
    criteria: null,
    filter: wholeLog,
    query: { org: org.zgid, ...everything },
  });
  const job = await parts.jobs.claim(owner);
  assert.ok(job);
  const resultKey = resultKeyOf(job, owner);
  const writer = await parts.results.create(resultKey);
  const contents = { 'AuditLog.csv': csv, [gzipName('AuditLog.csv')]: gzip, 'AuditLog.zip': Buffer.from('a ZIP') };
  const [plain, encoded, zip] = await Array.fromAsync(Object.entries(contents), async ([name, bytes]) => {
    const file = await writer.file(name);
    await file.write(Uint8Array.from(bytes));
    return await file.finish();
  });
  assert.ok(plain && encoded && zip);
  await writer.publish();
  const form = { bytes: encoded.bytes, sha256: encoded.sha256 };
  const files = [
    { ...plain, entries: 2000, gzip: form },
    { ...zip, entries: 1 },
  ];
  assert.ok(await parts.jobs.finish({ jobId: job.id, owner }, { entries: 2001, files, resultKey }));
  return `/v2/crm/${org.zgid}/auditlog/${job.id}/AuditLog.csv`;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
