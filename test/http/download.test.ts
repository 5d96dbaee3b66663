import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { placesIn } from '../../src/app.ts';
import { csvHeader } from '../../src/audit/line.ts';
import type { Parts } from '../../src/parts.ts';
import { anEntry, Fixture } from './fixture.ts';

suite('downloading a result', () => {
  let fixture: Fixture;
  let url: string;
  let whole: Buffer;
  before(async () => {
    fixture = await Fixture.open();
    const payload = Array.from({ length: 50 }, (_, index) => anEntry({ record: { name: `Record ${index}` } }));
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
    url = await exported(fixture.org.token);
    const answer = await fixture.inject({ url });
    assert.equal(answer.statusCode, 200, answer.body);
    whole = answer.rawPayload;
  });
  after(() => fixture[Symbol.asyncDispose]());

  async function exported(token: string): Promise<string> {
    const answer = await fixture.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export', token });
    await fixture.runJobs();
    const id = answer.json().audit_log_export[0].details.id;
    const job = (await fixture.inject({ url: `/crm/v8/settings/audit_log_export/${id}` })).json().audit_log_export[0];
    return new URL(job.download_links[0]).pathname;
  }

  function get(headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') {
    return fixture.inject({ url, headers, method });
  }

  test('answers the file with everything that a client may want to know of it', async () => {
    const answer = await get({});
    assert.ok(whole.toString().startsWith(csvHeader));
    assert.equal(whole.toString().split('\r\n').length, 52);
    const sha256 = createHash('sha256').update(whole).digest();
    const { headers } = answer;
    assert.equal(headers['content-type'], 'text/csv;charset=UTF-8');
    assert.equal(headers['content-disposition'], 'attachment; filename="AuditLog.csv"');
    assert.equal(headers['content-length'], String(whole.length));
    assert.equal(headers.etag, `"${sha256.toString('hex')}"`);
    assert.equal(headers['last-modified'], 'Wed, 01 Jul 2026 06:00:00 GMT');
    assert.equal(headers['accept-ranges'], 'bytes');
    assert.equal(headers['repr-digest'], `sha-256=:${sha256.toString('base64')}:`);
    assert.equal(headers['cache-control'], 'private, no-cache');
  });

  test('HEAD answers the same headers and no body', async () => {
    const [head, full] = [await get({}, 'HEAD'), await get({})];
    assert.equal(head.statusCode, 200);
    assert.equal(head.rawPayload.length, 0);
    assert.deepEqual({ ...head.headers, date: '' }, { ...full.headers, date: '' });
  });

  test('HEAD knows no ranges', async () => {
    for (const range of ['bytes=0-9', 'bytes=99999999-']) {
      const answer = await get({ range }, 'HEAD');
      assert.deepEqual([answer.statusCode, answer.headers['content-length']], [200, String(whole.length)]);
    }
  });

  test('a single range is cut out of the file', async () => {
    const size = whole.length;
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 0],
      ['bytes=0-', 0, size - 1],
      ['bytes=10-19', 10, 19],
      [`bytes=${size - 1}-`, size - 1, size - 1],
      ['bytes=-5', size - 5, size - 1],
      [`bytes=-${size + 10}`, 0, size - 1],
      [`bytes=5-${size + 1000}`, 5, size - 1],
      ['BYTES=1-2', 1, 2],
    ];
    for (const [range, start, end] of ranges) {
      const answer = await get({ range });
      assert.equal(answer.statusCode, 206, range);
      assert.equal(answer.headers['content-range'], `bytes ${start}-${end}/${size}`);
      assert.equal(answer.headers['content-length'], String(end - start + 1));
      assert.deepEqual(answer.rawPayload, whole.subarray(start, end + 1));
    }
  });

  test('several ranges, other units and malformed ranges get the whole file', async () => {
    for (const range of [
      'bytes=0-1,3-4',
      'lines=0-1',
      'bytes=5-1',
      'bytes=x',
      'bytes=',
      'bytes=--1',
      'bytes=1-2-3',
      `bytes=${'9'.repeat(400)}x`,
    ]) {
      const answer = await get({ range });
      assert.deepEqual([range, answer.statusCode, answer.rawPayload.length], [range, 200, whole.length]);
    }
  });

  test('a range outside the file is 416 and says how long the file is', async () => {
    for (const range of [`bytes=${whole.length}-`, 'bytes=999999999999-', 'bytes=-0']) {
      const answer = await get({ range });
      assert.equal(answer.statusCode, 416, range);
      assert.equal(answer.headers['content-range'], `bytes */${whole.length}`);
      assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
      assert.equal(answer.json().code, 'RANGE_NOT_SATISFIABLE');
    }
  });

  test('If-Range gives the range only while the file is the same', async () => {
    const full = await get({});
    const etag = String(full.headers.etag);
    const date = String(full.headers['last-modified']);
    for (const [condition, status] of [
      [etag, 206],
      [date, 206],
      ['"other"', 200],
      [`W/${etag}`, 200],
      ['Wed, 01 Jul 2026 06:00:01 GMT', 200],
    ] as const) {
      assert.equal((await get({ range: 'bytes=0-3', 'if-range': condition })).statusCode, status, condition);
    }
  });

  test('a client that has the file is told so', async () => {
    const full = await get({});
    const etag = String(full.headers.etag);
    const date = String(full.headers['last-modified']);
    const conditions: [Record<string, string>, number][] = [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `W/${etag}` }, 304],
      [{ 'if-none-match': `"x", ${etag}` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"x"' }, 200],
      [{ 'if-modified-since': date }, 304],
      [{ 'if-modified-since': 'Wed, 01 Jul 2026 05:59:59 GMT' }, 200],
      [{ 'if-modified-since': 'nonsense' }, 200],
      [{ 'if-modified-since': '2035-01-01' }, 200],
      [{ 'if-modified-since': 'Wednesday, 01-Jul-26 06:00:00 GMT' }, 304],
      [{ 'if-modified-since': 'Wed Jul  1 06:00:00 2026' }, 304],
      [{ 'if-none-match': etag, 'cache-control': 'no-cache' }, 304],
      [{ 'if-none-match': '"x"', 'if-modified-since': date }, 200],
    ];
    for (const [headers, status] of conditions) {
      const answer = await get(headers);
      assert.equal(answer.statusCode, status, JSON.stringify(headers));
      if (status === 304) {
        assert.equal(answer.rawPayload.length, 0);
        assert.equal(answer.headers.etag, etag);
        assert.equal(answer.headers['content-type'], undefined);
      }
    }
  });

  test('the numbered form of older links answers the same file', async () => {
    const answer = await fixture.inject({ url: url.replace('AuditLog.csv', 'AuditLog_001.csv') });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="AuditLog.csv"');
    assert.deepEqual(answer.rawPayload, whole);
  });

  test('a name that the job does not have, another job and another organisation are one 404', async () => {
    const [, , , org, , job] = url.split('/');
    const missing = [
      url.replace('AuditLog.csv', 'AuditLog.zip'),
      url.replace('AuditLog.csv', 'AuditLog_002.csv'),
      url.replace('AuditLog.csv', 'auditlog.csv'),
      url.replace('AuditLog.csv', 'AuditLog.csv%20'),
      url.replace(`/${job}/`, '/1/'),
      url.replace(`/${job}/`, '/x/'),
      url.replace(`/${org}/`, '/15515278/'),
    ];
    for (const each of missing) {
      const answer = await fixture.inject({ url: each });
      assert.deepEqual([each, answer.statusCode, answer.json().code], [each, 404, 'INVALID_URL_PATTERN']);
    }
  });

  test('a creator who may see less than the result holds gets 404, and an administrator still gets the file', async () => {
    const manager = await fixture.addUser('manager@example.com', { role: 'Manager' });
    const { directory } = fixture.parts;
    const link = await exported(manager.token);
    const status = async (token: string) => (await fixture.inject({ url: link, token })).statusCode;
    assert.equal(await status(manager.token), 200);
    await fixture.addUser('below@example.com', { role: 'Member' });
    assert.equal(await status(manager.token), 200, 'sees more by now');
    const wide = await exported(manager.token);
    const member = (await directory.roles(fixture.org.zgid)).find(({ name }) => name === 'Member');
    assert.ok(member);
    await directory.updateUser(fixture.org.zgid, manager.id, { roleId: member.id });
    assert.equal((await fixture.inject({ url: wide, token: manager.token })).statusCode, 404);
    assert.equal((await fixture.inject({ url: wide })).statusCode, 200);
  });

  test('an expired result is 404 before it is swept', async () => {
    const start = fixture.now;
    fixture.now = start + 7 * 86_400_000 - 1000;
    const token = await fixture.token();
    assert.equal((await fixture.inject({ url, token })).statusCode, 200);
    fixture.now = start + 7 * 86_400_000;
    assert.equal((await fixture.inject({ url, token })).statusCode, 404);
    fixture.now = start;
  });

  test('a file that is gone is 404 like any other, and one that was cut is a fault that answers 500', async () => {
    const link = await exported(fixture.org.token);
    const [, , , org = '', , job = ''] = link.split('/');
    const folder = join(placesIn(fixture.parts.config.dataDir).results, org, job);
    const [attempt = ''] = await readdir(folder);
    const file = join(folder, attempt, 'AuditLog.csv');
    await truncate(file, 10);
    assert.equal((await fixture.inject({ url: link })).statusCode, 500);
    await rm(file);
    const missing = await fixture.inject({ url: link.replace(`/${job}/`, '/1/') });
    for (const method of ['GET', 'HEAD'] as const) {
      const gone = await fixture.inject({ method, url: link, headers: { range: 'bytes=0-1' } });
      assert.equal(gone.statusCode, 404);
      assert.deepEqual(Object.keys(gone.headers).sort(), Object.keys(missing.headers).sort());
    }
  });

  test('a file that is cut while it is sent breaks the connection, and the log says why', async () => {
    const logged: unknown[] = [];
    const wrap = (parts: Parts): Parts => ({
      ...parts,
      results: { ...parts.results, read: async () => ({ read: async () => 0, async [Symbol.asyncDispose]() {} }) },
      log: Object.assign(Object.create(parts.log), { error: (...words: unknown[]) => logged.push(words) }),
    });
    await using cut = await Fixture.open({ wrap });
    const scheduled = await cut.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export' });
    await cut.runJobs();
    const id = scheduled.json().audit_log_export[0].details.id;
    await assert.rejects(cut.inject({ url: `/v2/crm/${cut.org.zgid}/auditlog/${id}/AuditLog.csv` }), /destroyed/);
    assert.match(String(logged.flat().map((word) => (word as { err?: unknown }).err)), /has become shorter/);
  });

  test('an unfinished result is 404', async () => {
    const other = await fixture.addUser('waiting@example.com');
    const answer = await fixture.inject({
      method: 'POST',
      url: '/crm/v8/settings/audit_log_export',
      token: other.token,
    });
    const id = answer.json().audit_log_export[0].details.id;
    const link = `/v2/crm/${fixture.org.zgid}/auditlog/${id}/AuditLog.csv`;
    assert.equal((await fixture.inject({ url: link, token: other.token })).statusCode, 404);
  });
});
