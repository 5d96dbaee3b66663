import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import type { Ledger, LedgerRow } from '../../src/ledger/ledger.ts';
import { aQuery, aRow, linesOf, org, rawOf, sent, someRows, textOf } from './rows.ts';

export function appendingContract(open: () => Promise<Ledger>): void {
  repeats(open);
  atomicCalls(open);
  arrivals(open);
  refusals(open);
}

function repeats(open: () => Promise<Ledger>): void {
  test('an appended row is read back as it was sent, with its arrival, its time of arrival and its client', async () => {
    await using ledger = await open();
    const row = aRow(1, { id: 2n ** 63n - 1n, doneBy: 2n ** 63n - 1n, line: 'Ünïcode, "quotes",\r\n😀\t\r\n' });
    assert.deepEqual(await ledger.append(org, [row], sent), ['new']);
    assert.deepEqual(await ledger.page(aQuery(), null, 10), [
      { ...row, arrival: 1, arrivedAt: sent.arrivedAt, client: sent.client },
    ]);
    assert.equal(await textOf(ledger, aQuery()), row.line);
  });

  test('the same key with the same line is a duplicate, with another line a conflict, and neither is stored', async () => {
    await using ledger = await open();
    await ledger.append(org, [aRow(1), aRow(2)], sent);
    const again = [aRow(1), aRow(2, { line: 'another\r\n' }), aRow(3)];
    assert.deepEqual(await ledger.append(org, again, { ...sent, client: 'other' }), ['duplicate', 'conflict', 'new']);
    assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(1, 3)));
    assert.equal(await ledger.lastArrival(org), 3);
    assert.deepEqual(
      (await ledger.page(aQuery(), null, 10)).map((row) => row.client),
      ['other', sent.client, sent.client],
    );
  });

  test('rows of one call may repeat each other', async () => {
    await using ledger = await open();
    const rows = [aRow(1), aRow(1), aRow(1, { line: 'another\r\n' }), aRow(2)];
    assert.deepEqual(await ledger.append(org, rows, sent), ['new', 'duplicate', 'conflict', 'new']);
    assert.equal(await ledger.lastArrival(org), 2);
  });

  test('one id at two times, and one key in two organisations, are different entries', async () => {
    await using ledger = await open();
    assert.deepEqual(await ledger.append(org, [aRow(1), aRow(1, { time: 5 })], sent), ['new', 'new']);
    assert.deepEqual(await ledger.append('10002', [aRow(1, { line: 'theirs\r\n' })], sent), ['new']);
    assert.equal(await textOf(ledger, aQuery({ org: '10002' })), 'theirs\r\n');
    assert.equal(await ledger.lastArrival('10002'), 1);
  });

  test('a call without rows has no outcomes', async () => {
    await using ledger = await open();
    assert.deepEqual(await ledger.append(org, [], sent), []);
    assert.equal(await ledger.lastArrival(org), 0);
  });
}

function atomicCalls(open: () => Promise<Ledger>): void {
  test('an atomic call with a conflict stores nothing, and says what its rows would have been', async () => {
    await using ledger = await open();
    await ledger.append(org, [aRow(1), aRow(2)], sent);
    const rows = [aRow(3), aRow(3), aRow(1), aRow(2, { line: 'another\r\n' }), aRow(4)];
    const outcomes = await ledger.append(org, rows, { ...sent, atomic: true });
    assert.deepEqual(outcomes, ['new', 'duplicate', 'duplicate', 'conflict', 'new']);
    assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(1, 2)));
    assert.equal(await ledger.lastArrival(org), 2);
    const withoutIt = [aRow(3), aRow(1), aRow(4)];
    assert.deepEqual(await ledger.append(org, withoutIt, { ...sent, atomic: true }), ['new', 'duplicate', 'new']);
  });

  test('an atomic call that is refused leaves calls that share its commit alone', async () => {
    await using ledger = await open();
    await ledger.append(org, [aRow(1)], sent);
    const clash = [aRow(2), aRow(1, { line: 'another\r\n' })];
    const outcomes = await Promise.all([
      ledger.append(org, [aRow(3)], sent),
      ledger.append(org, clash, { ...sent, atomic: true, client: 'a client never seen before' }),
      ledger.append(org, [aRow(4)], { ...sent, client: 'a client never seen before' }),
    ]);
    assert.deepEqual(outcomes, [['new'], ['new', 'conflict'], ['new']]);
    const rows = await ledger.page(aQuery(), null, 10);
    assert.deepEqual(
      rows.map((row) => [row.line, row.arrival]),
      [
        ['line 4\r\n', 3],
        ['line 3\r\n', 2],
        ['line 1\r\n', 1],
      ],
    );
  });
}

function arrivals(open: () => Promise<Ledger>): void {
  test('arrival numbers count up without a gap, for each organisation, in the order of the rows', async () => {
    await using ledger = await open();
    assert.equal(await ledger.lastArrival(org), 0);
    const backwards = someRows(1, 5).reverse();
    await ledger.append(org, backwards, sent);
    await ledger.append('10002', someRows(1, 2), sent);
    await ledger.append(org, [aRow(3), aRow(6)], sent);
    const rows = await ledger.page(aQuery(), null, 10);
    assert.deepEqual(
      rows.map((row) => row.arrival),
      [6, 1, 2, 3, 4, 5],
    );
    assert.equal(await ledger.lastArrival(org), 6);
    assert.equal(await ledger.lastArrival('10002'), 2);
    assert.equal(await ledger.lastArrival('999'), 0);
  });

  test('many calls at once are all stored, each once', async () => {
    await using ledger = await open();
    const calls = Array.from({ length: 400 }, (_, n) => someRows(n * 4, 5));
    const outcomes = (await Promise.all(calls.map((rows) => ledger.append(org, rows, sent)))).flat();
    assert.equal(outcomes.filter((one) => one === 'new').length, 1601);
    assert.equal(await ledger.lastArrival(org), 1601);
    assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(0, 1601)));
  });

  test('what a query with asOf sees stays the same while rows arrive', async () => {
    await using ledger = await open();
    const early = someRows(1, 300).filter((_, n) => n % 2 === 0);
    await ledger.append(org, early, sent);
    const asOf = await ledger.lastArrival(org);
    const query = aQuery({ asOf });
    const reading = ledger.chunks(query, { rowsPerFile: 20 })[Symbol.asyncIterator]();
    const first = await reading.next();
    await ledger.append(org, someRows(1, 300), sent);
    let text = Buffer.from(first.value ? rawOf(first.value) : []).toString();
    for (let next = await reading.next(); !next.done; next = await reading.next())
      text += Buffer.from(rawOf(next.value));
    assert.equal(text, linesOf(early));
    assert.equal(await ledger.count(query), 150);
    assert.equal((await ledger.page(query, null, 1000)).length, 150);
    assert.equal(await ledger.count(aQuery()), 300);
  });
}

function refusals(open: () => Promise<Ledger>): void {
  test('a row that breaks the terms is refused, and the calls beside it are stored', async () => {
    await using ledger = await open();
    const broken: Partial<LedgerRow>[] = [
      { id: 0n },
      { id: 2n ** 63n },
      { doneBy: 0n },
      { doneBy: -1n },
      { time: 1.5 },
      { line: 'half \ud83d\r\n' },
      { line: 'a \0\r\n' },
    ];
    const calls = broken.flatMap((changes, n) => [
      assert.rejects(ledger.append(org, [aRow(100), aRow(0, changes)], sent), (error) => !(error instanceof Failure)),
      ledger.append(org, [aRow(n)], sent),
    ]);
    await Promise.all(calls);
    await assert.rejects(ledger.append('no organisation', [aRow(0)], sent));
    assert.equal(await textOf(ledger, aQuery()), linesOf(someRows(0, broken.length)));
  });

  test('closing stores what was accepted, and refuses what comes later', async () => {
    const ledger = await open();
    const accepted = ledger.append(org, someRows(1, 3000), sent);
    await ledger[Symbol.asyncDispose]();
    assert.equal((await accepted).length, 3000);
    const isUnavailable = { code: 'SERVICE_UNAVAILABLE' };
    await assert.rejects(ledger.append(org, [aRow(1)], sent), isUnavailable);
    await assert.rejects(ledger.lastArrival(org), isUnavailable);
    await assert.rejects(ledger.count(aQuery()), isUnavailable);
    await assert.rejects(ledger.page(aQuery(), null, 1), isUnavailable);
    await assert.rejects(textOf(ledger, aQuery()), isUnavailable);
  });
}
