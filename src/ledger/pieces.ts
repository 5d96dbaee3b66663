/**
 * Parts of a deflate stream (RFC 1951) that stand for themselves: each ends on a byte boundary, in no last deflate block, and
 * refers to nothing before it. So they can be joined in any order, whoever made them.
 */
import { constants, inflateRawSync } from 'node:zlib';
import { letGoWhole } from '../audit/let-go.ts';

export interface DeflatePiece {
  readonly packed: Uint8Array;
  /** Length and CRC-32 of what it decompresses to. */
  readonly rawBytes: number;
  readonly rawCrc32: number;
}

const flushed = constants.Z_SYNC_FLUSH;

/** From this size on zlib's functions make a buffer of their own instead of taking a part of the pool. */
const ownBuffer = 64 * 1024;

/** An empty stored block, not the last: a stream that has ended leaves it unread. */
const probe = Uint8Array.of(0, 0, 0, 0xff, 0xff);

/** What zlib's functions return when they are asked for `info`; their types leave it out. */
interface ReadWithInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Reads a piece as whoever gets the file will, with more behind it. Throws when it does not decompress to exactly these bytes.
 * In one call, for its result is freed at once: a stream would leave all of it to the garbage collector.
 */
export function checkPiece(packed: Uint8Array, raw: Uint8Array): void {
  if (!endsInFlush(packed)) throw new Error('a compressed piece is not whole');
  const joined = Buffer.concat([packed, probe]);
  const read = inflateRawSync(joined, { ...fitting(raw.byteLength), info: true }) as unknown as ReadWithInfo;
  const isSame = Buffer.compare(read.buffer, raw) === 0;
  letGoWhole(read.buffer);
  if (read.engine.bytesWritten !== joined.byteLength) throw new Error('a compressed piece ends the stream');
  if (!isSame) throw new Error('a compressed piece does not decompress to what was put into it');
}

/** What it decompresses to, in a buffer of its own (`letGoWhole`). Throws when that is not as long as it says. */
export function unpackPiece({ packed, rawBytes }: Omit<DeflatePiece, 'rawCrc32'>): Uint8Array {
  const raw = inflateRawSync(packed, fitting(rawBytes));
  if (raw.byteLength !== rawBytes) throw new Error('a compressed piece is not as long as it says');
  return raw;
}

/** With a buffer that fits, zlib needs one call and half the time. A byte over, so that too much would show. */
function fitting(rawBytes: number) {
  return { finishFlush: flushed, chunkSize: Math.max(ownBuffer, rawBytes + 1) };
}

/** A flush ends in an empty stored block: length 0 and its complement. */
function endsInFlush(bytes: Uint8Array): boolean {
  const end = bytes.subarray(-4);
  return end.length === 4 && end[0] === 0 && end[1] === 0 && end[2] === 0xff && end[3] === 0xff;
}
