import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';

const outputBytes = 128 * 1024;

/**
 * Reads a deflate stream as whoever gets the file will. What an export compresses is joined from pieces, and a reader
 * would be the first to notice if a piece were not what it should be: so the export reads it first.
 */
export class DeflateCheck implements Disposable {
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: outputBytes });
  readonly #ended: Promise<void>;
  #crc32 = 0;
  #bytes = 0;

  constructor() {
    this.#inflate.on('data', (raw: Buffer) => {
      this.#crc32 = crc32(raw, this.#crc32);
      this.#bytes += raw.byteLength;
    });
    this.#ended = finished(this.#inflate);
    this.#ended.catch(() => {}); // awaited by `end`; what comes before it is thrown by `write`
  }

  async write(packed: Uint8Array): Promise<void> {
    if (this.#inflate.errored !== null) throw this.#inflate.errored;
    if (!this.#inflate.write(packed)) await Promise.race([once(this.#inflate, 'drain'), this.#ended]);
  }

  /** What the stream holds. Throws when it is no whole deflate stream. */
  async end(): Promise<{ readonly crc32: number; readonly bytes: number }> {
    this.#inflate.end();
    await this.#ended;
    return { crc32: this.#crc32, bytes: this.#bytes };
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
  }
}
