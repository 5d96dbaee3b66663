import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import type { ResultFile, ResultReader, ResultsStore } from '../../src/results/results.ts';

const key = '10001/2276164000001019012/1-a';

/** The promises of `src/results/results.ts` as tests. `open` gives an empty store that cleans up when it is disposed of. */
export function resultsContract(name: string, open: () => Promise<ResultsStore>): void {
  suite(`${name} results`, () => {
    reading(open);
    writing(open);
    publishingOnce(open);
    listingAndRemoving(open);
    hostileNames(open);
  });
}

function reading(open: () => Promise<ResultsStore>): void {
  test('a published file is read back byte for byte, with its size and SHA-256', async () => {
    await using store = await open();
    const bytes = sampleBytes(3_000_000);
    const [file] = await publish(store, key, { 'AuditLog.csv': bytes });
    assert.deepEqual(file, { name: 'AuditLog.csv', bytes: bytes.length, sha256: sha256(bytes) });
    assert.ok(bytes.equals(await bytesOf(await store.read(key, 'AuditLog.csv'))));
  });

  test('an empty file is a file', async () => {
    await using store = await open();
    const [file] = await publish(store, key, { 'AuditLog.csv': Buffer.alloc(0) });
    assert.deepEqual(file, { name: 'AuditLog.csv', bytes: 0, sha256: sha256(Buffer.alloc(0)) });
    assert.equal((await bytesOf(await store.read(key, 'AuditLog.csv'))).length, 0);
  });

  test('a range holds its first and its last byte and nothing else', async () => {
    await using store = await open();
    const bytes = sampleBytes(700_000);
    await publish(store, key, { 'AuditLog.csv': bytes });
    for (const [start, end] of [
      [0, 0],
      [0, 699_999],
      [699_999, 699_999],
      [262_143, 262_144],
      [1, 600_000],
    ] as const) {
      const part = await bytesOf(await store.read(key, 'AuditLog.csv', { start, end }));
      assert.ok(part.equals(bytes.subarray(start, end + 1)), `${start}-${end}`);
    }
  });

  test('a reader fills the buffer it is given, of any size, and nothing beyond what it says', async () => {
    await using store = await open();
    const bytes = sampleBytes(1000);
    await publish(store, key, { 'AuditLog.csv': bytes });
    await using reader = await store.read(key, 'AuditLog.csv', { start: 100, end: 899 });
    let at = 100;
    for (let size = 1; at < 900; size *= 2) {
      const into = Buffer.alloc(size, 0xee);
      const count = await reader.read(into);
      assert.ok(count >= 1 && count <= Math.min(size, 900 - at), `${count} of ${size} at ${at}`);
      assert.ok(into.subarray(0, count).equals(bytes.subarray(at, at + count)));
      assert.ok(into.subarray(count).every((byte) => byte === 0xee));
      at += count;
    }
    assert.equal(await reader.read(Buffer.alloc(10)), 0);
    assert.equal(await reader.read(Buffer.alloc(10)), 0);
  });

  test('a range that goes beyond the file is an error, and no shorter range', async () => {
    await using store = await open();
    await publish(store, key, { 'AuditLog.csv': sampleBytes(100) });
    await assert.rejects(store.read(key, 'AuditLog.csv', { start: 0, end: 100 }), /100 bytes/);
  });

  test('a reader can be given up in the middle of a read', async () => {
    await using store = await open();
    await publish(store, key, { 'AuditLog.csv': sampleBytes(1_000_000) });
    const reader = await store.read(key, 'AuditLog.csv');
    const reading = reader.read(Buffer.alloc(1_000_000)).catch(() => 0);
    await reader[Symbol.asyncDispose]();
    await reading;
  });

  test('a file that is being read can be read to its end when it is removed meanwhile', async () => {
    await using store = await open();
    const bytes = sampleBytes(2_000_000);
    await publish(store, key, { 'AuditLog.csv': bytes });
    const reader = await store.read(key, 'AuditLog.csv');
    await store.remove(key);
    assert.ok(bytes.equals(await bytesOf(reader)));
  });
}

function writing(open: () => Promise<ResultsStore>): void {
  test('several files of a run appear together, and only when they are published', async () => {
    await using store = await open();
    const writer = await store.create(key);
    for (const name of ['AuditLog.zip', 'AuditLog_002.zip']) {
      const file = await writer.file(name);
      await file.write(Buffer.from(name));
      await file.finish();
    }
    await assert.rejects(store.read(key, 'AuditLog.zip'), isNoSuchFile);
    await writer.publish();
    for (const name of ['AuditLog.zip', 'AuditLog_002.zip']) {
      assert.equal(String(await bytesOf(await store.read(key, name))), name);
    }
  });

  test('files of a run can be written side by side', async () => {
    await using store = await open();
    const writer = await store.create(key);
    const contents = { 'AuditLog.csv': sampleBytes(3_000_000), 'AuditLog.csv.gz': sampleBytes(1_000_000).reverse() };
    const written = await Promise.all(
      Object.entries(contents).map(async ([name, bytes]) => {
        const file = await writer.file(name);
        for (let at = 0; at < bytes.length; at += 70_001) await file.write(bytes.subarray(at, at + 70_001));
        return await file.finish();
      }),
    );
    await writer.publish();
    for (const [index, [name, bytes]] of Object.entries(contents).entries()) {
      assert.deepEqual(written[index], { name, bytes: bytes.length, sha256: sha256(bytes) });
      assert.ok(bytes.equals(await bytesOf(await store.read(key, name))), name);
    }
  });

  test('an aborted run leaves nothing, wherever it was', async () => {
    await using store = await open();
    const empty = await store.create(key);
    await empty.abort();
    const started = await store.create(key);
    for (const name of ['AuditLog.csv', 'AuditLog.csv.gz']) {
      await (await started.file(name)).write(sampleBytes(2_000_000));
    }
    await started.abort();
    const finished = await store.create(key);
    await (await finished.file('AuditLog.csv')).finish();
    await finished.abort();
    assert.deepEqual(await keysOf(store), []);
    await assert.rejects(store.read(key, 'AuditLog.csv'), isNoSuchFile);
  });

  test('an abort after the publication changes nothing', async () => {
    await using store = await open();
    const writer = await store.create(key);
    await (await writer.file('AuditLog.csv')).finish();
    await writer.publish();
    await writer.abort();
    assert.equal((await bytesOf(await store.read(key, 'AuditLog.csv'))).length, 0);
  });
}

function publishingOnce(open: () => Promise<ResultsStore>): void {
  test('a published run is never written again', async () => {
    await using store = await open();
    const bytes = Buffer.from('first');
    await publish(store, key, { 'AuditLog.csv': bytes });
    await assert.rejects(publish(store, key, { 'AuditLog.csv': Buffer.from('second') }));
    assert.ok(bytes.equals(await bytesOf(await store.read(key, 'AuditLog.csv'))));
  });

  test('a run that comes too late is refused, and giving it up does not touch what is published', async () => {
    await using store = await open();
    const late = await store.create(key);
    await (await late.file('AuditLog.csv')).finish();
    await publish(store, key, { 'AuditLog.csv': Buffer.from('first') });
    await assert.rejects(late.publish());
    await late.abort();
    assert.equal(String(await bytesOf(await store.read(key, 'AuditLog.csv'))), 'first');
  });

  test('a run that died half way does not stand in the way of the same key', async () => {
    await using store = await open();
    const dead = await store.create(key);
    const file = await dead.file('AuditLog.csv');
    await file.finish();
    await publish(store, key, { 'AuditLog.csv': Buffer.from('alive') });
    assert.equal(String(await bytesOf(await store.read(key, 'AuditLog.csv'))), 'alive');
  });

  test('a run is not published while one of its files is open, and a name is good for one file', async () => {
    await using store = await open();
    const writer = await store.create(key);
    const first = await writer.file('AuditLog.csv');
    const second = await writer.file('AuditLog.csv.gz');
    await assert.rejects(writer.file('AuditLog.csv'));
    await second.finish();
    await assert.rejects(writer.publish());
    await assert.rejects(store.read(key, 'AuditLog.csv.gz'), isNoSuchFile);
    await first.finish();
    await assert.rejects(writer.file('AuditLog.csv'));
    await writer.publish();
  });
}

function listingAndRemoving(open: () => Promise<ResultsStore>): void {
  test('every key with files is listed once with the time of its last change, half written ones too', async () => {
    await using store = await open();
    const since = Date.now() - 10_000;
    await publish(store, '10001/1/1-a', { 'AuditLog.csv': sampleBytes(10), 'AuditLog_002.csv': sampleBytes(10) });
    await publish(store, '10002/1/1-a', { 'AuditLog.csv': sampleBytes(10) });
    const half = await store.create('10001/2/3-b');
    await (await half.file('AuditLog.csv')).finish();
    const found = await Array.fromAsync(store.keys());
    assert.deepEqual(found.map((item) => item.key).sort(), ['10001/1/1-a', '10001/2/3-b', '10002/1/1-a']);
    for (const { changedAt } of found) assert.ok(Number.isSafeInteger(changedAt) && changedAt > since);
    await half.abort();
  });

  test('a removed run is gone, its neighbours stay, and removing it again is harmless', async () => {
    await using store = await open();
    await publish(store, '10001/1/1-a', { 'AuditLog.csv': Buffer.from('one') });
    await publish(store, '10001/1/2-b', { 'AuditLog.csv': Buffer.from('two') });
    await store.remove('10001/1/1-a');
    await store.remove('10001/1/1-a');
    await store.remove('10009/1/1-a');
    await assert.rejects(store.read('10001/1/1-a', 'AuditLog.csv'), isNoSuchFile);
    assert.equal(String(await bytesOf(await store.read('10001/1/2-b', 'AuditLog.csv'))), 'two');
    assert.deepEqual(await keysOf(store), ['10001/1/2-b']);
  });

  test('runs of many jobs are written side by side', async () => {
    await using store = await open();
    const keys = Array.from({ length: 20 }, (_, n) => `10001/${n % 4}/${n}-a`);
    await Promise.all(keys.map((each) => publish(store, each, { 'AuditLog.csv': Buffer.from(each) })));
    assert.deepEqual(await keysOf(store), [...keys].sort());
    await Promise.all(keys.map((each) => store.remove(each)));
    assert.deepEqual(await keysOf(store), []);
  });
}

function hostileNames(open: () => Promise<ResultsStore>): void {
  test('names that lead elsewhere are no files, and nothing can be written to them', async () => {
    await using store = await open();
    await publish(store, key, { 'AuditLog.csv': Buffer.from('x') });
    for (const name of [
      '',
      '.',
      '..',
      '../1-a/AuditLog.csv',
      'a/b',
      'a\\b',
      'a\0b',
      '.hidden',
      'ａ.csv',
      'a'.repeat(5000),
    ]) {
      await assert.rejects(store.read(key, name), isNoSuchFile, name);
      const writer = await store.create('10001/9/1-a');
      await assert.rejects(writer.file(name), name);
      await writer.abort();
    }
    for (const bad of ['', 'a', 'a/b', 'a/b/c/d', '../b/c', 'a/../c', 'a/b/..', 'a//c', 'a/b/c.partial', 'a/b/\0']) {
      await assert.rejects(store.read(bad, 'AuditLog.csv'), isNoSuchFile, bad);
      await assert.rejects(store.create(bad), bad);
      await assert.rejects(store.remove(bad), bad);
    }
    assert.deepEqual(await keysOf(store), [key]);
  });
}

export async function publish(
  store: ResultsStore,
  key: string,
  files: Readonly<Record<string, Buffer>>,
): Promise<ResultFile[]> {
  const writer = await store.create(key);
  const written: ResultFile[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const file = await writer.file(name);
    // Uneven pieces, as they come from a ledger.
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 3) % 400_009) {
      await file.write(bytes.subarray(at, at + size));
    }
    written.push(await file.finish());
  }
  await writer.publish();
  return written;
}

/** All that is left in the reader, which is disposed of. */
export async function bytesOf(source: ResultReader): Promise<Buffer> {
  await using reader = source;
  const pieces: Buffer[] = [];
  const into = Buffer.alloc(100_003);
  for (let count = await reader.read(into); count > 0; count = await reader.read(into)) {
    pieces.push(Buffer.from(into.subarray(0, count)));
  }
  return Buffer.concat(pieces);
}

export async function keysOf(store: ResultsStore): Promise<string[]> {
  return (await Array.fromAsync(store.keys(), (item) => item.key)).sort();
}

function isNoSuchFile(error: unknown): boolean {
  return error instanceof Failure && error.code === 'INVALID_URL_PATTERN';
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that repeat nowhere near, so that a wrong offset shows. */
function sampleBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at + 4 <= count; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}
