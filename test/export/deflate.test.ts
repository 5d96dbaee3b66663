import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { combinedCrc32 } from '../../src/export/crc32.ts';
import { deflateEnd, PieceDeflater } from '../../src/export/deflate.ts';
import type { DeflatePiece } from '../../src/ledger/pieces.ts';
import { noise, pieceOf, texts } from '../ledger/pieces.ts';

suite('pieces of deflate', () => {
  test('end on byte boundaries, so that they can be joined in any number and closed', async () => {
    const made = await piecesOf(texts);
    assert.equal(made.length, texts.length);
    const packed = made.map((piece) => piece.packed);
    assert.ok(inflateRawSync(Buffer.concat([...packed, deflateEnd])).equals(Buffer.concat(texts)));
    // Any of them by itself is a stream, too.
    assert.ok(inflateRawSync(Buffer.concat([packed[4] ?? deflateEnd, deflateEnd])).equals(texts[4] ?? deflateEnd));
  });

  test('that hardly shrink come out whole, however large they are', async () => {
    const raw = [10_000, 100_000, 131_072, 1_000_000].map((size) => noise(size));
    const packed = (await piecesOf(raw)).map((piece) => piece.packed);
    assert.ok(inflateRawSync(Buffer.concat([...packed, deflateEnd])).equals(Buffer.concat(raw)));
  });

  test('keep their order, whether they are compressed on the way or were before', async () => {
    const isText = fc.array(fc.boolean(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(isText, async (kinds) => {
        const made: DeflatePiece[] = [];
        using deflater = new PieceDeflater(1, async (piece) => void made.push(piece));
        const raw = kinds.map((_, place) => Buffer.from(`${place} `.repeat(place * 50 + 1)));
        for (const [place, text] of raw.entries()) {
          if (kinds[place]) await deflater.add(Uint8Array.from(text));
          else await deflater.pass(pieceOf(text));
        }
        await deflater.flush();
        const packed = made.map((piece) => piece.packed);
        assert.ok(inflateRawSync(Buffer.concat([...packed, deflateEnd])).equals(Buffer.concat(raw)));
        assert.deepEqual(
          made.map(({ rawBytes, rawCrc32 }) => [rawBytes, rawCrc32]),
          raw.map((text) => [text.byteLength, crc32(text)]),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('at most three are compressed at once', async () => {
    let handedOn = 0;
    using deflater = new PieceDeflater(1, async () => {
      handedOn += 1;
    });
    for (let added = 1; added <= 20; added += 1) {
      await deflater.add(Buffer.alloc(1_000, 'x'));
      assert.ok(added - handedOn <= 3);
    }
    await deflater.flush();
    assert.equal(handedOn, 20);
  });

  test('of which one cannot be handed on are an error, not a gap', async () => {
    using deflater = new PieceDeflater(1, async () => {
      throw new Error('the disk is full');
    });
    await assert.rejects(async () => {
      for (let added = 0; added < 5; added += 1) await deflater.add(Buffer.alloc(1_000, 'x'));
      await deflater.flush();
    }, /the disk is full/);
  });
});

suite('the CRC-32 of two texts joined', () => {
  test('comes from the CRC-32 of each and the length of the second', () => {
    const bytes = fc.uint8Array({ maxLength: 5_000, size: 'max' });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        assert.equal(combinedCrc32(crc32(one), crc32(other), other.length), crc32(Buffer.concat([one, other])));
      }),
    );
  });

  test('also for lengths beyond 32 bits: appending nothing but zeros, in one step or in many', () => {
    const step = 2 ** 31;
    const zeros = (count: number) => {
      // CRC of `count` zero bytes, by doubling.
      let crc = crc32(Buffer.alloc(1));
      for (let length = 1; length < count; length *= 2) crc = combinedCrc32(crc, crc, length);
      return crc;
    };
    const first = crc32('a first text');
    const inSteps = [1, 2, 3, 4].reduce((crc) => combinedCrc32(crc, zeros(step), step), first);
    assert.equal(combinedCrc32(first, zeros(4 * step), 4 * step), inSteps);
  });
});

async function piecesOf(raw: readonly Uint8Array[]): Promise<DeflatePiece[]> {
  const made: DeflatePiece[] = [];
  using deflater = new PieceDeflater(6, async (piece) => void made.push(piece));
  for (const text of raw) await deflater.add(Uint8Array.from(text));
  await deflater.flush();
  return made;
}
