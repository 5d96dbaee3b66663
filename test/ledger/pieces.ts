import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { DeflatePiece } from '../../src/ledger/pieces.ts';

/** A piece of this text, made the way that a ledger makes it. */
export function pieceOf(raw: Uint8Array): DeflatePiece {
  const packed = deflateRawSync(raw, { finishFlush: constants.Z_SYNC_FLUSH });
  return { packed, rawBytes: raw.byteLength, rawCrc32: crc32(raw) };
}

export const texts = Array.from({ length: 6 }, (_, piece) =>
  Buffer.from(
    Array.from({ length: 3000 }, (_, line) => `Jo Sample,updated,Leads,Lead ${piece * 7 + line},\r\n`).join(''),
  ),
);

/** Bytes without any pattern, the same in every run. */
export function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
