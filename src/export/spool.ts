import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inStoreWords } from '../results/store-failure.ts';

export interface SpoolOptions {
  /** What is held in memory; beyond it everything goes to a temporary file. */
  readonly memoryBytes: number;
  /** Where that file is made. It has no name once it is open, so a process that dies leaves nothing. */
  readonly dir: string;
}

const readBytes = 1024 * 1024;

/**
 * Holds the compressed bytes of one ZIP member until its size is known and the header can be written before it.
 * Most members (100,000 ordinary lines: 3 MB) never leave the memory.
 */
export class Spool implements AsyncDisposable {
  readonly #options: SpoolOptions;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #file: FileHandle | null = null;
  #bytes = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes are kept, not copied. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.byteLength;
    this.#bytes += bytes.byteLength;
    if (this.#heldBytes > this.#options.memoryBytes) await this.#toFile();
  }

  /** Everything that was written, in order, once. */
  async *read(): AsyncIterable<Uint8Array> {
    if (this.#file !== null) {
      await this.#toFile();
      let at = 0;
      while (at < this.#bytes) {
        const piece = await this.#readAt(at);
        at += piece.byteLength;
        yield piece;
      }
      return;
    }
    const held = this.#held;
    this.#held = [];
    yield* held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#held = [];
    const file = this.#file;
    this.#file = null;
    if (file !== null) await file.close();
  }

  async #toFile(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    await inStoreWords(async () => {
      this.#file ??= await openNameless(this.#options.dir);
      for (const piece of held) await this.#file.appendFile(piece);
    });
  }

  async #readAt(position: number): Promise<Uint8Array> {
    const file = this.#file;
    if (file === null) throw new Error('The spool was disposed of while it was read');
    const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, this.#bytes - position));
    const { bytesRead } = await inStoreWords(() => file.read(buffer, 0, buffer.byteLength, position));
    if (bytesRead === 0) throw new Error('The spool file is shorter than what was written to it');
    return buffer.subarray(0, bytesRead);
  }
}

async function openNameless(dir: string): Promise<FileHandle> {
  const path = join(dir, `.spool-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
