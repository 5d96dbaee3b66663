import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type Connection, openForReading } from '../../src/ledger/sqlite/file.ts';
import { filterOf } from '../../src/ledger/sqlite/filter.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { LineMatch } from '../../src/ledger/sqlite/line-match.ts';
import { RunningQueries } from '../../src/ledger/sqlite/running-queries.ts';
import { type Direction, Statements, sql, type Way } from '../../src/ledger/sqlite/statements.ts';
import { Walk } from '../../src/ledger/sqlite/walk.ts';
import { aQuery, org, sent, someRows } from './rows.ts';
import { scratchFolder } from './scratch.ts';

const anyParameters = {
  org: 1,
  lowTime: 0,
  lowId: 0n,
  highTime: 0,
  highId: 0n,
  asOf: 0,
  actions: '[]',
  modules: '[]',
  list: 1,
  users: '[]',
  limit: 1,
  skip: 1,
};

/** The way SQLite would take to the entries, and whether it would sort. */
function planOf(connection: Connection, text: string): { entries: string; sorts: boolean } {
  const steps = connection.prepare<[typeof anyParameters], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`);
  const details = steps.all(anyParameters).map((step) => step.detail);
  const entries = details.filter((detail) => /^(SEARCH|SCAN) e\b/.test(detail) && !detail.startsWith('SCAN e'));
  return { entries: entries.join(' | '), sorts: details.some((detail) => detail.includes('TEMP B-TREE')) };
}

const bySweep = 'SEARCH e USING PRIMARY KEY (org=? AND (time,id)>(?,?) AND (time,id)<(?,?))';
const byUser = 'by_user (org=? AND done_by=? AND (time,id)>(?,?) AND (time,id)<(?,?))';
const directions: readonly Direction[] = ['oldest-first', 'newest-first'];

suite('the plans of the statements', () => {
  const lists = [null, '[]'];
  const conditions = lists.flatMap((actions) => lists.map((modules) => ({ actions, modules, match: null })));

  test('a sweep seeks its span by the primary key, reads in order, and never sorts', async () => {
    await using read = await openScratch();
    for (const users of [null, ['1'], ['1', '2']]) {
      for (const condition of conditions) {
        const filter = { ...condition, users };
        for (const make of [sql.count, sql.measure, sql.lines]) {
          assert.deepEqual(planOf(read.connection, make('sweep', filter)), { entries: bySweep, sorts: false });
        }
        assert.equal(planOf(read.connection, sql.rows('sweep', filter)).entries, bySweep);
      }
      const match = LineMatch.of({ words: ['word'], record: null });
      const counted = planOf(read.connection, sql.count('sweep', { actions: '[]', modules: '[]', users, match }));
      assert.deepEqual(counted, { entries: bySweep, sorts: false });
      for (const direction of directions) {
        const plan = planOf(read.connection, sql.edge('sweep', users, direction));
        assert.deepEqual(plan, { entries: bySweep, sorts: false });
      }
    }
  });

  test('through the users, the index alone answers all but what needs the lines', async () => {
    await using read = await openScratch();
    for (const users of [['1'], ['1', '2']]) {
      for (const condition of conditions) {
        const filter = { ...condition, users };
        const inIndex = { entries: `SEARCH e USING COVERING INDEX ${byUser}`, sorts: false };
        assert.deepEqual(planOf(read.connection, sql.count('users', filter)), inIndex);
        assert.deepEqual(planOf(read.connection, sql.measure('users', filter)), inIndex);
        assert.deepEqual(planOf(read.connection, sql.entriesOfUsers(users)), inIndex);
        const lines = planOf(read.connection, sql.lines('users', filter));
        assert.deepEqual(lines, { entries: `SEARCH e USING INDEX ${byUser}`, sorts: users.length > 1 });
      }
    }
    for (const direction of directions) {
      const plan = planOf(read.connection, sql.edge('users', ['1'], direction));
      assert.deepEqual(plan, { entries: `SEARCH e USING COVERING INDEX ${byUser}`, sorts: false });
    }
  });
});

suite('the choice of the way', () => {
  test('rare users are found through the index, frequent ones by the sweep, also when that changes on the way', async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'ledger.sqlite');
    await using ledger = await SqliteLedger.open({ file, reads: 'here' });
    const rare = (n: number) => BigInt(1 + (n % 100));
    for (let n = 0; n < 20; n += 1) {
      const rows = someRows(n * 1000, 1000).map((row, k) => ({ ...row, doneBy: n < 10 ? rare(k) : 1n }));
      await ledger.append(org, rows, sent);
    }
    using connection = openWithPeople(file);
    assert.deepEqual(waysOf(connection.open, ['2']), ['users']);
    assert.deepEqual(waysOf(connection.open, ['2', '3', '4']), ['users']);
    const ofFrequent = waysOf(connection.open, ['1', '2', '3']);
    assert.ok(ofFrequent.includes('users'), `${ofFrequent}`);
    assert.equal(ofFrequent.at(-1), 'sweep');
    const all = Array.from({ length: 100 }, (_, n) => String(n + 1));
    assert.deepEqual(waysOf(connection.open, all), ['sweep']);
  });
});

/** The ways that a walk takes to the end, each run of the same way named once. */
function waysOf(connection: Connection, users: readonly string[]): Way[] {
  const filter = filterOf(aQuery({ doneBy: users }));
  assert.ok(filter);
  const statements = new Statements(connection);
  statements.run(sql.addPeople, { list: 1, users: `[${users.join(',')}]` });
  const walk = new Walk(statements, { filter, list: 1, direction: 'oldest-first', reads: 'lines' });
  const ways: Way[] = [];
  for (let piece = walk.piece(500); piece; piece = walk.piece(500)) {
    if (ways.at(-1) !== piece.way) ways.push(piece.way);
    walk.advance(piece, statements.number(sql.count(piece.way, filter), walk.parameters(piece)));
  }
  statements.run(sql.removePeople, { list: 1 });
  return ways;
}

function openWithPeople(file: string): Disposable & { readonly open: Connection } {
  const open = openForReading(file);
  open.exec(sql.makePeople);
  return { open, [Symbol.dispose]: () => open.close() };
}

async function openScratch(): Promise<AsyncDisposable & { readonly connection: Connection }> {
  const folder = await scratchFolder();
  const file = join(folder.path, 'ledger.sqlite');
  await (await SqliteLedger.open({ file, reads: 'here' }))[Symbol.asyncDispose]();
  const connection = openForReading(file);
  new RunningQueries(connection, new Statements(connection));
  return {
    connection,
    async [Symbol.asyncDispose]() {
      connection.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
