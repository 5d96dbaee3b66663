import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { constants, createDeflateRaw, inflateRawSync } from 'node:zlib';
import { deflateEnd } from '../../src/export/deflate.ts';
import { checkPiece, unpackPiece } from '../../src/ledger/pieces.ts';
import { noise, pieceOf, texts } from './pieces.ts';

suite('a compressed piece, read again', () => {
  test('finds what was put into it, also of empty and of large ones', () => {
    for (const text of [...texts, Buffer.alloc(0), noise(3_000_000)]) checkPiece(pieceOf(text).packed, text);
  });

  test('notices every missing end and every changed bit, but for those that fill up a byte', () => {
    const text = 'Jo Sample,updated,Leads,Lead 1,\r\n'.repeat(4);
    const raw = Buffer.from(text);
    const whole = pieceOf(raw).packed;
    let accepted = 0;
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const packed = Uint8Array.from(whole);
      packed[bit >> 3] = (packed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (!isAccepted(packed, raw)) continue;
      accepted += 1;
      const twice = inflateRawSync(Buffer.concat([packed, packed, deflateEnd]));
      assert.equal(twice.toString(), text.repeat(2), `bit ${bit}`);
    }
    assert.ok(accepted < 8, `${accepted} changed bits`);
    for (let length = 0; length < whole.length; length += 1) {
      assert.ok(!isAccepted(whole.subarray(0, length), raw), `${length} bytes`);
    }
  });

  test('notices a piece that is another one', () => {
    const [one, other] = texts;
    assert.ok(one && other);
    assert.throws(() => checkPiece(pieceOf(other).packed, one), /does not decompress to what was put into it/);
  });

  test('notices pieces that refer to what stood before them in a stream of their own', async () => {
    const stream = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    const packed: Buffer[] = [];
    for (const text of texts) {
      await new Promise<void>((done) => stream.write(text, () => done()));
      packed.push(stream.read());
    }
    stream.destroy();
    assert.throws(() => checkPiece(packed[1] ?? Buffer.alloc(0), texts[1] ?? Buffer.alloc(0)));
  });
});

suite('a compressed piece, unpacked', () => {
  test('is what was put into it', () => {
    for (const text of [...texts, Buffer.alloc(0), noise(3_000_000)])
      assert.ok(text.equals(unpackPiece(pieceOf(text))));
  });

  test('is an error when it is longer or shorter than it says', () => {
    const piece = pieceOf(texts[0] ?? Buffer.alloc(0));
    for (const change of [-1, 1]) {
      assert.throws(() => unpackPiece({ ...piece, rawBytes: piece.rawBytes + change }), /not as long as it says/);
    }
  });
});

function isAccepted(packed: Uint8Array, raw: Uint8Array): boolean {
  try {
    checkPiece(packed, raw);
    return true;
  } catch {
    return false;
  }
}
