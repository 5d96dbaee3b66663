import { letGo } from '../../audit/let-go.ts';
import type { TextChunk } from '../ledger.ts';

/** What one chunk holds at most. */
export const chunkRows = 1_000;
export const chunkBytes = 1024 * 1024;

/** The text chunk that is being put together, and how far the file has got. */
export class Gathering {
  readonly #rowsPerFile: number;
  #rowsBefore = 0;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  rows = 0;

  constructor(rowsPerFile: number) {
    this.#rowsPerFile = rowsPerFile;
  }

  /** How many rows more this chunk may hold. */
  get room(): number {
    return Math.min(chunkRows, this.roomInFile) - this.rows;
  }

  /** How many bytes more. */
  get byteRoom(): number {
    return chunkBytes - this.#bytes;
  }

  /** How many rows more the file holds, those of this chunk not counted. */
  get roomInFile(): number {
    return this.#rowsPerFile - (this.#rowsBefore % this.#rowsPerFile);
  }

  /** A single row always fits an empty chunk, however long it is. */
  fits(rows: number, bytes: number): boolean {
    if (rows === 0 || (rows === 1 && this.rows === 0)) return true;
    return rows <= this.room && bytes <= this.byteRoom;
  }

  add(rows: number, bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.rows += rows;
  }

  take(): TextChunk {
    const [only] = this.#parts;
    const bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    if (bytes !== only) for (const part of this.#parts) letGo(part);
    const rows = this.rows;
    this.#rowsBefore += rows;
    this.#parts = [];
    this.#bytes = 0;
    this.rows = 0;
    return { kind: 'text', rows, bytes };
  }

  /** Rows that went past it, in a chunk of another kind. */
  pass(rows: number): void {
    this.#rowsBefore += rows;
  }
}
