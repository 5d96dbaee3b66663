import { crc32 } from 'node:zlib';
import { deflateEnd, PieceDeflater } from './deflate.ts';
import { DeflateCheck } from './deflate-check.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import {
  centralHeader,
  endOfDirectory,
  localHeader,
  type PlacedMember,
  type Zip64Limits,
  zip64Limits,
} from './zip-records.ts';

/** Smaller texts are joined first: a piece has a dictionary of its own and would hardly shrink. */
const pieceBytes = 64 * 1024;

export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

export interface ZipOptions {
  /** The time stamp of every member, epoch seconds. */
  readonly modifiedAt: number;
  readonly level: number;
  readonly spool: SpoolOptions;
  readonly limits?: Zip64Limits;
}

/**
 * Writes a ZIP file in one pass, member after member, with known sizes. Memory: the pieces in flight and one member's
 * compressed bytes up to the spool's bound. The same texts and options give the same bytes.
 */
export class ZipWriter implements AsyncDisposable {
  readonly #sink: ByteSink;
  readonly #options: ZipOptions;
  readonly #limits: Zip64Limits;
  readonly #members: PlacedMember[] = [];
  #offset = 0;
  #current: MemberWriter | null = null;

  constructor(sink: ByteSink, options: ZipOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#limits = options.limits ?? zip64Limits;
  }

  /** Starts the next member; the one before must be closed by `endMember`. */
  startMember(name: string): MemberWriter {
    if (this.#current !== null) throw new Error('The ZIP member before is not ended');
    this.#current = new MemberWriter(name, this.#options);
    return this.#current;
  }

  async endMember(): Promise<void> {
    const member = this.#current;
    if (member === null) throw new Error('There is no ZIP member to end');
    const ended = await member.end();
    this.#members.push({ ...ended, offset: this.#offset });
    await this.#write(localHeader(ended, this.#options.modifiedAt, this.#limits));
    const dataStart = this.#offset;
    using check = new DeflateCheck();
    for await (const bytes of member.spool.read()) {
      await check.write(bytes);
      await this.#write(bytes);
    }
    if (this.#offset - dataStart !== ended.packedBytes) {
      throw new Error(
        `ZIP member ${ended.name}: ${this.#offset - dataStart} bytes follow a header that says ${ended.packedBytes}`,
      );
    }
    const read = await check.end();
    if (read.crc32 !== ended.crc32 || read.bytes !== ended.rawBytes) {
      throw new Error(`ZIP member ${ended.name} does not decompress to what was put into it`);
    }
    this.#current = null;
    await member.spool[Symbol.asyncDispose]();
  }

  /** Writes the directory. The sink stays open. */
  async end(): Promise<void> {
    if (this.#current !== null) throw new Error('The last ZIP member is not ended');
    const offset = this.#offset;
    for (const member of this.#members) {
      await this.#write(centralHeader(member, this.#options.modifiedAt, this.#limits));
    }
    const directory = { members: this.#members.length, offset, bytes: this.#offset - offset };
    await this.#write(endOfDirectory(directory, this.#limits));
  }

  /** Gives up what an error left half done; harmless after `end`. */
  async [Symbol.asyncDispose](): Promise<void> {
    const member = this.#current;
    this.#current = null;
    if (member !== null) await member.discard();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#offset += bytes.byteLength;
  }
}

/** One file inside a ZIP: takes its raw bytes, spools the compressed ones. */
export class MemberWriter {
  readonly spool: Spool;
  readonly #name: string;
  readonly #deflater: PieceDeflater;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #crc32 = 0;
  #rawBytes = 0;

  constructor(name: string, options: ZipOptions) {
    this.#name = name;
    const spool = new Spool(options.spool);
    this.spool = spool;
    this.#deflater = new PieceDeflater(options.level, (packed) => spool.write(packed));
  }

  /** The bytes are taken over: they are gone afterwards. */
  async write(raw: Uint8Array): Promise<void> {
    this.#crc32 = crc32(raw, this.#crc32);
    this.#rawBytes += raw.byteLength;
    this.#held.push(raw);
    this.#heldBytes += raw.byteLength;
    if (this.#heldBytes >= pieceBytes) await this.#packHeld();
  }

  /** Ends the deflate stream; the spool then holds all of it. */
  async end(): Promise<{ name: string; crc32: number; rawBytes: number; packedBytes: number }> {
    if (this.#heldBytes > 0) await this.#packHeld();
    await this.#deflater.flush();
    this.#deflater[Symbol.dispose]();
    await this.spool.write(deflateEnd);
    return { name: this.#name, crc32: this.#crc32, rawBytes: this.#rawBytes, packedBytes: this.spool.bytes };
  }

  /** Waits for what is being compressed, and throws it all away. */
  async discard(): Promise<void> {
    await this.#deflater.flush().catch(() => {}); // the error that led here is the one to report
    this.#deflater[Symbol.dispose]();
    await this.spool[Symbol.asyncDispose]();
  }

  async #packHeld(): Promise<void> {
    const [first] = this.#held;
    const raw = this.#held.length === 1 && first !== undefined ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    await this.#deflater.add(raw);
  }
}
