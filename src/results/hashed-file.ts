import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { letGo } from '../audit/let-go.ts';
import { inStoreWords } from './store-failure.ts';

/** The part of a FileHandle that writing needs. */
export type WritableHandle = Pick<FileHandle, 'writev' | 'datasync' | 'sync' | 'close'>;

/** A system call for each piece of 30 KB would cost more than the writing: pieces are gathered up to this. */
const gatherBytes = 1024 * 1024;
const gatherPieces = 512;
/** Smaller pieces are not worth it, and may be constants. */
const freedBytes = 16 * 1024;
/** The disk is set to work while the file is still being written, so that at its end little is left to wait for. */
const syncEveryBytes = 4 * 1024 * 1024;

/**
 * One file being written, its SHA-256 computed in the same pass. While one batch is on its way to the disk the next is
 * gathered and hashed, so at most two batches are in memory. An error of a write surfaces at a later call.
 */
export class HashedFile {
  readonly #handle: WritableHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #unsyncedBytes = 0;
  #syncing: Promise<void> | null = null;

  constructor(handle: WritableHandle) {
    this.#handle = handle;
  }

  /** Fails when the file is there already. */
  static async create(path: string): Promise<HashedFile> {
    return new HashedFile(await inStoreWords(() => open(path, 'wx', 0o600)));
  }

  /** The bytes are taken over, not copied: large ones are freed once they are written. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength === 0) return;
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.byteLength;
    this.#bytes += bytes.byteLength;
    if (this.#gatheredBytes >= gatherBytes || this.#gathered.length >= gatherPieces) await this.#send();
  }

  /** Everything is on the disk when this resolves; the handle is closed in any case. */
  async finish(): Promise<{ bytes: number; sha256: string }> {
    try {
      await this.#send();
      await this.#inFlight;
      await this.#syncing;
      await inStoreWords(() => this.#handle.sync());
    } catch (error) {
      await this.close();
      throw error;
    }
    await inStoreWords(() => this.#handle.close());
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Gives the file up: the handle is closed, whatever was on its way. */
  async close(): Promise<void> {
    await this.#inFlight.catch(() => {}); // that error was or will be thrown by `write` or `finish`
    await this.#syncing?.catch(() => {}); // the same
    await this.#handle.close();
  }

  async #send(): Promise<void> {
    const pieces = this.#gathered;
    const bytes = this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    for (const piece of pieces) this.#hash.update(piece);
    await this.#inFlight;
    this.#inFlight = inStoreWords(() => writeAll(this.#handle, pieces)).then(() => {
      for (const piece of pieces) if (piece.byteLength >= freedBytes) letGo(piece);
    });
    this.#inFlight.catch(() => {}); // awaited by the next `#send`, `finish` or `close`
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes >= syncEveryBytes && this.#syncing === null) this.#startSync();
  }

  #startSync(): void {
    this.#unsyncedBytes = 0;
    const syncing = inStoreWords(() => this.#handle.datasync()).then(() => {
      this.#syncing = null;
    });
    syncing.catch(() => {}); // stays, and is awaited by `finish` or `close`
    this.#syncing = syncing;
  }
}

/** The system may write less than it was given: near a full disk it does. */
async function writeAll(handle: WritableHandle, pieces: Uint8Array[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    if (bytesWritten <= 0) throw new Error('The operating system wrote nothing and gave no reason');
    rest = dropBytes(rest, bytesWritten);
  }
}

function dropBytes(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let whole = 0;
  for (const piece of pieces) {
    if (piece.byteLength > left) break;
    left -= piece.byteLength;
    whole += 1;
  }
  const rest = pieces.slice(whole);
  const first = rest[0];
  if (first !== undefined && left > 0) rest[0] = first.subarray(left);
  return rest;
}
