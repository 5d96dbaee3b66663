import type { DeflatePiece } from '../ledger/pieces.ts';
import { combinedCrc32 } from './crc32.ts';
import { deflateEnd, PieceDeflater } from './deflate.ts';

/** Smaller texts are joined first: a piece has a dictionary of its own and would hardly shrink. */
const pieceBytes = 64 * 1024;

/** What a deflate stream holds. */
export interface Spliced {
  readonly rawCrc32: number;
  readonly rawBytes: number;
  readonly packedBytes: number;
}

/** One deflate stream, put together from texts and from pieces that were compressed before. */
export class Splice implements AsyncDisposable {
  readonly #into: (packed: Uint8Array) => Promise<void>;
  readonly #deflater: PieceDeflater;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #rawCrc32 = 0;
  #rawBytes = 0;
  #packedBytes = 0;

  /** `level` is zlib's, for the texts. */
  constructor(level: number, into: (packed: Uint8Array) => Promise<void>) {
    this.#into = into;
    this.#deflater = new PieceDeflater(level, (piece) => this.#append(piece));
  }

  /** The bytes are taken over: they are gone afterwards. */
  async write(raw: Uint8Array): Promise<void> {
    this.#held.push(raw);
    this.#heldBytes += raw.byteLength;
    if (this.#heldBytes >= pieceBytes) await this.#packHeld();
  }

  async pass(piece: DeflatePiece): Promise<void> {
    if (this.#heldBytes > 0) await this.#packHeld();
    await this.#deflater.pass(piece);
  }

  /** Ends the stream; everything has been handed on then. */
  async end(): Promise<Spliced> {
    if (this.#heldBytes > 0) await this.#packHeld();
    await this.#deflater.flush();
    await this.#hand(deflateEnd);
    return { rawCrc32: this.#rawCrc32, rawBytes: this.#rawBytes, packedBytes: this.#packedBytes };
  }

  /** Waits for what is being compressed, and frees what compressing needs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#deflater.flush().catch(() => {}); // the error that led here is the one to report
    this.#deflater[Symbol.dispose]();
  }

  async #packHeld(): Promise<void> {
    const [first] = this.#held;
    const raw = this.#held.length === 1 && first !== undefined ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    await this.#deflater.add(raw);
  }

  async #append({ packed, rawBytes, rawCrc32 }: DeflatePiece): Promise<void> {
    this.#rawCrc32 = combinedCrc32(this.#rawCrc32, rawCrc32, rawBytes);
    this.#rawBytes += rawBytes;
    await this.#hand(packed);
  }

  async #hand(packed: Uint8Array): Promise<void> {
    this.#packedBytes += packed.byteLength;
    await this.#into(packed);
  }
}
