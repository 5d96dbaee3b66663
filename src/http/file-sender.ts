/** Sends stored files, piece by piece, for all downloads of a server together. */
import type { ServerResponse } from 'node:http';
import type { ResultReader } from '../results/results.ts';
import { PiecePool } from './piece-pool.ts';

const budgetBytes = 16 * 1024 * 1024;
/** Node reads files on four threads. Others need them too, and a disk that hangs must not take them all. */
const readsAtOnce = 2;
/** Of the first piece: the client has something to do while the next is read. */
const firstBytes = 128 * 1024;
/** With so few, a processor is free to read the next piece while one is sent; with more it would only lie in memory. */
const readAheadDownloads = 2;

interface Piece {
  readonly buffer: Buffer;
  readonly bytes: number;
}

/**
 * A file goes through a few buffers that are used again and again: no stream in between, which costs as much as the sending.
 * A buffer gets its next bytes only when the system has taken the last of those before.
 */
export class FileSender {
  readonly #pool = new PiecePool(budgetBytes);
  readonly #turns: (() => void)[] = [];
  #reads = 0;
  #downloads = 0;

  /** What the buffers that are in use take. */
  get usedBytes(): number {
    return this.#pool.usedBytes;
  }

  /**
   * Sends what the reader has, which must be `bytes`, and ends the response. Resolves early when the client has gone. Throws
   * when the reader fails or has less: then a part is sent already, and only cutting the connection tells the client.
   */
  async send(response: ServerResponse, reader: ResultReader, bytes: number): Promise<void> {
    this.#downloads += 1;
    let ahead: Promise<Piece> | null = null;
    try {
      for (let left = bytes; left > 0; ) {
        const piece: Piece = await (ahead ?? this.#read(reader, left, left === bytes ? firstBytes : undefined));
        left -= piece.bytes;
        ahead = left > 0 && this.#downloads <= readAheadDownloads ? this.#read(reader, left) : null;
        ahead?.catch(() => {}); // comes out where it is awaited
        if (!(await this.#write(response, piece))) return;
      }
      response.end();
    } finally {
      this.#downloads -= 1;
      if (ahead !== null) this.#pool.giveBack((await ahead).buffer);
      if (this.#downloads === 0) this.#pool.rest();
    }
  }

  async #read(reader: ResultReader, left: number, mostBytes?: number): Promise<Piece> {
    if (this.#reads < readsAtOnce) this.#reads += 1;
    else await new Promise<void>((resolve) => this.#turns.push(resolve));
    // Not before its turn: who waits holds no memory.
    const buffer = this.#pool.take(mostBytes);
    let bytes = 0;
    try {
      bytes = await reader.read(left < buffer.byteLength ? buffer.subarray(0, left) : buffer);
      if (bytes === 0) throw new Error('A published file has become shorter while it was sent');
      return { buffer, bytes };
    } finally {
      if (bytes === 0) this.#pool.giveBack(buffer);
      const next = this.#turns.shift();
      if (next === undefined) this.#reads -= 1;
      else next();
    }
  }

  /** Resolves when the system has taken the piece: true; or when the client has gone: false. */
  async #write(response: ServerResponse, { buffer, bytes }: Piece): Promise<boolean> {
    const isTaken = await new Promise<boolean>((resolve) => {
      if (response.closed) return resolve(false);
      // Of an answer that waits behind another on its connection the write is never heard of again when that breaks.
      const onClose = () => resolve(false);
      response.once('close', onClose);
      response.write(buffer.subarray(0, bytes), (error) => {
        response.off('close', onClose);
        resolve(!error);
      });
    });
    if (isTaken) this.#pool.giveBack(buffer);
    else this.#pool.forget(buffer);
    return isTaken;
  }
}
