import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { countMs } from '../../src/http/console-exports.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { failedTry } from '../export/job-setup.ts';
import { anEntry, Fixture, type FixtureOptions, origin } from './fixture.ts';

const path = '/api/v1/exports';
const wirePath = '/crm/v8/settings/audit_log_export';

/** As it is told; what the tests look at. */
export interface ExportBody {
  readonly id: string;
  readonly status: string;
  readonly created_by: { readonly id: string; readonly name: string };
  readonly filter?: Record<string, unknown> | null;
  readonly criteria?: unknown;
  readonly criteria_in_words: readonly string[];
  readonly entries: number | null;
  readonly total_entries: number | null;
  readonly is_expired: boolean;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly link: string | null }[];
}

/** Five entries: of two people, three actions, two modules and some years. */
async function filledFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const fixture = await Fixture.open(options);
  const entry = (id: string, audited_time: string, over: object) => anEntry({ id, audited_time, ...over });
  const ada = { id: '7', name: 'Ada Lovelace' };
  const payload = [
    entry('1', '2021-01-01T00:00:00Z', { action: 'added', record: { id: '42', name: 'Zylker' } }),
    entry('2', '2025-01-01T00:00:00Z', { action: 'signed in', module: { api_name: 'Users' }, done_by: ada }),
    entry('3', '2026-05-01T00:00:00Z', { action: 'updated', record: { id: '42', name: 'ZYLKER Corp' } }),
    entry('4', '2026-06-01T00:00:00Z', { action: 'updated', record: { name: 'Corp zylker' }, done_by: ada }),
    entry('5', '2026-06-30T23:00:00Z', { action: 'deleted', record: { name: 'Other' } }),
  ];
  const answer = await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
  assert.equal(answer.json().accepted, payload.length);
  return fixture;
}

async function created(fixture: Fixture, filter: object = {}, token?: string): Promise<ExportBody> {
  const answer = await fixture.inject({ method: 'POST', url: path, payload: filter, ...(token && { token }) });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().export;
}

async function read(fixture: Fixture, id: string): Promise<ExportBody> {
  const answer = await fixture.inject({ url: `${path}/${id}` });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().export;
}

/** The file of a finished export, by its link. */
async function download(fixture: Fixture, { files }: ExportBody): Promise<string> {
  const link = files[0]?.link ?? '';
  assert.ok(link.startsWith(origin), link);
  const answer = await fixture.inject({ url: link.slice(origin.length) });
  assert.equal(answer.statusCode, 200);
  return answer.body;
}

suite('a preview', () => {
  test('counts what the filter shows, with everything that a filter can say', async () => {
    await using fixture = await filledFixture();
    const counts: [string, number, string][] = [
      ['', 5, 'All entries'],
      ['?from=2025-01-01&to=2026-06-01', 3, 'From 1 January 2025 to 1 June 2026'],
      ['?action=updated&action=Deleted', 3, 'Action: updated or deleted'],
      ['?module=Users', 1, 'Module: Users'],
      ['?done_by=7', 2, 'Done by Ada Lovelace'],
      ['?words=zylker%20CORP', 2, 'Record name has “zylker” and “CORP”'],
      ['?record_id=42', 2, 'Record 42'],
      ['?record_id=42&action=updated&words=corp', 1, 'Action: updated; Record name has “corp”; Record 42'],
      ['?module=Nowhere', 0, 'Module: Nowhere'],
    ];
    for (const [query, entries, words] of counts) {
      const answer = await fixture.inject({ url: `${path}/preview${query}` });
      assert.equal(answer.statusCode, 200, answer.body);
      const { criteria_in_words, ...counted } = answer.json();
      assert.equal(criteria_in_words.join('; '), words);
      assert.deepEqual(counted, {
        entries,
        is_estimate: false,
        format: 'csv',
        files: [{ name: 'AuditLog.csv', entries }],
        members: 1,
      });
    }
  });

  test('says which files there will be', async () => {
    await using fixture = await Fixture.open({ wrap: withCount(async () => 2_500_001) });
    const { format, files, members } = (await fixture.inject({ url: `${path}/preview` })).json();
    assert.equal(format, 'zip');
    assert.deepEqual(files, [
      { name: 'AuditLog.zip', entries: 1_000_000 },
      { name: 'AuditLog_002.zip', entries: 1_000_000 },
      { name: 'AuditLog_003.zip', entries: 500_001 },
    ]);
    assert.equal(members, 26);
  });

  test('counts nothing that the caller may not see', async () => {
    await using fixture = await filledFixture();
    const { token } = await fixture.addUser('member@example.com');
    assert.equal((await fixture.inject({ url: `${path}/preview`, token })).json().entries, 0);
  });

  test('is given up when it takes too long, and says so', async (t) => {
    const counting = Promise.withResolvers<void>();
    const count: Ledger['count'] = (_query, signal) => {
      counting.resolve();
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    await using fixture = await Fixture.open({ wrap: withCount(count) });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const asked = (async () => await fixture.inject({ url: `${path}/preview` }))();
    await counting.promise;
    t.mock.timers.tick(countMs - 1);
    t.mock.timers.tick(1);
    const answer = await asked;
    assert.deepEqual([answer.statusCode, answer.json().code], [503, 'SERVICE_UNAVAILABLE']);
    t.mock.timers.reset();
  });

  test('is not waited for when the client has gone', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const counting = Promise.withResolvers<void>();
    const count: Ledger['count'] = (_query, signal) => {
      signal?.addEventListener('abort', () => aborted.resolve(signal.reason));
      counting.resolve();
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    await using fixture = await Fixture.open({ wrap: withCount(count) });
    const address = await fixture.server.listen({ host: '127.0.0.1', port: 0 });
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${fixture.org.token}` };
    const asked = fetch(`${address}${path}/preview`, { headers, signal: leave.signal });
    await counting.promise;
    leave.abort();
    await assert.rejects(asked);
    assert.ok((await aborted.promise) instanceof Failure);
  });
});

function withCount(count: Ledger['count']): NonNullable<FixtureOptions['wrap']> {
  return (parts) => ({
    ...parts,
    ledger: new Proxy(parts.ledger, {
      get: (ledger, name) => {
        if (name === 'count') return count;
        const value: unknown = Reflect.get(ledger, name);
        return typeof value === 'function' ? value.bind(ledger) : value;
      },
    }),
  });
}

suite('an export of a view', () => {
  test('is scheduled, runs, and tells all there is to tell', async () => {
    await using fixture = await filledFixture();
    const filter = { words: ' zylker ', actions: ['Added', 'updated'], from: '2021-01-01', record_id: '42' };
    const before = await created(fixture, filter);
    const shown = {
      id: before.id,
      status: 'scheduled',
      created_at: '2026-07-01T11:30:00+05:30',
      started_at: null,
      ended_at: null,
      expires_at: null,
      is_expired: false,
      created_by: { id: fixture.org.adminId, name: 'Administrator' },
      filter: {
        from: '2021-01-01T00:00:00+05:30',
        to: null,
        actions: ['added', 'updated'],
        modules: null,
        done_by: null,
        words: 'zylker',
        record_id: '42',
      },
      criteria: null,
      criteria_in_words: [
        'From 1 January 2021 on',
        'Action: added or updated',
        'Record name has “zylker”',
        'Record 42',
      ],
      entries: null,
      total_entries: null,
      bytes: null,
      files: [],
      failure: null,
    };
    assert.deepEqual(before, shown);
    await fixture.runJobs();
    const after = await read(fixture, before.id);
    const [file] = after.files;
    assert.ok(file);
    assert.deepEqual(after, {
      ...shown,
      status: 'finished',
      started_at: '2026-07-01T11:30:00+05:30',
      ended_at: '2026-07-01T11:30:00+05:30',
      expires_at: '2026-07-08T11:30:00+05:30',
      entries: 2,
      total_entries: 2,
      bytes: file.bytes,
      files: [
        {
          ...file,
          name: 'AuditLog.csv',
          entries: 2,
          link: `${origin}/v2/crm/${fixture.org.zgid}/auditlog/${before.id}/AuditLog.csv`,
        },
      ],
    });
    const csv = await download(fixture, after);
    assert.equal(Buffer.byteLength(csv), file.bytes);
    assert.equal(csv.split('\r\n').length, 2 + 2);
  });

  test('holds what its preview has counted, also what criteria cannot say', async () => {
    await using fixture = await filledFixture();
    const views = [{}, { actions: ['signed in'] }, { words: 'CORP' }, { done_by: ['7'], to: '2026-01-01' }];
    for (const view of views) {
      const query = new URLSearchParams(
        Object.entries(view).map(([key, value]) => [key === 'actions' ? 'action' : key, String(value)]),
      );
      const { entries } = (await fixture.inject({ url: `${path}/preview?${query}` })).json();
      const { id } = await created(fixture, view);
      await fixture.runJobs();
      const made = await read(fixture, id);
      assert.equal(made.entries, entries, JSON.stringify(view));
      assert.equal((await download(fixture, made)).trimEnd().split('\r\n').length, entries + 1);
    }
  });

  test('makes the same file as criteria that say the same', async () => {
    await using fixture = await filledFixture();
    const time = ['2026-04-01T00:00:00Z', '2026-07-01T00:00:00Z'];
    const criteria = {
      group_operator: 'and',
      group: [
        { field: { api_name: 'audited_time' }, comparator: 'between', value: time },
        { field: { api_name: 'action' }, comparator: 'equal', value: 'updated' },
      ],
    };
    const payload = { audit_log_export: [{ criteria }] };
    const asked = await fixture.inject({ method: 'POST', url: wirePath, payload });
    const wireId: string = asked.json().audit_log_export[0].details.id;
    await fixture.runJobs();
    const { id } = await created(fixture, { from: time[0], to: time[1], actions: ['updated'] });
    await fixture.runJobs();
    const byCriteria = await read(fixture, wireId);
    const byView = await read(fixture, id);
    assert.equal(byView.entries, 2);
    assert.equal(await download(fixture, byView), await download(fixture, byCriteria));
    assert.deepEqual([byCriteria.criteria, byView.criteria], [criteria, null]);
    assert.deepEqual(byCriteria.criteria_in_words, byView.criteria_in_words);
    const listed: { id: string; criteria: unknown }[] = (await fixture.inject({ url: wirePath })).json()
      .audit_log_export;
    assert.deepEqual(
      listed.map((job) => [job.id, job.criteria]),
      [
        [id, null],
        [wireId, criteria],
      ],
    );
  });

  test('is refused while another of the same user is open, by whichever route that came', async () => {
    await using fixture = await filledFixture();
    const asked = await fixture.inject({ method: 'POST', url: wirePath });
    const { id } = asked.json().audit_log_export[0].details;
    const answer = await fixture.inject({ method: 'POST', url: path });
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(answer.json(), {
      code: 'ALREADY_SCHEDULED',
      details: { id },
      message: 'Export is already scheduled',
      status: 'error',
    });
  });

  test('holds nothing that its creator may not see, and nothing that arrives later', async () => {
    await using fixture = await filledFixture();
    const { id: userId, token } = await fixture.addUser('member@example.com');
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry({ done_by: { id: userId } }) });
    const { id } = await created(fixture, {}, token);
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry({ done_by: { id: userId } }) });
    await fixture.runJobs();
    assert.equal((await read(fixture, id)).entries, 1);
  });

  test('names the people and the modules that it is about', async () => {
    await using fixture = await filledFixture();
    const { criteria_in_words } = await created(fixture, { done_by: ['7', '99'], modules: ['Sales_Orders', 'Users'] });
    assert.deepEqual(criteria_in_words, ['Module: Sales Orders or Users', 'Done by Ada Lovelace or user 99']);
  });
});

suite('the list of exports', () => {
  test('has the newest first, and goes on by cursor', async () => {
    await using fixture = await filledFixture();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      fixture.now += count % 2;
      ids.unshift((await created(fixture)).id);
      await fixture.runJobs();
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer = await fixture.inject({ url: `${path}?per_page=2${cursor && `&cursor=${cursor}`}` });
      const { exports, info } = answer.json();
      assert.deepEqual([info.count, info.more_records], [exports.length, info.next_cursor !== null]);
      seen.push(...exports.map((each: ExportBody) => each.id));
      cursor = info.next_cursor;
    }
    assert.deepEqual(seen, ids);
    const { exports } = (await fixture.inject({ url: path })).json();
    assert.deepEqual(exports[0], await read(fixture, ids[0] ?? ''));
    assert.equal((await fixture.inject({ method: 'HEAD', url: path })).statusCode, 200);
  });

  test('is empty where there is none', async () => {
    await using fixture = await Fixture.open();
    const answer = await fixture.inject({ url: path });
    assert.deepEqual(answer.json(), { exports: [], info: { count: 0, more_records: false, next_cursor: null } });
  });

  test('refuses parameters that are none', async () => {
    await using fixture = await Fixture.open();
    for (const query of ['per_page=0', 'per_page=101', 'per_page=x', 'cursor=x', `cursor=${'x'.repeat(100)}`]) {
      const answer = await fixture.inject({ url: `${path}?${query}` });
      assert.deepEqual([answer.statusCode, answer.json().code], [400, 'INVALID_DATA'], query);
    }
  });

  test("shows a user their own, an administrator everybody's; another's is as if it were not there", async () => {
    await using fixture = await filledFixture();
    const { token } = await fixture.addUser('member@example.com');
    const own = await created(fixture, {}, token);
    const other = await created(fixture);
    const idsOf = async (as: string) =>
      (await fixture.inject({ url: path, token: as })).json().exports.map((each: ExportBody) => each.id);
    assert.deepEqual(await idsOf(token), [own.id]);
    assert.deepEqual((await idsOf(fixture.org.token)).toSorted(), [own.id, other.id].toSorted());
    const hidden = await fixture.inject({ url: `${path}/${other.id}`, token });
    const missing = await fixture.inject({ url: `${path}/1`, token });
    assert.deepEqual([hidden.statusCode, hidden.body], [404, missing.body]);
  });

  test('leaves long criteria out, which reading the one export has', async () => {
    await using fixture = await filledFixture();
    const criteria = { field: { api_name: 'action' }, comparator: 'equal', value: 'added', ignored: 'x'.repeat(9_000) };
    await fixture.inject({ method: 'POST', url: wirePath, payload: { audit_log_export: [{ criteria }] } });
    const [listed] = (await fixture.inject({ url: path })).json().exports;
    assert.ok(!('criteria' in listed) && 'filter' in listed);
    assert.deepEqual((await read(fixture, listed.id)).criteria, criteria);
  });

  test('still has an export whose files are gone, without their links', async () => {
    await using fixture = await filledFixture();
    const { id } = await created(fixture);
    await fixture.runJobs();
    fixture.now += 7 * 86_400_000;
    const answer = await fixture.inject({ url: `${path}/${id}`, token: await fixture.token() });
    const { is_expired, files }: ExportBody = answer.json().export;
    assert.deepEqual([is_expired, files.map((file) => file.link)], [true, [null]]);
  });

  test('says why one has failed, and what to do', async () => {
    await using fixture = await filledFixture();
    const { id } = await created(fixture);
    for (const owner of ['a', 'b', 'c']) {
      const job = await fixture.parts.jobs.claim(owner);
      assert.ok(job);
      await fixture.parts.jobs.renew({ jobId: id, owner }, { entries: 3, total: 5 });
      await fixture.parts.jobs.endTry({ jobId: id, owner }, job, failedTry('the disk is full'), 0);
    }
    const failed = (await fixture.inject({ url: `${path}/${id}` })).json().export;
    assert.deepEqual([failed.status, failed.entries, failed.failure.reason], ['failed', null, 'the disk is full']);
    assert.match(failed.failure.advice, /^Ask whoever runs the server to make room/);
  });

  test('tells of a job from before filters were kept what its query says', async () => {
    await using fixture = await filledFixture();
    const { id } = await created(fixture, { done_by: ['7'], from: '2026-01-01' });
    await fixture.parts.db.updateTable('export_jobs').set({ filter: null }).execute();
    const { filter, criteria_in_words } = await read(fixture, id);
    assert.deepEqual([filter, criteria_in_words], [null, ['From 1 January 2026 on', 'Done by Ada Lovelace']]);
  });

  test('shows progress as the worker knows it, ahead of the row', async () => {
    await using fixture = await filledFixture({
      wrap: (parts) => ({ ...parts, progressOf: () => ({ entries: 2, total: 5 }) }),
    });
    const { id } = await created(fixture);
    assert.deepEqual([(await read(fixture, id)).entries, (await read(fixture, id)).total_entries], [null, null]);
    await fixture.parts.jobs.claim('a');
    const { status, entries, total_entries } = await read(fixture, id);
    assert.deepEqual([status, entries, total_entries], ['progress', 2, 5]);
  });
});
