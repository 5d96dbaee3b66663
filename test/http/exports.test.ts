import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { allScopes } from '../../src/access/scopes.ts';
import { anEntry, type ErrorBody, Fixture, origin } from './fixture.ts';

const path = '/crm/v8/settings/audit_log_export';

interface JobBody {
  readonly id: string;
  readonly status: string;
  readonly job_start_time: string | null;
  readonly job_end_time: string | null;
  readonly expiry_date: string | null;
  readonly created_by: { readonly name: string; readonly id: string };
  readonly criteria: unknown;
  readonly download_links: readonly string[];
  readonly entries: number | null;
}

async function create(fixture: Fixture, criteria?: unknown, token?: string) {
  const payload = criteria === undefined ? undefined : JSON.stringify({ audit_log_export: [{ criteria }] });
  return fixture.inject({
    method: 'POST',
    url: path,
    ...(token !== undefined && { token }),
    ...(payload !== undefined && { payload }),
  });
}

async function created(fixture: Fixture, criteria?: unknown, token?: string): Promise<string> {
  const answer = await create(fixture, criteria, token);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().audit_log_export[0].details.id;
}

async function jobs(fixture: Fixture, token?: string): Promise<JobBody[]> {
  const answer = await fixture.inject({ url: path, ...(token !== undefined && { token }) });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().audit_log_export;
}

async function job(fixture: Fixture, id: string): Promise<JobBody> {
  return (await fixture.inject({ url: `${path}/${id}` })).json().audit_log_export[0];
}

suite('an export job', () => {
  test('is scheduled, listed, run, and links to its file', async () => {
    await using fixture = await Fixture.open();
    const entries = [anEntry({ record: { name: 'One' } }), anEntry({ record: { name: 'Two' } })];
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: entries });
    const answer = await create(fixture);
    const id: string = answer.json().audit_log_export[0].details.id;
    assert.equal(
      answer.body,
      `{"audit_log_export":[{"status":"success","code":"SCHEDULED","message":"ExportAuditlog scheduled successfully.","details":{"id":"${id}"}}]}`,
    );
    assert.match(id, /^[0-9]{17,19}$/);
    const before = await job(fixture, id);
    assert.deepEqual(before, {
      id,
      status: 'scheduled',
      job_start_time: null,
      job_end_time: null,
      expiry_date: null,
      created_by: { name: 'Administrator', id: fixture.org.adminId },
      criteria: null,
      download_links: [],
      entries: null,
    });
    await fixture.runJobs();
    const after = await job(fixture, id);
    assert.equal(after.status, 'finished');
    assert.equal(after.entries, 2);
    assert.equal(after.job_end_time, '2026-07-01T11:30:00+05:30');
    assert.equal(after.expiry_date, '2026-07-08T11:30:00+05:30');
    assert.deepEqual(after.download_links, [`${origin}/v2/crm/${fixture.org.zgid}/auditlog/${id}/AuditLog.csv`]);
    assert.deepEqual(await jobs(fixture), [after]);
  });

  test('a second one of the same user is refused while the first is open, and names it', async () => {
    await using fixture = await Fixture.open();
    const id = await created(fixture);
    const answer = await create(fixture);
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(answer.json(), {
      audit_log_export: [
        { code: 'ALREADY_SCHEDULED', details: { id }, message: 'Export is already scheduled', status: 'error' },
      ],
    });
    const other = await fixture.addUser('other@example.com');
    await created(fixture, undefined, other.token);
  });

  test('criteria are kept as they were sent, digits and all', async () => {
    await using fixture = await Fixture.open();
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    const criteria =
      '{"group_operator":"AND","group":[{"field":{"api_name":"done_by"},"comparator":"in","value":{"0":{"id":554023000000799326,"keyModified":{}}}},' +
      '{"field":{"api_name":"action"},"comparator":"equal","value":"updated"}]}';
    const answer = await fixture.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'text/plain' },
      payload: `{"audit_log_export":[{"criteria":${criteria}}]}`,
    });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.ok((await fixture.inject({ url: path })).body.includes(`"criteria":${criteria},`));
    await fixture.runJobs();
    assert.equal((await jobs(fixture))[0]?.entries, 1);
  });

  test('the body is read as JSON whatever its label says', async () => {
    const labels = [
      undefined,
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
      ';;',
      'application/json; charset=latin1',
    ];
    for (const label of labels) {
      await using fixture = await Fixture.open();
      const criteria = { field: { api_name: 'action' }, comparator: 'equal', value: 'added' };
      const answer = await fixture.inject({
        method: 'POST',
        url: path,
        headers: label === undefined ? {} : { 'content-type': label },
        payload: Buffer.from(JSON.stringify({ audit_log_export: [{ criteria }] })),
      });
      assert.equal(answer.statusCode, 200, `${label}: ${answer.body}`);
    }
  });

  test('an empty body labelled as JSON is no body', async () => {
    await using fixture = await Fixture.open();
    const answer = await fixture.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json', 'content-length': '0' },
    });
    assert.equal(answer.statusCode, 200);
  });

  test('a body that is nothing but a byte order mark, or no UTF-8, is no JSON', async () => {
    await using fixture = await Fixture.open();
    for (const payload of [Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from([0xff]), Buffer.from([0x7b, 0xff, 0x7d])]) {
      const answer = await fixture.inject({ method: 'POST', url: path, payload });
      assert.equal(answer.statusCode, 400);
      assert.deepEqual(answer.json(), {
        code: 'INVALID_DATA',
        details: { expected_data_type: 'jsonobject', api_name: 'body', json_path: '$' },
        message: 'The value given seems to be invalid',
        status: 'error',
      });
    }
  });

  test('a list of jobs with the largest criteria is sent piece by piece', async () => {
    await using fixture = await Fixture.open();
    const large = { field: { api_name: 'action' }, comparator: 'equal', value: 'added', ignored: 'x'.repeat(900_000) };
    for (let count = 0; count < 3; count += 1) {
      await created(fixture, large);
      await fixture.runJobs();
    }
    const list = await jobs(fixture);
    assert.deepEqual(
      list.map((each) => each.criteria),
      [large, large, large],
    );
    assert.equal((await fixture.inject({ method: 'HEAD', url: path })).statusCode, 200);
  });

  test('with no job at all the list is NO_CONTENT', async () => {
    await using fixture = await Fixture.open();
    const answer = await fixture.inject({ url: path });
    assert.equal(answer.statusCode, 400);
    assert.equal(
      answer.body,
      '{"code":"NO_CONTENT","details":{},"message":"No audit log has been scheduled","status":"error"}',
    );
  });

  test('open jobs of an organisation are limited', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_MAX_OPEN_JOBS: '1' } });
    await created(fixture);
    const other = await fixture.addUser('other@example.com');
    const answer = await create(fixture, undefined, other.token);
    assert.equal(answer.statusCode, 429);
    assert.match(String(answer.headers['retry-after']), /^[0-9]+$/);
    assert.equal(answer.json().code, 'TOO_MANY_REQUESTS');
  });

  test('holds nothing that arrives after it was created', async () => {
    await using fixture = await Fixture.open();
    const send = () => fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    await send();
    const id = await created(fixture);
    await send();
    await fixture.runJobs();
    assert.equal((await job(fixture, id)).entries, 1);
  });

  test('without a body goes back three years, with any filter 180 days, unless it names a range', async () => {
    await using fixture = await Fixture.open();
    const times = [
      '2026-06-30T00:00:00Z',
      '2026-01-03T00:00:00Z',
      '2025-12-01T00:00:00Z',
      '2023-08-01T00:00:00Z',
      '2023-06-01T00:00:00Z',
    ];
    const payload = times.map((time, index) => anEntry({ audited_time: time, id: String(index + 1) }));
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
    const action = { field: { api_name: 'action' }, comparator: 'equal', value: 'updated' };
    const range = {
      field: { api_name: 'audited_time' },
      comparator: 'between',
      value: ['2023-06-01T00:00:00Z', '2023-08-01T00:00:00Z'],
    };
    const counts = [];
    for (const criteria of [undefined, action, range]) {
      const id = await created(fixture, criteria);
      await fixture.runJobs();
      counts.push((await job(fixture, id)).entries);
    }
    assert.deepEqual(counts, [4, 2, 2]);
  });
});

suite('who sees which job and which entries', () => {
  let fixture: Fixture;
  let member: { id: string; token: string };
  let manager: { id: string; token: string };
  before(async () => {
    fixture = await Fixture.open();
    manager = await fixture.addUser('manager@example.com', { role: 'Manager' });
    member = await fixture.addUser('member@example.com', { role: 'Member', managerId: manager.id });
    const by = (id: string) => anEntry({ done_by: { id } });
    const payload = [by(fixture.org.adminId), by(manager.id), by(member.id), by(member.id), by('99')];
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
  });
  after(() => fixture[Symbol.asyncDispose]());

  /** Of what was recorded: that each export is told of in the log is seen elsewhere. */
  async function exported(token: string): Promise<number | null> {
    const leads = { field: { api_name: 'module' }, comparator: 'equal', value: { api_name: 'Leads' } };
    const id = await created(fixture, leads, token);
    await fixture.runJobs();
    return (await job(fixture, id)).entries;
  }

  test('an administrator exports everything, a manager their own and those below, a member their own', async () => {
    assert.equal(await exported(fixture.org.token), 5);
    assert.equal(await exported(manager.token), 3);
    assert.equal(await exported(member.token), 2);
  });

  test('by Reporting_To the tree of managers decides', async () => {
    await fixture.parts.directory.updateOrganisation(fixture.org.zgid, { hierarchy: 'reporting_to' });
    assert.equal(await exported(manager.token), 3);
    await fixture.parts.directory.updateUser(fixture.org.zgid, member.id, { managerId: null });
    assert.equal(await exported(manager.token), 1);
    await fixture.parts.directory.updateUser(fixture.org.zgid, member.id, { managerId: manager.id });
    await fixture.parts.directory.updateOrganisation(fixture.org.zgid, { hierarchy: 'roles' });
  });

  test("a user sees their own jobs only, an administrator the organisation's", async () => {
    const mine = await jobs(fixture, member.token);
    assert.ok(mine.every((each) => each.created_by.id === member.id));
    const theirs = (await jobs(fixture)).find((each) => each.created_by.id === manager.id);
    assert.ok(theirs);
    const hidden = await fixture.inject({ url: `${path}/${theirs.id}`, token: member.token });
    const missing = await fixture.inject({ url: `${path}/1`, token: member.token });
    assert.equal(hidden.statusCode, 404);
    assert.equal(hidden.body, missing.body);
    assert.deepEqual(Object.keys(hidden.headers), Object.keys(missing.headers));
  });

  test('a profile without the audit log is refused everywhere but in the directory', async () => {
    const barred = await fixture.addUser('barred@example.com', { profile: 'No Audit Log' });
    for (const [method, url] of [
      ['POST', path],
      ['GET', path],
      ['GET', `${path}/1`],
      ['GET', `/v2/crm/${fixture.org.zgid}/auditlog/1/AuditLog.csv`],
      ['GET', '/api/v1/entries'],
    ] as const) {
      const answer = await fixture.inject({ method, url, token: barred.token });
      assert.equal(answer.statusCode, 403, url);
      const body = answer.json<ErrorBody>();
      assert.equal(body.code, 'NO_PERMISSION');
      assert.equal(body.message, 'permission denied');
      assert.ok(Array.isArray(body.details.permissions));
    }
    assert.equal(
      (await fixture.inject({ url: '/crm/v8/users?type=CurrentUser', token: barred.token })).statusCode,
      200,
    );
  });

  test('every operation asks for its scope, and any one of its scopes will do', async () => {
    const both = ['ZohoCRM.settings.audit_logs.ALL', 'ZohoCRM.settings.ALL'];
    const creating = ['ZohoCRM.settings.audit_logs.CREATE', ...both];
    const seeing = ['ZohoCRM.settings.audit_logs.READ', ...both];
    const scopesOf: [string, 'GET' | 'POST', string[]][] = [
      [path, 'POST', creating],
      [path, 'GET', seeing],
      [`${path}/1`, 'GET', seeing],
      [`/v2/crm/${fixture.org.zgid}/auditlog/1/AuditLog.csv`, 'GET', ['ZohoFiles.files.READ', 'ZohoFiles.files.ALL']],
      ['/api/v1/exports', 'POST', creating],
      ['/api/v1/exports/preview', 'GET', creating],
      ['/api/v1/exports', 'GET', seeing],
      ['/api/v1/exports/1', 'GET', seeing],
      ['/crm/v8/users', 'GET', ['ZohoCRM.users.READ', 'ZohoCRM.users.ALL']],
      ['/crm/v8/users/1', 'GET', ['ZohoCRM.users.READ', 'ZohoCRM.users.ALL']],
      [
        '/crm/v8/settings/modules',
        'GET',
        ['ZohoCRM.settings.modules.READ', 'ZohoCRM.settings.modules.ALL', 'ZohoCRM.settings.ALL'],
      ],
      ['/crm/v8/org', 'GET', ['ZohoCRM.org.READ', 'ZohoCRM.org.ALL']],
      ['/api/v1/entries', 'POST', ['Annals.entries.CREATE', 'Annals.entries.ALL']],
      ['/api/v1/entries', 'GET', ['Annals.entries.READ', 'Annals.entries.ALL']],
    ];
    for (const [url, method, scopes] of scopesOf) {
      const others = allScopes.filter((scope) => !scopes.includes(scope));
      const refused = await fixture.inject({ method, url, token: await fixture.token(fixture.org.adminId, others) });
      assert.equal(refused.statusCode, 401, `${method} ${url}`);
      assert.deepEqual(refused.json(), {
        code: 'OAUTH_SCOPE_MISMATCH',
        details: {},
        message: 'Unauthorized',
        status: 'error',
      });
      for (const scope of scopes) {
        const answer = await fixture.inject({ method, url, token: await fixture.token(fixture.org.adminId, [scope]) });
        assert.notEqual(answer.statusCode, 401, `${method} ${url} ${scope}`);
      }
    }
  });
});
