import type { DeflatePiece } from '../ledger/pieces.ts';
import { Splice } from './splice.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import {
  centralHeader,
  endOfDirectory,
  localHeader,
  type PlacedMember,
  type Zip64Limits,
  zip64Limits,
} from './zip-records.ts';

export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

export interface ZipOptions {
  /** The time stamp of every member, epoch seconds. */
  readonly modifiedAt: number;
  /** zlib's, for what comes as text. */
  readonly level: number;
  readonly spool: SpoolOptions;
  readonly limits?: Zip64Limits;
}

/**
 * Writes a ZIP file in one pass, member after member, with known sizes. Memory: the pieces in flight and one member's
 * compressed bytes up to the spool's bound. The same pieces and options give the same bytes.
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
    for await (const bytes of member.spool.read()) await this.#write(bytes);
    if (this.#offset - dataStart !== ended.packedBytes) {
      throw new Error(
        `ZIP member ${ended.name}: ${this.#offset - dataStart} bytes follow a header that says ${ended.packedBytes}`,
      );
    }
    this.#current = null;
    await member[Symbol.asyncDispose]();
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
    if (member !== null) await member[Symbol.asyncDispose]();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.byteLength; // before the bytes are handed over
    await this.#sink.write(bytes);
  }
}

/** One file inside a ZIP: takes its lines, as text or compressed, and spools the compressed ones. */
export class MemberWriter implements AsyncDisposable {
  readonly spool: Spool;
  readonly #name: string;
  readonly #splice: Splice;

  constructor(name: string, options: ZipOptions) {
    this.#name = name;
    const spool = new Spool(options.spool);
    this.spool = spool;
    this.#splice = new Splice(options.level, (packed) => spool.write(packed));
  }

  /** The bytes are taken over: they are gone afterwards. */
  write(raw: Uint8Array): Promise<void> {
    return this.#splice.write(raw);
  }

  pass(piece: DeflatePiece): Promise<void> {
    return this.#splice.pass(piece);
  }

  /** Ends the deflate stream; the spool then holds all of it. */
  async end(): Promise<{ name: string; crc32: number; rawBytes: number; packedBytes: number }> {
    const { rawCrc32, rawBytes, packedBytes } = await this.#splice.end();
    return { name: this.#name, crc32: rawCrc32, rawBytes, packedBytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#splice[Symbol.asyncDispose]();
    await this.spool[Symbol.asyncDispose]();
  }
}
