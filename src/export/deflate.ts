import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);

/** Pieces being compressed at once, in libuv's threads. More gain nothing on two cores and hold more memory. */
const inFlight = 2;

/**
 * The end of a deflate stream whose pieces all ended on a byte boundary: one last block (bit 1), of fixed codes (bits 01),
 * that holds nothing but its end mark (seven 0 bits), filled up to the byte.
 */
export const deflateEnd: Uint8Array = Uint8Array.of(0x03, 0x00);

/**
 * Compresses pieces one by one, each with its own dictionary and ended by Z_SYNC_FLUSH, that is on a byte boundary with no
 * last block. Such pieces can be joined as they are, from whatever source; `deflateEnd` closes the stream.
 * Feeding one zlib stream line by line instead takes four times as long.
 */
export class PieceDeflater {
  readonly #level: number;
  readonly #into: (packed: Uint8Array) => Promise<void>;
  readonly #running: Promise<Uint8Array>[] = [];

  constructor(level: number, into: (packed: Uint8Array) => Promise<void>) {
    this.#level = level;
    this.#into = into;
  }

  /** Resolves when there is room for another piece; the bytes must not change until then and after. */
  async add(raw: Uint8Array): Promise<void> {
    const packed = deflate(raw, {
      level: this.#level,
      finishFlush: constants.Z_SYNC_FLUSH,
      // Close to what comes out, so that no output buffer is much larger than its content.
      chunkSize: Math.max(1024, Math.min(64 * 1024, raw.byteLength >> 2)),
    });
    packed.catch(() => {}); // awaited below or in `flush`
    this.#running.push(packed);
    while (this.#running.length >= inFlight) await this.#takeOldest();
  }

  /** Resolves when all pieces have been handed on. */
  async flush(): Promise<void> {
    while (this.#running.length > 0) await this.#takeOldest();
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#running.shift();
    if (oldest !== undefined) await this.#into(await oldest);
  }
}
