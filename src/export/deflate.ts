import type { TransformOptions } from 'node:stream';
import { constants, createDeflateRaw, type DeflateRaw, type ZlibOptions } from 'node:zlib';

/** Pieces being compressed at once, in libuv's threads. More gain nothing on two cores and hold more memory. */
const lanesAtOnce = 2;
const outputBytes = 128 * 1024;

/**
 * The end of a deflate stream whose pieces all ended on a byte boundary: one last block (bit 1), of fixed codes (bits 01),
 * that holds nothing but its end mark (seven 0 bits), filled up to the byte.
 */
export const deflateEnd: Uint8Array = Uint8Array.of(0x03, 0x00);

/**
 * Compresses pieces one by one. Each ends on a byte boundary, in no last block, and refers to nothing before it
 * (Z_FULL_FLUSH), so pieces can be joined as they are, from whatever source; `deflateEnd` closes the stream.
 * Measured: zlib fed line by line takes four times as long, and a new stream for each piece holds 40 MB more.
 */
export class PieceDeflater implements Disposable {
  readonly #into: (packed: Uint8Array) => Promise<void>;
  readonly #lanes: readonly Lane[];
  readonly #running: Promise<Uint8Array>[] = [];
  #added = 0;

  constructor(level: number, into: (packed: Uint8Array) => Promise<void>) {
    this.#into = into;
    this.#lanes = Array.from({ length: lanesAtOnce }, () => new Lane(level));
  }

  /** Resolves when there is room for another piece. The bytes are taken over: they are gone afterwards. */
  async add(raw: Uint8Array): Promise<void> {
    if (this.#running.length === lanesAtOnce) await this.#takeOldest();
    const lane = this.#lanes[this.#added % lanesAtOnce]; // the one whose piece was just taken
    if (lane === undefined) throw new Error('There is no lane to compress in');
    this.#added += 1;
    const packed = lane.pack(raw);
    packed.catch(() => {}); // awaited by a later `add` or by `flush`
    this.#running.push(packed);
    // So that, when this resolves, one piece is on its way and there is time to read the next.
    if (this.#running.length === lanesAtOnce) await this.#takeOldest();
  }

  /** Resolves when all pieces have been handed on. */
  async flush(): Promise<void> {
    while (this.#running.length > 0) await this.#takeOldest();
  }

  [Symbol.dispose](): void {
    for (const lane of this.#lanes) lane.close();
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#running.shift();
    if (oldest !== undefined) await this.#into(await oldest);
  }
}

/** One zlib stream, which is given a piece at a time. */
class Lane {
  readonly #stream: DeflateRaw;

  constructor(level: number) {
    const options: ZlibOptions & Pick<TransformOptions, 'readableHighWaterMark'> = {
      level,
      flush: constants.Z_FULL_FLUSH,
      chunkSize: outputBytes,
      // The stream never waits for a reader: what a piece makes is read at once when the piece is done.
      readableHighWaterMark: Number.MAX_SAFE_INTEGER,
    };
    this.#stream = createDeflateRaw(options);
  }

  pack(raw: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#stream.once('error', reject);
    this.#stream.write(raw, (error) => {
      this.#stream.off('error', reject);
      letGo(raw);
      if (error) reject(error);
      else resolve(this.#output());
    });
    return promise;
  }

  close(): void {
    this.#stream.destroy();
  }

  #output(): Uint8Array {
    // With no length given, Node 26 hands out one buffer of several.
    const bytes: unknown = this.#stream.read(this.#stream.readableLength);
    if (!(bytes instanceof Uint8Array) || this.#stream.readableLength > 0 || !endsInFlush(bytes)) {
      throw new Error('What zlib made of a piece is not whole');
    }
    return bytes;
  }
}

/** A flush ends in an empty stored block: length 0 and its complement. */
function endsInFlush(bytes: Uint8Array): boolean {
  const end = bytes.subarray(-4);
  return end.length === 4 && end[0] === 0 && end[1] === 0 && end[2] === 0xff && end[3] === 0xff;
}

/**
 * Frees the memory at once. V8 does not count bytes that native code made (an export's lines come from SQLite) and would let
 * 64 MB of them lie about before it collects.
 */
function letGo(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}
