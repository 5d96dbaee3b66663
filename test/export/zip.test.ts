import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { Spool } from '../../src/export/spool.ts';
import { type ZipOptions, ZipWriter } from '../../src/export/zip.ts';
import { readZip } from './zip-reader.ts';

const modifiedAt = Date.UTC(2026, 6, 13, 9, 30, 1) / 1000;
const dir = await mkdtemp(join(tmpdir(), 'annals-zip-'));
after(() => rm(dir, { recursive: true }));

suite('the ZIP container', () => {
  test('holds what was written, whatever the members and however they were cut', async () => {
    const members = fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        members,
        fc.constantFrom(1, 6, 9),
        fc.constantFrom(0, 100, 1e6),
        async (texts, level, memory) => {
          const named = texts.map((pieces, n) => ({
            name: `AuditLog_${n}.csv`,
            pieces: pieces.map((p) => Buffer.from(p)),
          }));
          const read = await readZip(await zipOf(named, { level, spool: { dir, memoryBytes: memory } }));
          assert.deepEqual(
            read.map(({ name, bytes }) => ({ name, bytes: bytes.toString('hex') })),
            named.map(({ name, pieces }) => ({ name, bytes: Buffer.concat(pieces).toString('hex') })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('members of many pieces come out as they went in, from memory and from the spool file', async () => {
    const pieces = Array.from({ length: 40 }, (_, n) => Buffer.from(`${n},a line of some length\r\n`.repeat(5_000)));
    for (const memoryBytes of [0, 20_000, 16 * 1024 * 1024]) {
      const [member] = await readZip(await zipOf([{ name: 'a.csv', pieces }], { spool: { dir, memoryBytes } }));
      assert.ok(member?.bytes.equals(Buffer.concat(pieces)), `with ${memoryBytes} bytes of memory`);
    }
    assert.deepEqual(await readdir(dir), []);
  });

  test('is the same bytes for the same content and time', async () => {
    const members = [{ name: 'a.csv', pieces: [Buffer.from('x'.repeat(200_000)), Buffer.from('y')] }];
    assert.ok((await zipOf(members)).equals(await zipOf(members)));
  });

  test('says sizes and CRC in the local header, and is marked as a plain Unix file', async () => {
    const [member] = await readZip(await zipOf([{ name: 'AuditLog_001.csv', pieces: [Buffer.from('a\r\n')] }]));
    assert.ok(member);
    const { local, entry } = member;
    assert.deepEqual([local.uncompressedSize, local.compressedSize], [3, entry.compressedSize]);
    assert.deepEqual([local.generalPurposeBitFlag, entry.generalPurposeBitFlag], [0, 0]);
    assert.deepEqual([local.versionNeededToExtract, entry.versionNeededToExtract], [20, 20]);
    assert.equal(entry.versionMadeBy >> 8, 3);
    assert.equal(entry.externalFileAttributes >>> 16, 0o100644);
  });

  test('the time stamp is the one given, exact and in UTC', async () => {
    const [member] = await readZip(await zipOf([{ name: 'a.csv', pieces: [] }]));
    assert.equal(member?.entry.getLastModDate().getTime(), modifiedAt * 1000);
    const dos = member?.entry.getLastModDate({ forceDosFormat: true, timezone: 'UTC' });
    assert.equal(dos?.toISOString(), '2026-07-13T09:30:00.000Z');
  });

  test('a time that the format cannot say becomes the nearest that it can', async () => {
    for (const [at, said] of [
      [0, '1980-01-01T00:00:00.000Z'],
      [Date.UTC(2300, 0, 1) / 1000, '2107-12-31T23:59:58.000Z'],
    ] as const) {
      const [member] = await readZip(await zipOf([{ name: 'a.csv', pieces: [] }], { modifiedAt: at }));
      assert.equal(member?.entry.getLastModDate({ forceDosFormat: true, timezone: 'UTC' }).toISOString(), said);
    }
  });

  test('a name that is not ASCII is refused: it would need another flag', async () => {
    await assert.rejects(zipOf([{ name: 'Prüfung.csv', pieces: [] }]), /ASCII/);
  });

  test('a member is ended before the next begins, and before the end', async () => {
    await using zip = new ZipWriter({ write: async () => {} }, optionsOf());
    zip.startMember('a.csv');
    assert.throws(() => zip.startMember('b.csv'));
    await assert.rejects(zip.end());
  });
});

suite('Zip64', () => {
  const members = Array.from({ length: 5 }, (_, n) => ({
    name: `AuditLog_00${n}.csv`,
    pieces: [Buffer.from(`${n},the same again\r\n`.repeat(500 * (n + 1)))],
  }));

  for (const bytes of [1, 30, 100, 500, 10_000, 30_000, 0xffffffff]) {
    for (const count of [1, 5, 6]) {
      test(`is read alike when fields move there from ${bytes} bytes and ${count} members on`, async () => {
        const read = await readZip(await zipOf(members, { limits: { bytes, members: count } }));
        assert.deepEqual(
          read.map(({ name, bytes }) => [name, String(bytes)]),
          members.map(({ name, pieces }) => [name, String(Buffer.concat(pieces))]),
        );
      });
    }
  }

  test('a member that is large only before compression moves both sizes in the local header, one in the central', async () => {
    const pieces = [Buffer.alloc(50_000, 'x')];
    const [member] = await readZip(await zipOf([{ name: 'a.csv', pieces }], { limits: { bytes: 10_000, members: 9 } }));
    assert.ok(member);
    const { local, entry } = member;
    assert.deepEqual([local.uncompressedSize, local.compressedSize], [0xffffffff, 0xffffffff]);
    assert.deepEqual([local.versionNeededToExtract, entry.versionNeededToExtract], [45, 45]);
    assert.equal(local.extraField.readUInt16LE(2), 16);
    assert.equal(local.extraField.readBigUInt64LE(4), 50_000n);
    assert.equal(local.extraField.readBigUInt64LE(12), BigInt(entry.compressedSize));
    const zip64 = entry.extraFields.find((field) => field.id === 1);
    assert.equal(zip64?.data.length, 8);
    assert.equal(zip64?.data.readBigUInt64LE(0), 50_000n);
  });

  test('is not used where everything fits', async () => {
    for (const { local, entry } of await readZip(await zipOf(members))) {
      assert.deepEqual([local.versionNeededToExtract, entry.versionNeededToExtract], [20, 20]);
      assert.ok(entry.extraFields.every((field) => field.id !== 1));
    }
  });
});

suite('the spool', () => {
  test('keeps little in memory and gives everything back in order', async () => {
    await using spool = new Spool({ dir, memoryBytes: 1_000 });
    const pieces = Array.from({ length: 3_000 }, (_, n) => Buffer.from(`piece ${n};`.repeat(n % 70)));
    for (const piece of pieces) await spool.write(piece);
    assert.equal(spool.bytes, Buffer.concat(pieces).length);
    assert.deepEqual(await readdir(dir), [], 'its file has no name that a kill could leave behind');
    assert.ok(Buffer.concat(await Array.fromAsync(spool.read())).equals(Buffer.concat(pieces)));
  });

  test('a folder that is not there is an error, not a hang', async () => {
    await using spool = new Spool({ dir: join(dir, 'missing'), memoryBytes: 0 });
    await assert.rejects(spool.write(Buffer.from('x')), { code: 'ENOENT' });
  });
});

interface Member {
  readonly name: string;
  readonly pieces: readonly Buffer[];
}

function optionsOf(options: Partial<ZipOptions> = {}): ZipOptions {
  return { modifiedAt, level: 6, spool: { dir, memoryBytes: 16 * 1024 * 1024 }, ...options };
}

async function zipOf(members: readonly Member[], options: Partial<ZipOptions> = {}): Promise<Buffer> {
  const written: Uint8Array[] = [];
  const sink = {
    async write(bytes: Uint8Array) {
      written.push(bytes);
    },
  };
  await using zip = new ZipWriter(sink, optionsOf(options));
  for (const { name, pieces } of members) {
    const member = zip.startMember(name);
    for (const piece of pieces) await member.write(Buffer.from(piece)); // a copy, for it is taken over
    await zip.endMember();
  }
  await zip.end();
  return Buffer.concat(written);
}
