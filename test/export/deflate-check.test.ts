import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { deflateEnd, PieceDeflater } from '../../src/export/deflate.ts';
import { DeflateCheck } from '../../src/export/deflate-check.ts';

const lines = Array.from({ length: 6 }, (_, piece) =>
  Buffer.from(
    Array.from({ length: 3000 }, (_, line) => `Jo Sample,updated,Leads,Lead ${piece * 7 + line},\r\n`).join(''),
  ),
);
const raw = Buffer.concat(lines);

async function checked(parts: readonly Uint8Array[]): Promise<{ crc32: number; bytes: number }> {
  using check = new DeflateCheck();
  for (const part of parts) await check.write(part);
  return await check.end();
}

/** True: the check tells this stream from one that holds `raw`. */
async function isCaught(parts: readonly Uint8Array[]): Promise<boolean> {
  const read = await checked(parts).catch(() => null);
  return read === null || read.bytes !== raw.byteLength || read.crc32 !== crc32(raw);
}

suite('reading a compressed member again', () => {
  test('finds in joined pieces what was put into them', async () => {
    const packed: Uint8Array[] = [];
    using deflater = new PieceDeflater(6, async (piece) => void packed.push(piece));
    for (const piece of lines) await deflater.add(Uint8Array.from(piece));
    await deflater.flush();
    assert.deepEqual(await checked([...packed, deflateEnd]), { crc32: crc32(raw), bytes: raw.byteLength });
  });

  test('notices a changed, a missing and a doubled piece, a missing end, and what comes from another stream', async () => {
    const pieces = lines.map((piece) => deflateRawSync(piece, { finishFlush: constants.Z_FULL_FLUSH }));
    assert.equal(await isCaught([...pieces, deflateEnd]), false);
    const flipped = pieces.map((piece) => Uint8Array.from(piece));
    const target = flipped[3];
    assert.ok(target);
    target[100] = (target[100] ?? 0) ^ 0x10;
    assert.equal(await isCaught([...flipped, deflateEnd]), true);
    assert.equal(await isCaught([...pieces.slice(1), deflateEnd]), true);
    assert.equal(await isCaught([...pieces, ...pieces.slice(0, 1), deflateEnd]), true);
    assert.equal(await isCaught(pieces), true);
    assert.equal(
      await isCaught([...pieces.slice(0, 5), (pieces[5] ?? Buffer.alloc(0)).subarray(0, 40), deflateEnd]),
      true,
    );
  });

  test('notices pieces that refer to what stood before them in a stream of their own', async () => {
    const stream = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const packed: Buffer[] = [];
    for (const piece of lines) {
      await new Promise<void>((done) => stream.write(piece, () => done()));
      packed.push(stream.read());
    }
    stream.destroy();
    const swapped = packed.map((_, index) => packed[index ^ 1] ?? Buffer.alloc(0));
    assert.equal(await isCaught([...swapped, deflateEnd]), true);
  });
});
