import type { TransformOptions } from 'node:stream';
import { constants, crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { letGo } from '../audit/let-go.ts';
import { checkPiece, type DeflatePiece } from '../ledger/pieces.ts';

/**
 * Pieces being compressed at once, in libuv's threads: two at work, and one whose result waits until this thread has a moment.
 * More gain nothing on two cores and hold more memory.
 */
const lanesAtOnce = 3;
/** Pieces that need no work may wait behind one that is being compressed. */
const maxWaiting = 8;
const packedBufferBytes = 128 * 1024;

/**
 * The end of a deflate stream whose pieces all ended on a byte boundary: one last block (bit 1), of fixed codes (bits 01),
 * that holds nothing but its end mark (seven 0 bits), filled up to the byte.
 */
export const deflateEnd: Uint8Array = Uint8Array.of(0x03, 0x00);

/**
 * Puts pieces in a row: texts, which it compresses, and pieces that are compressed already. What it compresses it also
 * decompresses and compares, so that a fault on the way is an error here and never a wrong file.
 * Measured: zlib fed line by line takes four times as long, and a new stream for each piece holds 40 MB more.
 */
export class PieceDeflater implements Disposable {
  readonly #into: (piece: DeflatePiece) => Promise<void>;
  readonly #lanes: readonly Lane[];
  readonly #row: { readonly piece: Promise<DeflatePiece>; readonly isWork: boolean }[] = [];
  #added = 0;

  /** `level` is zlib's. */
  constructor(level: number, into: (piece: DeflatePiece) => Promise<void>) {
    this.#into = into;
    this.#lanes = Array.from({ length: lanesAtOnce }, () => new Lane(level));
  }

  /** Resolves when there is room for another piece. The bytes are taken over: they are gone afterwards. */
  async add(raw: Uint8Array): Promise<void> {
    while (this.#working === lanesAtOnce) await this.#takeOldest();
    const lane = this.#lanes[this.#added % lanesAtOnce]; // they take turns, and the oldest work is done
    if (lane === undefined) throw new Error('There is no lane to compress in');
    this.#added += 1;
    const piece = lane.pack(raw);
    piece.catch(() => {}); // awaited by a later call or by `flush`
    this.#row.push({ piece, isWork: true });
  }

  /** Takes a piece as it is. */
  async pass(piece: DeflatePiece): Promise<void> {
    if (this.#row.length === 0) return await this.#into(piece);
    this.#row.push({ piece: Promise.resolve(piece), isWork: false });
    while (this.#row.length > maxWaiting) await this.#takeOldest();
  }

  /** Resolves when all pieces have been handed on. */
  async flush(): Promise<void> {
    while (this.#row.length > 0) await this.#takeOldest();
  }

  [Symbol.dispose](): void {
    for (const lane of this.#lanes) lane.close();
  }

  get #working(): number {
    return this.#row.filter(({ isWork }) => isWork).length;
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#row.shift();
    if (oldest !== undefined) await this.#into(await oldest.piece);
  }
}

/** The stream never waits for a reader: what a piece makes is read at once when the piece is done. */
const unlimited: Pick<TransformOptions, 'readableHighWaterMark'> = { readableHighWaterMark: Number.MAX_SAFE_INTEGER };

/** A zlib stream, which is given a piece at a time; made when the first comes. */
class Lane {
  readonly #level: number;
  #deflate: DeflateRaw | null = null;

  constructor(level: number) {
    this.#level = level;
  }

  async pack(raw: Uint8Array): Promise<DeflatePiece> {
    const rawBytes = raw.byteLength;
    const rawCrc32 = crc32(raw);
    this.#deflate ??= createDeflateRaw({
      level: this.#level,
      flush: constants.Z_FULL_FLUSH,
      chunkSize: packedBufferBytes,
      ...unlimited,
    });
    const packed = Buffer.concat(await through(this.#deflate, raw));
    checkPiece(packed, raw);
    letGo(raw);
    return { packed, rawBytes, rawCrc32 };
  }

  close(): void {
    this.#deflate?.destroy();
  }
}

/** What the stream makes of one write. */
async function through(stream: DeflateRaw, bytes: Uint8Array): Promise<Uint8Array[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.once('error', reject);
  stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  try {
    await promise;
  } finally {
    stream.off('error', reject);
  }
  const made: Uint8Array[] = [];
  while (stream.readableLength > 0) {
    const part: unknown = stream.read();
    if (!(part instanceof Uint8Array)) throw new Error('zlib holds back what it made');
    made.push(part);
  }
  return made;
}
