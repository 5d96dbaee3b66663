import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { placesIn } from '../../src/app.ts';
import { sealNow } from '../ledger/sealing-ledger.ts';
import { anEntry, Fixture } from './fixture.ts';

const url = '/api/v1/entries';
const start = Date.parse('2026-06-13T00:00:00Z');

/** A minute apart: every fifth is of a Café, every third deleted, every fourth of Deals. */
function someEntries(count: number, over: Record<string, unknown> = {}) {
  return Array.from({ length: count }, (_, n) =>
    anEntry({
      id: String(1000 + n),
      audited_time: new Date(start + n * 60_000).toISOString(),
      action: n % 3 === 0 ? 'deleted' : 'added',
      module: { api_name: n % 4 === 0 ? 'Deals' : 'Leads' },
      record: { id: String(5000 + (n % 10)), name: n % 5 === 0 ? `Café Exemple ${n}` : `Lead, "No" ${n}` },
      ...over,
    }),
  );
}

async function withEntries(count: number, sealed = false): Promise<Fixture> {
  const fixture = await Fixture.open();
  await fixture.inject({ method: 'POST', url, payload: someEntries(count) });
  if (sealed) sealNow(placesIn(fixture.parts.config.dataDir).ledger, 20);
  return fixture;
}

/** Of all pages. */
async function found(fixture: Fixture, query: string, token = fixture.org.token): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const answer = await fixture.inject({ url: `${url}?${query}${cursor}`, token });
    assert.equal(answer.statusCode, 200, answer.body);
    const { entries, info } = answer.json();
    assert.equal(info.more_records, info.next_cursor !== null);
    ids.push(...entries.map((entry: { id: string }) => entry.id));
    if (info.next_cursor === null) return ids;
    cursor = `&cursor=${info.next_cursor}`;
  }
}

function ids(count: number, matches: (n: number) => boolean): string[] {
  return Array.from({ length: count }, (_, n) => n)
    .filter(matches)
    .map((n) => String(1000 + n))
    .toReversed();
}

for (const sealed of [false, true]) {
  suite(`reading entries that are ${sealed ? 'sealed' : 'not sealed'}`, () => {
    test('words and the record narrow it like the other filters, whatever the case', async () => {
      await using fixture = await withEntries(90, sealed);
      const page = 'per_page=7';
      assert.deepEqual(
        await found(fixture, `${page}&words=CAF%C3%89`),
        ids(90, (n) => n % 5 === 0),
      );
      assert.deepEqual(
        await found(fixture, `${page}&words=cafe%CC%81%20exemple%20%205`),
        ids(90, (n) => n % 5 === 0 && String(n).includes('5')),
      );
      assert.deepEqual(
        await found(fixture, `${page}&words=%22no%22`),
        ids(90, (n) => n % 5 !== 0),
      );
      assert.deepEqual(await found(fixture, `${page}&words=zylker`), []);
      assert.deepEqual(
        await found(fixture, `${page}&record_id=5003`),
        ids(90, (n) => n % 10 === 3),
      );
      assert.deepEqual(
        await found(fixture, `${page}&words=exemple&module=Deals&action=Deleted`),
        ids(90, (n) => n % 60 === 0),
      );
      assert.equal((await fixture.inject({ url: `${url}?words=${'x'.repeat(201)}` })).statusCode, 400);
      assert.equal((await fixture.inject({ url: `${url}?words=a+b+c+d+e+f+g+h+i` })).statusCode, 400);
    });

    test('a histogram follows the same filters, from the first to the last entry that one may see', async () => {
      await using fixture = await withEntries(90, sealed);
      const histogram = async (query: string) => (await fixture.inject({ url: `${url}/histogram?${query}` })).json();
      const all = await histogram('buckets=3');
      assert.deepEqual(all, {
        from: '2026-06-13T05:30:00+05:30',
        to: '2026-06-13T06:59:00+05:30',
        bucket_seconds: 1781,
        total: 90,
        is_estimate: false,
        buckets: [
          { start: '2026-06-13T05:30:00+05:30', actions: { deleted: 10, added: 20 } },
          { start: '2026-06-13T05:59:41+05:30', actions: { deleted: 10, added: 20 } },
          { start: '2026-06-13T06:29:22+05:30', actions: { deleted: 10, added: 20 } },
        ],
      });
      assert.equal((await histogram('words=exemple')).total, 18);
      assert.equal((await histogram('record_id=5003&action=deleted')).total, 3);
      const part = await histogram('module=Deals&from=2026-06-13T06:00:00%2B05:30&buckets=1');
      assert.deepEqual([part.from, part.total], ['2026-06-13T06:00:00+05:30', 15]);
      assert.equal((await fixture.inject({ url: `${url}/histogram?buckets=401` })).statusCode, 400);
    });
  });
}

suite('one entry', () => {
  test('is told with its arrival, under its time and id', async () => {
    await using fixture = await withEntries(3);
    const key = `${start / 1000 + 60}-1001`;
    const answer = (await fixture.inject({ url: `${url}/${key}` })).json();
    assert.equal(answer.entry.id, '1001');
    assert.equal(answer.arrival, 2);
    assert.equal(answer.received_at, '2026-07-01T11:30:00+05:30');
    assert.equal(typeof answer.client, 'string');
    for (const other of [
      `${start / 1000 + 61}-1001`,
      `${start / 1000 + 60}-1000`,
      '1-99999999999999999999',
      'x',
      '1',
    ]) {
      assert.equal((await fixture.inject({ url: `${url}/${other}` })).statusCode, 404);
    }
  });
});

suite('what a person may not see', () => {
  test('is not there, nor counted, nor suggested', async () => {
    await using fixture = await withEntries(10);
    const member = await fixture.addUser('elodie@example.com');
    const own = someEntries(2, { done_by: { id: member.id }, action: 'own' }).map((entry, n) => ({
      ...entry,
      id: String(2000 + n),
    }));
    await fixture.inject({ method: 'POST', url, payload: own });
    const { token } = member;
    assert.deepEqual(await found(fixture, '', token), ['2001', '2000']);
    const get = async (path: string) => (await fixture.inject({ url: path, token })).json();
    const { total, from, to } = await get(`${url}/histogram`);
    assert.deepEqual([total, from, to], [2, '2026-06-13T05:30:00+05:30', '2026-06-13T05:31:00+05:30']);
    assert.deepEqual(await get('/api/v1/actions'), { actions: ['own'] });
    const people = (await get('/api/v1/people')).people;
    assert.deepEqual(people, [{ id: member.id, name: 'elodie@example.com', status: 'active' }]);
    assert.deepEqual((await get('/api/v1/people?search=patricia')).people, []);
    const hidden = await fixture.inject({ url: `${url}/${start / 1000}-1000`, token });
    assert.equal(hidden.statusCode, 404);
  });
});

suite('suggestions', () => {
  test('people are found by a part of their name or address, in any case, so many at most', async () => {
    await using fixture = await withEntries(1);
    const elodie = anEntry({ done_by: { id: '77', name: 'Élodie Ünal' } });
    await fixture.inject({ method: 'POST', url, payload: elodie });
    const people = async (query: string): Promise<string[]> => {
      const answer = await fixture.inject({ url: `/api/v1/people?${query}` });
      return answer.json().people.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await people('search=PATRI'), ['Patricia Boyle']);
    assert.deepEqual(await people(`search=${encodeURIComponent('élo')}`), ['Élodie Ünal']);
    assert.deepEqual(await people('search=%25'), []);
    assert.equal((await people('limit=1')).length, 1);
    assert.equal((await fixture.inject({ url: '/api/v1/people?limit=101' })).statusCode, 400);
  });

  test('actions are those of the log, the most frequent first; an empty log has none', async () => {
    await using fixture = await withEntries(10);
    assert.deepEqual((await fixture.inject({ url: '/api/v1/actions' })).json(), { actions: ['added', 'deleted'] });
    await using empty = await Fixture.open();
    assert.deepEqual((await empty.inject({ url: '/api/v1/actions' })).json(), { actions: [] });
    const histogram = (await empty.inject({ url: `${url}/histogram` })).json();
    assert.deepEqual([histogram.from, histogram.total, histogram.buckets], [null, 0, []]);
  });
});

suite('a search that takes long', () => {
  test('answers with what it has, how far it came, and where to go on', async () => {
    const searchedTo = { time: start / 1000, id: 7n };
    const asked: unknown[] = [];
    await using fixture = await Fixture.open({
      wrap: (parts) => ({
        ...parts,
        ledger: Object.assign(Object.create(parts.ledger), {
          search: async (_: unknown, { before, budgetMs }: { before: unknown; budgetMs: number }) => {
            asked.push(before);
            assert.ok(budgetMs <= 150);
            return { rows: [], searchedTo };
          },
        }),
      }),
    });
    const { info } = (await fixture.inject({ url: `${url}?words=rare` })).json();
    assert.deepEqual([info.count, info.more_records, info.searched_to], [0, true, '2026-06-13T05:30:00+05:30']);
    await fixture.inject({ url: `${url}?words=rare&cursor=${info.next_cursor}` });
    assert.deepEqual(asked, [null, searchedTo]);
  });

  test('is ended when its client has gone', async () => {
    const searching = Promise.withResolvers<AbortSignal>();
    await using fixture = await Fixture.open({
      wrap: (parts) => ({
        ...parts,
        ledger: Object.assign(Object.create(parts.ledger), {
          search: async (_: unknown, { signal }: { signal: AbortSignal }) => {
            searching.resolve(signal);
            await once(signal, 'abort');
            throw signal.reason;
          },
        }),
      }),
    });
    const address = await fixture.server.listen({ host: '127.0.0.1', port: 0 });
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${fixture.org.token}` };
    const asked = fetch(`${address}${url}?words=rare`, { headers, signal: leave.signal });
    const signal = await searching.promise;
    leave.abort();
    await assert.rejects(asked);
    if (!signal.aborted) await once(signal, 'abort');
    assert.equal(signal.reason.message, 'The client has gone');
  });
});
