import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { constants, crc32, createDeflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { combinedCrc32 } from '../../src/export/crc32.ts';
import { checkPiece, type DeflatePiece, deflateEnd, PieceDeflater } from '../../src/export/deflate.ts';

/** Sealed pieces of these texts, made the way that a ledger makes them. */
function pieceOf(raw: Uint8Array): DeflatePiece {
  const packed = deflateRawSync(raw, { finishFlush: constants.Z_SYNC_FLUSH });
  return { packed, rawBytes: raw.byteLength, rawCrc32: crc32(raw) };
}

const texts = Array.from({ length: 6 }, (_, piece) =>
  Buffer.from(
    Array.from({ length: 3000 }, (_, line) => `Jo Sample,updated,Leads,Lead ${piece * 7 + line},\r\n`).join(''),
  ),
);

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

suite('reading a compressed piece again', () => {
  test('finds what was put into it, also of empty and of large ones', () => {
    for (const text of [...texts, Buffer.alloc(0), noise(3_000_000)]) checkPiece(pieceOf(text));
  });

  test('notices every missing end and every changed bit, but for those that fill up a byte', () => {
    const text = 'Jo Sample,updated,Leads,Lead 1,\r\n'.repeat(4);
    const piece = pieceOf(Buffer.from(text));
    let accepted = 0;
    for (let bit = 0; bit < piece.packed.length * 8; bit += 1) {
      const packed = Uint8Array.from(piece.packed);
      packed[bit >> 3] = (packed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (!isAccepted({ ...piece, packed })) continue;
      accepted += 1;
      const twice = inflateRawSync(Buffer.concat([packed, packed, deflateEnd]));
      assert.equal(twice.toString(), text.repeat(2), `bit ${bit}`);
    }
    assert.ok(accepted < 8, `${accepted} changed bits`);
    for (let length = 0; length < piece.packed.length; length += 1) {
      assert.ok(!isAccepted({ ...piece, packed: piece.packed.subarray(0, length) }), `${length} bytes`);
    }
  });

  test('notices a piece that is another one', () => {
    const [one, other] = texts.map(pieceOf);
    assert.ok(one && other);
    assert.throws(() => checkPiece({ ...one, packed: other.packed }), /does not decompress to what was put into it/);
  });

  test('notices pieces that refer to what stood before them in a stream of their own', async () => {
    const stream = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const pieces: DeflatePiece[] = [];
    for (const text of texts) {
      await new Promise<void>((done) => stream.write(text, () => done()));
      pieces.push({ packed: stream.read(), rawBytes: text.byteLength, rawCrc32: crc32(text) });
    }
    stream.destroy();
    const [, second] = pieces;
    assert.ok(second);
    assert.throws(() => checkPiece(second));
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

function isAccepted(piece: DeflatePiece): boolean {
  try {
    checkPiece(piece);
    return true;
  } catch {
    return false;
  }
}

async function piecesOf(raw: readonly Uint8Array[]): Promise<DeflatePiece[]> {
  const made: DeflatePiece[] = [];
  using deflater = new PieceDeflater(6, async (piece) => void made.push(piece));
  for (const text of raw) await deflater.add(Uint8Array.from(text));
  await deflater.flush();
  return made;
}

/** Bytes without any pattern, the same in every run. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
