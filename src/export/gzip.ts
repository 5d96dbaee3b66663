import type { DeflatePiece } from '../ledger/pieces.ts';
import { Splice } from './splice.ts';
import type { ByteSink } from './zip.ts';

/**
 * RFC 1952: deflate (8), no flags, no time (so that the same content makes the same bytes), nothing said of the level (0),
 * nor of the system (255).
 */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/** Writes one gzip file in one pass. The sink stays open. */
export class GzipWriter implements AsyncDisposable {
  readonly #sink: ByteSink;
  readonly #splice: Splice;
  #isStarted = false;

  /** `level` is zlib's, for what comes as text. */
  constructor(sink: ByteSink, level: number) {
    this.#sink = sink;
    this.#splice = new Splice(level, (packed) => this.#write(packed));
  }

  /** The bytes are taken over: they are gone afterwards. */
  write(raw: Uint8Array): Promise<void> {
    return this.#splice.write(raw);
  }

  pass(piece: DeflatePiece): Promise<void> {
    return this.#splice.pass(piece);
  }

  async end(): Promise<void> {
    const { rawCrc32, rawBytes } = await this.#splice.end();
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(rawCrc32, 0);
    trailer.writeUInt32LE(rawBytes % 2 ** 32, 4);
    await this.#sink.write(trailer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#splice[Symbol.asyncDispose]();
  }

  async #write(packed: Uint8Array): Promise<void> {
    if (!this.#isStarted) await this.#sink.write(header);
    this.#isStarted = true;
    await this.#sink.write(packed);
  }
}
