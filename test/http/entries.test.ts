import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { anEntry, Fixture } from './fixture.ts';

const url = '/api/v1/entries';
const ndjson = { 'content-type': 'application/x-ndjson' };

function lines(...values: unknown[]): string {
  return values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');
}

suite('recording entries', () => {
  test('takes one entry, an array, and NDJSON, and gives each back', async () => {
    await using fixture = await Fixture.open();
    const post = (payload: unknown, headers = {}) =>
      fixture.inject({ method: 'POST', url, headers, payload: payload as string }); // light-my-request serialises objects
    const one = await post(anEntry({ record: { name: 'one' } }));
    assert.equal(one.body, '{"accepted":1,"duplicates":0,"rejected":[]}');
    assert.equal(
      (await post([anEntry({ record: { name: 'two' } }), anEntry({ record: { name: 'three' } })])).json().accepted,
      2,
    );
    assert.equal(
      (await post(lines(anEntry({ record: { name: 'four' } }), anEntry({ record: { name: 'five' } })), ndjson)).json()
        .accepted,
      2,
    );
    const page = (await fixture.inject({ url })).json();
    assert.deepEqual(
      page.entries.map((entry: { record: { name: string } }) => entry.record.name),
      ['five', 'four', 'three', 'two', 'one'],
    );
    assert.deepEqual(page.info, { count: 5, more_records: false, next_cursor: null, searched_to: null });
  });

  test('gives an entry back as it was sent, in the zone of the organisation', async () => {
    await using fixture = await Fixture.open();
    const entry = {
      id: '554023000001234567',
      audited_time: '2026-06-13T09:30:00+05:30',
      action: 'updated',
      done_by: { id: '554023000000799326', name: 'Patricia Boyle' },
      module: { api_name: 'Leads' },
      record: { id: '554023000000999001', name: '=Zylker, "Inc"\r\n🙂' },
      related_record: { module: 'Accounts', name: 'Zylker Corp' },
      account_name: 'Zylker Corp',
      source: 'crm_ui',
      changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
    };
    await fixture.inject({ method: 'POST', url, payload: { ...entry, audited_time: '2026-06-13T04:00:00.9Z' } });
    assert.deepEqual((await fixture.inject({ url })).json().entries, [entry]);
  });

  test('an id of its own makes a retry harmless, and another line under the same key is rejected', async () => {
    await using fixture = await Fixture.open();
    const entry = anEntry({ id: '7', audited_time: '2026-06-01T00:00:00Z' });
    const post = async (payload: object) => (await fixture.inject({ method: 'POST', url, payload })).json();
    assert.deepEqual(await post(entry), { accepted: 1, duplicates: 0, rejected: [] });
    assert.deepEqual(await post(entry), { accepted: 0, duplicates: 1, rejected: [] });
    const other = await post([anEntry({ record: { name: 'beside' } }), { ...entry, action: 'deleted' }]);
    assert.equal(other.accepted, 0);
    assert.equal(other.duplicates, 0);
    assert.deepEqual(
      other.rejected.map(({ line, code }: { line: number; code: string }) => [line, code]),
      [[2, 'DUPLICATE_DATA']],
    );
    assert.equal((await fixture.inject({ url })).json().entries.length, 1);
  });

  test('an array is stored whole or not at all, NDJSON line by line', async () => {
    await using fixture = await Fixture.open();
    const bad = anEntry({ record: { name: 5 } });
    const array = await fixture.inject({ method: 'POST', url, payload: [anEntry(), bad] });
    assert.equal(array.statusCode, 200);
    assert.equal(array.json().accepted, 0);
    assert.deepEqual(
      array.json().rejected.map((each: { line: number; json_path: string }) => [each.line, each.json_path]),
      [[2, '$.record.name']],
    );
    assert.equal((await fixture.inject({ url })).json().entries.length, 0);
    const stream = await fixture.inject({
      method: 'POST',
      url,
      headers: ndjson,
      payload: lines(anEntry(), bad, 'not json', '', anEntry()),
    });
    assert.equal(stream.statusCode, 200);
    assert.equal(stream.json().accepted, 2);
    assert.deepEqual(
      stream.json().rejected.map((each: { line: number }) => each.line),
      [2, 3],
    );
    assert.equal((await fixture.inject({ url })).json().entries.length, 2);
  });

  test('a body that is no JSON, is empty, or holds too many entries is refused', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_MAX_ENTRIES_PER_ARRAY: '2' } });
    for (const payload of ['', '{', 'null{', '\u0000', '[1,']) {
      const answer = await fixture.inject({ method: 'POST', url, payload });
      assert.deepEqual([payload, answer.statusCode, answer.json().code], [payload, 400, 'INVALID_DATA']);
    }
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    assert.equal((await fixture.inject({ method: 'POST', url, payload: deep })).json().code, 'INVALID_DATA');
    const many = await fixture.inject({ method: 'POST', url, payload: [anEntry(), anEntry(), anEntry()] });
    assert.equal(many.statusCode, 400);
    assert.equal(many.json().code, 'LIMIT_EXCEEDED');
    assert.equal(many.json().details.limit, '2');
  });

  test('too many bad lines stop the stream with an error that says how far it got', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_MAX_REJECTED_LINES: '3' } });
    const payload = lines(anEntry(), anEntry(), ...Array(4).fill('x'), anEntry());
    const answer = await fixture.inject({ method: 'POST', url, headers: ndjson, payload });
    assert.equal(answer.statusCode, 400, answer.body);
    const body = answer.json();
    assert.equal(body.code, 'LIMIT_EXCEEDED');
    assert.equal(body.details.limit, '3');
    assert.equal(body.details.accepted, 2);
  });

  test('an over-long line is rejected by its number, and its neighbours are stored', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_MAX_NDJSON_LINE_BYTES: '2000' } });
    const payload = lines(anEntry(), anEntry({ account_name: 'x'.repeat(5000) }), anEntry());
    const answer = (await fixture.inject({ method: 'POST', url, headers: ndjson, payload })).json();
    assert.equal(answer.accepted, 2);
    assert.deepEqual(
      answer.rejected.map((each: { line: number; code: string }) => [each.line, each.code]),
      [[2, 'REQUEST_TOO_LARGE']],
    );
  });

  test('bodies of all requests together are bounded, and the server goes on', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_MAX_BODY_BYTES_AT_ONCE: String(2 ** 20) } });
    const post = (characters: number) =>
      fixture.inject({ method: 'POST', url, payload: anEntry({ account_name: 'x'.repeat(characters) }) });
    const answer = await post(2 ** 20);
    assert.equal(answer.statusCode, 429);
    assert.equal(answer.headers['retry-after'], '2');
    assert.equal((await post(100)).json().accepted, 1);
  });

  test('a full disk answers 503 with Retry-After, and the next entry is taken', async () => {
    let isFull = true;
    await using fixture = await Fixture.open({
      wrap: (parts) => ({
        ...parts,
        recorder: new Proxy(parts.recorder, {
          get(target, key) {
            if (key !== 'record') return Reflect.get(target, key, target);
            if (isFull)
              return () =>
                Promise.reject(new Failure('SERVICE_UNAVAILABLE', 'The disk is full', { retryAfterSeconds: 9 }));
            return target.record.bind(target);
          },
        }),
      }),
    });
    const full = await fixture.inject({ method: 'POST', url, payload: anEntry() });
    assert.equal(full.statusCode, 503);
    assert.equal(full.json().code, 'SERVICE_UNAVAILABLE');
    assert.equal(full.headers['retry-after'], '9');
    isFull = false;
    assert.equal((await fixture.inject({ method: 'POST', url, payload: anEntry() })).json().accepted, 1);
  });

  test('a stream that stalls answers 408; what came before is kept', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_BODY_IDLE_SECONDS: '1', ANNALS_PORT: '0' } });
    const address = await fixture.server.listen({ port: 0, host: '127.0.0.1' });
    const request = httpRequest(`${address}${url}`, {
      method: 'POST',
      headers: { ...ndjson, authorization: `Bearer ${fixture.org.token}` },
    });
    request.write(lines(anEntry()));
    const [answer] = await once(request, 'response');
    assert.equal(answer.statusCode, 408);
    request.on('error', () => {}); // the server hangs up on a body that it does not want any more
    request.destroy();
    const deadline = Date.now() + 5000;
    let stored = 0;
    while (stored === 0 && Date.now() < deadline) stored = (await fixture.inject({ url })).json().entries.length;
    assert.equal(stored, 1);
  });
});

suite('reading entries back', () => {
  test('pages by cursor meet every entry once, newest first, while more arrive', async () => {
    await using fixture = await Fixture.open();
    const time = (index: number) =>
      new Date(Date.parse('2026-06-01T00:00:00Z') + Math.floor(index / 3) * 1000).toISOString();
    const payload = Array.from({ length: 25 }, (_, index) =>
      anEntry({ id: String(index + 1), audited_time: time(index) }),
    );
    await fixture.inject({ method: 'POST', url, payload });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await fixture.inject({ url: `${url}?per_page=7${cursor === '' ? '' : `&cursor=${cursor}`}` });
      const body: { entries: { id: string }[]; info: { next_cursor: string | null } } = page.json();
      seen.push(...body.entries.map((entry) => entry.id));
      cursor = body.info.next_cursor;
      await fixture.inject({ method: 'POST', url, payload: anEntry() });
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, index) => String(25 - index)),
    );
  });

  test('a page of long lines ends early, and the cursor goes on from there', async () => {
    await using fixture = await Fixture.open();
    const long = (id: number) =>
      anEntry({ id: String(id), audited_time: '2026-06-01T00:00:00Z', record: { name: 'x'.repeat(60_000) } });
    const payload = Array.from({ length: 90 }, (_, index) => long(index + 1));
    assert.equal((await fixture.inject({ method: 'POST', url, payload })).json().accepted, 90);
    const first = await fixture.inject({ url: `${url}?per_page=1000` });
    const { entries, info } = first.json();
    assert.ok(first.body.length < 4_000_000 && entries.length < 90, `${entries.length} entries`);
    const rest: string[] = [];
    for (let cursor = info.next_cursor; cursor !== null; ) {
      const page = (await fixture.inject({ url: `${url}?per_page=1000&cursor=${cursor}` })).json();
      rest.push(...page.entries.map((entry: { id: string }) => entry.id));
      cursor = page.info.next_cursor;
    }
    assert.equal(new Set([...entries.map((entry: { id: string }) => entry.id), ...rest]).size, 90);
  });

  test('filters by time, action, module and person, each repeatable', async () => {
    await using fixture = await Fixture.open();
    const payload = [
      anEntry({ id: '1', audited_time: '2026-06-01T00:00:00+05:30', action: 'Added', module: { api_name: 'Deals' } }),
      anEntry({ id: '2', audited_time: '2026-06-02T23:59:59+05:30', action: 'signed_in', done_by: { id: '5' } }),
      anEntry({ id: '3', audited_time: '2026-06-03T00:00:00+05:30', action: 'deleted' }),
    ];
    await fixture.inject({ method: 'POST', url, payload });
    const ids = async (query: string) =>
      (await fixture.inject({ url: `${url}?${query}` }))
        .json()
        .entries.map((entry: { id: string }) => entry.id)
        .join();
    assert.equal(await ids('from=2026-06-01&to=2026-06-02'), '2,1');
    assert.equal(await ids('action=ADDED&action=deleted'), '3,1');
    assert.equal(await ids('module=Deals'), '1');
    assert.equal(await ids('done_by=5'), '2');
    assert.equal(await ids('done_by=6'), '');
  });

  test('bad parameters are refused by name', async () => {
    await using fixture = await Fixture.open();
    const bad = [
      'per_page=0',
      'per_page=1001',
      'per_page=x',
      'cursor=!!',
      `cursor=${'a'.repeat(100)}`,
      `cursor=${Buffer.from('1795449849.9999999999999999999').toString('base64url')}`,
      'from=yesterday',
      'to=2026-02-30',
      'done_by=me',
      'module=',
    ];
    for (const query of bad) {
      const answer = await fixture.inject({ url: `${url}?${query}` });
      assert.equal(answer.statusCode, 400, query);
      assert.equal(answer.json().details.api_name, query.split('=')[0]);
    }
  });
});
