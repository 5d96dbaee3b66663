import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLine } from '../../src/audit/line.ts';
import { OrgZone } from '../../src/audit/time.ts';
import type { Ledger, LedgerProblem, LedgerRow } from '../../src/ledger/ledger.ts';
import { aQuery, aRow, chunksOf, linesOf, org, pagesOf, rawOf, sent, someRows, textOf } from './rows.ts';

const mebibyte = 1024 * 1024;

export function readingContract(open: () => Promise<Ledger>): void {
  order(open);
  filters(open);
  chunkSizes(open);
  crowdedSeconds(open);
  stopping(open);
  verifying(open);
}

function order(open: () => Promise<Ledger>): void {
  test('an export is in the order of time, then of the id as a number, whatever the order of arrival', async () => {
    await using ledger = await open();
    const rows = [9n, 10n, 2n ** 62n, 2n ** 63n - 1n].map((id) => aRow(0, { id, line: `${id}\r\n` }));
    const later = aRow(1, { id: 1n, line: 'later\r\n' });
    await ledger.append(org, [later, ...rows.toReversed()], sent);
    assert.equal(await textOf(ledger, aQuery()), linesOf([...rows, later]));
    const newestFirst = (await ledger.page(aQuery(), null, 10)).map((row) => row.id);
    assert.deepEqual(newestFirst, [1n, 2n ** 63n - 1n, 2n ** 62n, 10n, 9n]);
  });

  test('pages go on by key, newest first, and none repeats or leaves out a row', async () => {
    await using ledger = await open();
    const rows = someRows(0, 60).map((row, n) => ({ ...row, time: 1_700_000_000 + Math.floor(n / 7) }));
    await ledger.append(org, rows, sent);
    for (const size of [1, 7, 59, 60, 1000]) {
      const lines = (await pagesOf(ledger, aQuery(), size)).map((row) => row.line);
      assert.deepEqual(lines, rows.map((row) => row.line).reverse());
    }
    const [after] = await ledger.page(aQuery(), { time: 1_700_000_003, id: 0n }, 1);
    assert.equal(after?.line, rows[20]?.line);
    const fromBeyond = await ledger.page(aQuery({ to: 1_700_000_002 }), { time: 1_800_000_000, id: 1n }, 1);
    assert.equal(fromBeyond[0]?.line, rows[20]?.line);
  });
}

function filters(open: () => Promise<Ledger>): void {
  test('both ends of the time range are included, and a range that ends before it starts is empty', async () => {
    await using ledger = await open();
    await ledger.append(org, someRows(1, 5), sent);
    const at = (n: number) => 1_700_000_000 + n;
    assert.equal(await textOf(ledger, aQuery({ from: at(2), to: at(4) })), linesOf(someRows(2, 3)));
    assert.equal(await textOf(ledger, aQuery({ from: at(3), to: at(3) })), linesOf(someRows(3, 1)));
    assert.equal(await ledger.count(aQuery({ from: at(4), to: at(2) })), 0);
  });

  test('each condition narrows, an empty list matches nothing, and the conditions on users meet', async () => {
    await using ledger = await open();
    const actions = ['added', 'updated', 'deleted'];
    const rows = someRows(0, 120).map((row, n) => ({
      ...row,
      action: actions[n % 3] ?? '',
      module: n % 4 === 0 ? 'Deals' : 'Leads',
      doneBy: BigInt(1 + (n % 5)),
    }));
    await ledger.append(org, rows, sent);
    const countOf = async (changes: Parameters<typeof aQuery>[0]) => ledger.count(aQuery(changes));
    assert.equal(await countOf({ actions: ['added'] }), 40);
    assert.equal(await countOf({ actions: ['added', 'deleted'], modules: ['Deals'] }), 20);
    assert.equal(await countOf({ doneBy: ['3'] }), 24);
    assert.equal(await countOf({ doneBy: ['1', '2', '3'], visibleTo: ['3', '4'] }), 24);
    assert.equal(await countOf({ doneBy: ['1'], visibleTo: ['2'] }), 0);
    assert.equal(await countOf({ doneBy: ['3', '3', '77', '99999999999999999999'] }), 24);
    assert.equal(await countOf({ doneBy: ['3'], actions: ['updated'], modules: ['Leads'], asOf: 60 }), 3);
    assert.equal(await countOf({ modules: ["Leads' OR 1=1 --"] }), 0);
    for (const key of ['actions', 'modules', 'doneBy', 'visibleTo']) {
      assert.equal(await countOf({ [key]: [] }), 0);
      assert.equal(await textOf(ledger, aQuery({ [key]: [] })), '');
      assert.deepEqual(await ledger.page(aQuery({ [key]: [] }), null, 5), []);
    }
    assert.equal(await textOf(ledger, aQuery({ org: '10002' })), '');
    assert.equal(await textOf(ledger, aQuery({ org: '010001' })), '');
  });

  test('thousands of user ids are no trouble', async () => {
    await using ledger = await open();
    const rows = someRows(0, 3000).map((row, n) => ({ ...row, doneBy: BigInt(1 + (n % 300)) }));
    await ledger.append(org, rows, sent);
    const users = Array.from({ length: 5000 }, (_, n) => String(101 + n));
    const query = aQuery({ visibleTo: users });
    assert.equal(await ledger.count(query), 2000);
    assert.equal(await textOf(ledger, query), linesOf(rows.filter((row) => row.doneBy >= 101n)));
    const newest = await ledger.page(aQuery({ visibleTo: users.slice(0, 5) }), null, 7);
    assert.deepEqual(newest, (await pagesOf(ledger, query, 500)).filter((row) => row.doneBy <= 105n).slice(0, 7));
  });
}

function chunkSizes(open: () => Promise<Ledger>): void {
  test('no chunk holds over 1,000 rows or reaches over the end of a file', async () => {
    await using ledger = await open();
    const rows = someRows(0, 2600);
    await ledger.append(org, rows, sent);
    for (const rowsPerFile of [1, 999, 1000, 1001, 1700]) {
      const query = rowsPerFile === 1 ? aQuery({ to: 1_700_000_020 }) : aQuery();
      const chunks = await chunksOf(ledger, query, rowsPerFile);
      let before = 0;
      for (const { rows: held } of chunks) {
        assert.ok(held >= 1 && held <= 1000);
        assert.equal(Math.floor(before / rowsPerFile), Math.floor((before + held - 1) / rowsPerFile));
        before += held;
      }
      assert.equal(before, await ledger.count(query));
    }
  });

  test('a chunk of long lines holds about 1 MiB, and one of a line that is longer than that, one row', async () => {
    await using ledger = await open();
    const long = (n: number) => aRow(n, { line: `${String(n).padStart(160_000, 'é')}\r\n` });
    const rows: LedgerRow[] = [];
    for (let n = 0; n < 40; n += 1) rows.push(n % 4 === 0 ? aRow(n) : long(n));
    rows.push(aRow(40, { line: `${'x'.repeat(3 * mebibyte)}\r\n` }), ...someRows(41, 10));
    await ledger.append(org, rows, sent);
    const chunks = await chunksOf(ledger, aQuery());
    assert.equal(
      chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
      rows.length,
    );
    for (const chunk of chunks)
      assert.ok(chunk.rows === 1 || rawOf(chunk).length <= mebibyte, `${rawOf(chunk).length}`);
    assert.ok(chunks.length < 30, `${chunks.length} chunks`);
    const text = Buffer.concat(chunks.map(rawOf)).toString();
    assert.equal(text, linesOf(rows));
  });
}

function crowdedSeconds(open: () => Promise<Ledger>): void {
  test('a second that holds more rows than a chunk may is cut all the same, for all users and for some', async () => {
    await using ledger = await open();
    const rows = someRows(0, 4000).map((row, n) => ({ ...row, time: 1_700_000_000, doneBy: BigInt(1 + (n % 3)) }));
    await ledger.append(org, rows, sent);
    for (const doneBy of [null, ['2'], ['1', '3'], ['1', '2', '3']]) {
      const expected = rows.filter((row) => doneBy === null || doneBy.includes(String(row.doneBy)));
      const query = aQuery({ doneBy });
      assert.equal(await ledger.count(query), expected.length);
      assert.equal(await textOf(ledger, query, 1500), linesOf(expected));
      const pages = await pagesOf(ledger, query, 999);
      assert.equal(linesOf(pages.reverse()), linesOf(expected));
    }
  });
}

function verifying(open: () => Promise<Ledger>): void {
  test('verifies what is stored, entry by entry', async () => {
    await using ledger = await open();
    const rows = someRows(0, 250).map((row, n) => {
      const time = { auditedTime: new OrgZone('Asia/Kolkata').format(row.time), entryId: String(row.id) };
      const user = { doneByName: '=A "Sample", Jo', doneById: String(row.doneBy) };
      const record = { recordName: `Record ${n}`, relatedModule: '', relatedName: '', accountName: '', recordId: '' };
      const what = { action: row.action, module: row.module, source: 'api', changes: '' };
      return { ...row, line: encodeLine({ ...time, ...user, ...record, ...what }) };
    });
    await ledger.append(org, rows, sent);
    await ledger.append('10002', rows.slice(0, 7), sent);
    const problems: LedgerProblem[] = [];
    const { sealed, ...found } = await ledger.verify({ onProblem: (problem) => problems.push(problem) });
    assert.deepEqual(problems, []);
    assert.deepEqual(found, { organisations: 2, entries: 257, withoutHash: 0, problems: 0 });
    assert.ok(sealed <= 257);
    const stop = AbortSignal.abort(new Error('enough'));
    await assert.rejects(ledger.verify({ onProblem: () => {}, signal: stop }), /enough/);
  });

  test('tells of entries whose line is not that of their columns', async () => {
    await using ledger = await open();
    await ledger.append(org, [aRow(1)], sent);
    const problems: LedgerProblem[] = [];
    assert.equal((await ledger.verify({ onProblem: (problem) => problems.push(problem) })).problems, 1);
    assert.deepEqual(problems[0]?.key, { time: aRow(1).time, id: aRow(1).id });
  });
}

function stopping(open: () => Promise<Ledger>): void {
  test('an aborted export and an aborted count throw the reason of the signal', async () => {
    await using ledger = await open();
    await ledger.append(org, someRows(0, 3000), sent);
    const stop = new AbortController();
    const reason = new Error('enough');
    const chunks = ledger.chunks(aQuery(), { rowsPerFile: 500, signal: stop.signal })[Symbol.asyncIterator]();
    assert.ok(!(await chunks.next()).done);
    stop.abort(reason);
    await assert.rejects(chunks.next(), reason);
    await assert.rejects(ledger.count(aQuery(), stop.signal), reason);
    await assert.rejects(Array.fromAsync(ledger.chunks(aQuery(), { rowsPerFile: 500, signal: stop.signal })), reason);
    const during = new AbortController();
    const counting = ledger.count(aQuery({ modules: ['None'] }), during.signal);
    during.abort(reason);
    await assert.rejects(counting, reason);
    assert.equal(await ledger.count(aQuery()), 3000);
  });

  test('an aborted search throws the reason of the signal, and disturbs no other', async () => {
    await using ledger = await open();
    await ledger.append(org, someRows(0, 3000), sent);
    const reason = new Error('enough');
    const whole = { before: null, size: 10, budgetMs: Number.POSITIVE_INFINITY };
    const aborted = AbortSignal.abort(reason);
    await assert.rejects(ledger.search(aQuery({ words: ['none'] }), { ...whole, signal: aborted }), reason);
    const during = new AbortController();
    const searching = ledger.search(aQuery({ words: ['none'] }), { ...whole, signal: during.signal });
    during.abort(reason);
    await assert.rejects(searching, reason);
    assert.equal((await ledger.search(aQuery(), whole)).rows.length, 10);
  });

  test('an export that is left early does not disturb what comes after', async () => {
    await using ledger = await open();
    await ledger.append(org, someRows(0, 2000), sent);
    for (let round = 0; round < 5; round += 1) {
      for await (const chunk of ledger.chunks(aQuery({ doneBy: ['554023000000100000'] }), { rowsPerFile: 300 })) {
        assert.ok(chunk.rows > 0 && chunk.rows <= 300);
        break;
      }
      await ledger.append(org, [aRow(5000 + round)], sent);
    }
    assert.equal(await ledger.count(aQuery()), 2005);
  });

  test('exports side by side do not mix', async () => {
    await using ledger = await open();
    const rows = someRows(0, 1200).map((row, n) => ({ ...row, doneBy: BigInt(1 + (n % 6)) }));
    await ledger.append(org, rows, sent);
    const users = ['1', '2', '3', '4', '5', '6'];
    const texts = await Promise.all(users.map((user) => textOf(ledger, aQuery({ doneBy: [user] }), 100)));
    for (const [index, text] of texts.entries()) {
      assert.equal(text, linesOf(rows.filter((row) => row.doneBy === BigInt(index + 1))));
    }
  });
}
