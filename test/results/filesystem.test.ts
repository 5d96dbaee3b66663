import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { HashedFile, type WritableHandle } from '../../src/results/hashed-file.ts';
import { OutputFile } from '../../src/results/output-file.ts';
import { bytesOf, keysOf, publish, resultsContract } from './contract.ts';

resultsContract('filesystem', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'annals-results-'));
  const store = await FilesystemResults.open(join(dir, 'results'));
  return {
    create: (key) => store.create(key),
    read: (key, name, range) => store.read(key, name, range),
    remove: (key) => store.remove(key),
    keys: () => store.keys(),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
});

suite('the folder of the filesystem results', () => {
  test('folders are for their owner alone, and so are files', async (t) => {
    const dir = await folder(t);
    const store = await FilesystemResults.open(join(dir, 'results'));
    await publish(store, '10001/1/1-a', { 'AuditLog.csv': Buffer.from('x') });
    for (const path of ['results', 'results/10001', 'results/10001/1', 'results/10001/1/1-a']) {
      assert.equal((await stat(join(dir, path))).mode & 0o777, 0o700, path);
    }
    assert.equal((await stat(join(dir, 'results/10001/1/1-a/AuditLog.csv'))).mode & 0o777, 0o600);
  });

  test('removing the last run of a job takes its empty folders along', async (t) => {
    const dir = await folder(t);
    const store = await FilesystemResults.open(dir);
    await publish(store, '10001/1/1-a', { 'AuditLog.csv': Buffer.from('x') });
    await publish(store, '10001/2/1-a', { 'AuditLog.csv': Buffer.from('x') });
    await store.remove('10001/1/1-a');
    assert.deepEqual(await readdir(join(dir, '10001')), ['2']);
    await store.remove('10001/2/1-a');
    assert.deepEqual(await readdir(dir), []);
  });

  test('what the store did not make is neither listed nor followed', async (t) => {
    const dir = await folder(t);
    const store = await FilesystemResults.open(dir);
    await publish(store, '10001/1/1-a', { 'AuditLog.csv': Buffer.from('x') });
    await writeFile(join(dir, '.spool-left-over'), 'x');
    await writeFile(join(dir, '10001', 'notes.txt'), 'x');
    await mkdir(join(dir, 'lost+found'));
    await symlink(import.meta.filename, join(dir, '10001/1/1-a/link.csv'));
    await mkdir(join(dir, '10001/1/1-a/folder.csv'));
    assert.deepEqual(await keysOf(store), ['10001/1/1-a']);
    for (const name of ['link.csv', 'folder.csv']) {
      await assert.rejects(store.read('10001/1/1-a', name), { code: 'INVALID_URL_PATTERN' });
    }
  });

  test('a file that is cut while it is read ends where it was cut', async (t) => {
    const dir = await folder(t);
    const store = await FilesystemResults.open(dir);
    await publish(store, '10001/1/1-a', { 'AuditLog.zip': Buffer.alloc(1000, 'x') });
    const reader = await store.read('10001/1/1-a', 'AuditLog.zip');
    await truncate(join(dir, '10001/1/1-a/AuditLog.zip'), 300);
    assert.equal((await bytesOf(reader)).length, 300);
  });
});

suite('a file that is hashed while it is written', () => {
  test('a system that writes less than it was given is asked again, and no byte is lost or doubled', async () => {
    const written: Buffer[] = [];
    const file = new HashedFile(
      handle({
        async writev(pieces) {
          const all = Buffer.concat(pieces);
          const part = all.subarray(0, Math.ceil(all.length / 3));
          written.push(Buffer.from(part));
          return part.length;
        },
      }),
    );
    const expected = Buffer.from(Array.from({ length: 50_000 }, (_, n) => `line ${n}\r\n`).join(''));
    for (let at = 0; at < expected.length; at += 1777) await file.write(expected.subarray(at, at + 1777));
    const { bytes } = await file.finish();
    assert.equal(bytes, expected.length);
    assert.ok(Buffer.concat(written).equals(expected));
  });

  for (const code of ['ENOSPC', 'EDQUOT', 'EIO']) {
    test(`${code} is SERVICE_UNAVAILABLE, with a time to try again`, async () => {
      const fails = () => Promise.reject(Object.assign(new Error(code), { code }));
      const file = new HashedFile(handle({ writev: fails }));
      await file.write(Buffer.from('x'));
      await assert.rejects(file.finish(), (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.code, 'SERVICE_UNAVAILABLE');
        assert.ok(error.retryAfterSeconds !== null && error.retryAfterSeconds > 0);
        return true;
      });
    });
  }

  test('an error of an earlier write comes out at the end, and the handle is closed', async () => {
    let isClosed = false;
    const file = new HashedFile(
      handle({
        writev: () => Promise.reject(new Error('broken')),
        close: async () => {
          isClosed = true;
        },
      }),
    );
    await file.write(Buffer.alloc(2 * 1024 * 1024));
    await assert.rejects(file.finish(), /broken/);
    assert.ok(isClosed);
  });

  test('a file counts as finished only when it is on the disk', async () => {
    const fails = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await assert.rejects(new HashedFile(handle({ sync: fails })).finish(), { code: 'SERVICE_UNAVAILABLE' });
  });

  test('a disk that fails while a large file is still being written fails the file', async () => {
    const fails = () => Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' }));
    const file = new HashedFile(handle({ datasync: fails }));
    for (let part = 0; part < 12; part += 1) await file.write(Buffer.alloc(1024 * 1024));
    await assert.rejects(file.finish(), { code: 'SERVICE_UNAVAILABLE' });
  });
});

suite('a file at a path of the user', () => {
  test('appears whole under its name when it is finished, in place of what was there', async (t) => {
    const path = join(await folder(t), 'audit.csv');
    await writeFile(path, 'before');
    const file = await OutputFile.open(path);
    await file.write(Buffer.from('after'));
    assert.equal(await readFile(path, 'utf8'), 'before');
    const { name, bytes } = await file.finish();
    assert.deepEqual([name, bytes], ['audit.csv', 5]);
    assert.equal(await readFile(path, 'utf8'), 'after');
    assert.ok(!existsSync(`${path}.partial`));
  });

  test('leaves nothing when it is given up', async (t) => {
    const dir = await folder(t);
    const file = await OutputFile.open(join(dir, 'audit.csv'));
    await file.write(Buffer.alloc(3 * 1024 * 1024));
    await file.discard();
    assert.deepEqual(await readdir(dir), []);
  });
});

/** A handle of which only one thing is special. `writev` says how many bytes it took. */
function handle(special: {
  writev?: (pieces: readonly Uint8Array[]) => Promise<number>;
  sync?: () => Promise<void>;
  datasync?: () => Promise<void>;
  close?: () => Promise<void>;
}): WritableHandle {
  const takeAll = async (pieces: readonly Uint8Array[]) => pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  return {
    async writev<T extends readonly NodeJS.ArrayBufferView[]>(buffers: T) {
      const pieces = buffers.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
      return { bytesWritten: await (special.writev ?? takeAll)(pieces), buffers };
    },
    sync: special.sync ?? (async () => {}),
    datasync: special.datasync ?? (async () => {}),
    close: special.close ?? (async () => {}),
  };
}

async function folder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'annals-results-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}
