import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Entry, EntryPage } from '../../console/src/api/types.ts';
import { Feed, keyOf, pageSize } from '../../console/src/pages/log/feed.ts';

/** The entry that is the n-th newest of its log; ids count from the oldest, so that a new one changes no other. */
function entry(id: number): Entry {
  return {
    id: String(id),
    audited_time: new Date(Date.parse('2026-07-01T00:00:00Z') + id * 1000).toISOString(),
    action: 'updated',
    done_by: { id: '1', name: 'Ada' },
    module: { api_name: 'Leads' },
    record: { name: `Record ${id}` },
  };
}

/** A server with a log of its own: cursors name the last entry of the page before. */
class FakeLog {
  ids: number[];
  asked: (string | null)[] = [];
  failNext = false;

  constructor(length: number) {
    this.ids = Array.from({ length }, (_, index) => index + 1);
  }

  readonly load = async (cursor: string | null): Promise<EntryPage> => {
    this.asked.push(cursor);
    await Promise.resolve();
    if (this.failNext) {
      this.failNext = false;
      throw new Error('the line broke');
    }
    const older = this.ids.toSorted((a, b) => b - a).filter((id) => cursor === null || id < Number(cursor));
    const entries = older.slice(0, pageSize).map(entry);
    const hasMore = older.length > pageSize;
    return {
      entries,
      info: {
        count: entries.length,
        more_records: hasMore,
        next_cursor: hasMore ? (entries.at(-1)?.id ?? null) : null,
      },
    };
  };
}

/** Lets what is on its way arrive. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Scrolls down until so many rows are known. */
async function reach(feed: Feed, rows: number): Promise<void> {
  while (feed.rows < rows && !feed.isDone) {
    feed.need(feed.rows - 30, feed.rows);
    await settle();
  }
}

function heldRows(feed: Feed): number {
  let held = 0;
  for (let row = 0; row < feed.rows; row += 1) if (feed.at(row) !== undefined) held += 1;
  return held;
}

suite('the feed of the log', () => {
  test('reads on when the end comes near, and knows when there is nothing older', async () => {
    const log = new FakeLog(250);
    const feed = new Feed(log.load);
    feed.need(0, 20);
    await settle();
    assert.equal(feed.rows, pageSize);
    feed.need(0, 20);
    await settle();
    assert.equal(log.asked.length, 1, 'nothing is read ahead of what is looked at');
    await reach(feed, 250);
    assert.equal(feed.isDone, true);
    assert.equal(feed.at(0)?.id, '250');
    assert.equal(feed.at(249)?.id, '1');
    assert.equal(feed.at(250), undefined);
  });

  test('holds a bounded number of entries however far one scrolls, and fetches those let go of again', async () => {
    const log = new FakeLog(10_000);
    const feed = new Feed(log.load);
    await reach(feed, 10_000);
    assert.ok(heldRows(feed) <= 18 * pageSize, `${heldRows(feed)} entries are held`);
    assert.equal(feed.at(0), undefined);
    feed.need(0, 30);
    await settle();
    assert.equal(feed.at(0)?.id, '10000');
    assert.equal(feed.rows, 10_000, 'what is below is still known');
    feed.need(5_050, 5_080);
    await settle();
    assert.equal(feed.at(5_060)?.id, String(10_000 - 5_060));
    assert.ok(heldRows(feed) <= 18 * pageSize);
  });

  test('loses no entry and shows none twice when one came in late among those let go of', async () => {
    const log = new FakeLog(5_000);
    const feed = new Feed(log.load);
    await reach(feed, 5_000);
    log.ids.push(4_950.5);
    feed.need(0, 30);
    await settle();
    await reach(feed, 5_001);
    const seen: string[] = [];
    for (let row = 0; row < feed.rows; row += 50) {
      feed.need(row, row + 49);
      await settle();
      for (let place = row; place < Math.min(row + 50, feed.rows); place += 1) seen.push(feed.at(place)?.id ?? '');
    }
    assert.deepEqual(seen, log.ids.toSorted((a, b) => b - a).map(String));
  });

  test('lets new entries wait while one reads, and says how many; shown, it begins with them', async () => {
    const log = new FakeLog(300);
    const feed = new Feed(log.load);
    await reach(feed, 300);
    log.ids.push(301, 302, 303);
    await feed.look(() => false);
    assert.deepEqual(feed.waiting, { count: 3, hasMore: false });
    assert.equal(feed.at(0)?.id, '300');
    assert.equal(feed.rows, 300);
    feed.showWaiting();
    assert.equal(feed.at(0)?.id, '303');
    assert.equal(feed.waiting.count, 0);
    await reach(feed, 303);
    assert.equal(feed.at(302)?.id, '1');
  });

  test('shows new entries at once to who is at the top, and draws nothing when there are none', async () => {
    const log = new FakeLog(5);
    const feed = new Feed(log.load);
    feed.need(0, 20);
    await settle();
    const before = feed.version();
    await feed.look(() => true);
    assert.equal(feed.version(), before);
    log.ids.push(6);
    await feed.look(() => true);
    assert.equal(feed.at(0)?.id, '6');
    assert.equal(feed.rows, 6);
  });

  test('says that there are more new ones than a page holds', async () => {
    const log = new FakeLog(5);
    const feed = new Feed(log.load);
    feed.need(0, 20);
    await settle();
    for (let id = 6; id < 200; id += 1) log.ids.push(id);
    await feed.look(() => false);
    assert.deepEqual(feed.waiting, { count: pageSize, hasMore: true });
  });

  test('goes on where a page could not be had, once that is asked for', async () => {
    const log = new FakeLog(250);
    const feed = new Feed(log.load);
    feed.need(0, 20);
    await settle();
    log.failNext = true;
    feed.need(pageSize - 20, pageSize - 1);
    await settle();
    assert.ok(feed.error instanceof Error);
    feed.need(pageSize - 20, pageSize - 1);
    await settle();
    assert.equal(log.asked.length, 2, 'it does not try again by itself');
    feed.retry();
    await settle();
    assert.equal(feed.error, null);
    assert.equal(feed.rows, 2 * pageSize);
  });

  test('asks for a page that it let go of, and cannot have, not again at once', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const log = new FakeLog(5_000);
    const feed = new Feed(log.load);
    await reach(feed, 5_000);
    const asked = log.asked.length;
    log.failNext = true;
    for (let turn = 0; turn < 3; turn += 1) {
      feed.need(0, 30);
      await settle();
    }
    assert.equal(log.asked.length, asked + 1);
    context.mock.timers.tick(2_000);
    feed.need(0, 30);
    await settle();
    assert.equal(feed.at(0)?.id, '5000');
    assert.equal(feed.error, null);
  });

  test('goes on with a search that has found nothing so far', async () => {
    const answers: EntryPage[] = [
      { entries: [], info: { count: 0, more_records: true, next_cursor: 'a', searched_to: '2026-06-01T00:00:00Z' } },
      { entries: [entry(1)], info: { count: 1, more_records: false, next_cursor: null, searched_to: null } },
    ];
    const feed = new Feed(async () => answers.shift() ?? assert.fail('asked once too often'));
    feed.need(0, 20);
    await settle();
    assert.equal(feed.hasBegun, true);
    assert.equal(feed.searchedTo, '2026-06-01T00:00:00Z');
    feed.need(0, 20);
    await settle();
    assert.deepEqual([feed.rows, feed.isDone, feed.searchedTo], [1, true, null]);
  });

  test('finds the row of an entry by its key', async () => {
    const log = new FakeLog(250);
    const feed = new Feed(log.load);
    await reach(feed, 250);
    assert.equal(keyOf(entry(130)), `${Date.parse('2026-07-01T00:00:00Z') / 1000 + 130}-130`);
    assert.equal(feed.rowOf(keyOf(entry(130))), 120);
    assert.equal(feed.rowOf('1-1'), -1);
  });
});
