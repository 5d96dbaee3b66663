/**
 * A sealed block: the lines of a run of entries, compressed once, with what a reader needs to take the block whole, to pass
 * over it, or to pick lines out of it. Derived from the entries: whatever is wrong with a block, the rows are the truth.
 *
 * Format 1 (2 on a big-endian machine, which then makes blocks of its own):
 * - `packed`: raw deflate (RFC 1951) of the lines, flushed to a byte boundary, with no last block and no reference to what
 *   came before: such pieces can be joined, and `03 00` ends the whole.
 * - `columns`: in the machine's byte order, the number of users (uint32), four bytes of nothing, their ids (uint64),
 *   and for each line its length (uint32), its place in the tally (uint16) and its user's place (uint16). Not compressed:
 *   that would save 1 % of the log's disk, and cost a filter a fifth of its time.
 * - the tally, as JSON: [rows, action, module] for each pair of action and module that occurs.
 */
import { hash } from 'node:crypto';
import { endianness } from 'node:os';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { RowKey } from '../ledger.ts';
import { checkPiece, unpackPiece } from '../pieces.ts';

export const blockFormat = endianness() === 'LE' ? 1 : 2;

/** What a name in the index of names is. */
export const kindOfAction = 0;
export const kindOfModule = 1;

/** What stands in the index of the blocks. */
export interface BlockHead {
  /** The block holds every entry behind this key, up to its last. */
  readonly after: RowKey;
  readonly first: RowKey;
  readonly last: RowKey;
  readonly rows: number;
  /** The highest arrival number in it. */
  readonly arrival: number;
  readonly rawBytes: number;
  /** Of the lines. */
  readonly rawCrc32: number;
  /** Where its content is. */
  readonly content: number;
}

/** The compressed lines as they are stored. */
export interface PackedLines {
  readonly format: number;
  readonly packed: Uint8Array;
  /** Of `packed`. */
  readonly packedCrc32: number;
}

/** The columns as they are stored. */
export interface PackedColumns {
  readonly format: number;
  readonly columns: Uint8Array;
  /** Of `columns`. */
  readonly columnsCrc32: number;
}

export interface BlockContent extends PackedLines, PackedColumns {
  /** SHA-256 of the lines. */
  readonly hash: Uint8Array;
}

/** A text as it is stored. */
export interface PackedText {
  readonly packed: Uint8Array;
  readonly rawBytes: number;
  /** Of `packed`. */
  readonly packedCrc32: number;
}

/** See block-records.ts. */
export interface PackedRecords {
  readonly names: PackedText;
  readonly ids: PackedText;
}

/** A block that has been made and not stored yet. */
export interface NewBlock extends BlockContent {
  readonly records: PackedRecords;
  readonly org: number;
  readonly head: Omit<BlockHead, 'content'>;
  readonly tally: string;
}

/** One row of a block, without its line. */
export interface BlockRow {
  readonly doneBy: bigint;
  readonly action: string;
  readonly module: string;
  /** Of the line. */
  readonly bytes: number;
}

/** The smallest that zlib makes of it in reasonable time: a block is compressed once and handed out many times. */
const sealingLevel = 6;
const flushed = constants.Z_SYNC_FLUSH;

/** The block's content is not what it says of itself. */
export class BrokenBlock extends Error {
  override readonly name = 'BrokenBlock';
}

/** Compresses the lines and reads them back: a block that would not give its lines is an error here, not a wrong export. */
export function packBlock(
  lines: Uint8Array,
  rows: readonly BlockRow[],
): BlockContent & { readonly tally: string; readonly rawCrc32: number } {
  const { columns, tally, bytes } = columnsOf(rows);
  if (bytes !== lines.byteLength) throw new BrokenBlock('the lines of a block are not as long as their rows say');
  const packed = deflateRawSync(lines, { level: sealingLevel, finishFlush: flushed });
  const content = {
    format: blockFormat,
    packed,
    packedCrc32: crc32(packed),
    columns,
    columnsCrc32: crc32(columns),
    hash: hash('sha256', lines, 'buffer'),
    rawCrc32: crc32(lines),
    tally,
  };
  checkPiece(packed, lines);
  return content;
}

/** The columns of a block and its tally, as they are stored; `bytes` is how long the lines are together. */
export function columnsOf(rows: readonly BlockRow[]): { columns: Uint8Array; tally: string; bytes: number } {
  const pairs = new Map<string, number>();
  const tally: [rows: number, action: string, module: string][] = [];
  const users = new Map<bigint, number>();
  const lengths = new Uint32Array(rows.length);
  const pairOf = new Uint16Array(rows.length);
  const userOf = new Uint16Array(rows.length);
  let bytes = 0;
  for (const [index, { action, module, doneBy, bytes: length }] of rows.entries()) {
    const pair = `${action}\0${module}`; // neither holds NUL
    const place = pairs.get(pair) ?? tally.push([0, action, module]) - 1;
    pairs.set(pair, place);
    const counted = tally[place];
    if (counted) counted[0] += 1;
    const user = users.get(doneBy) ?? users.size;
    users.set(doneBy, user);
    lengths[index] = length;
    pairOf[index] = place;
    userOf[index] = user;
    bytes += length;
  }
  const head = Uint32Array.of(users.size, 0);
  const columns = Buffer.concat([head, BigUint64Array.from(users.keys()), lengths, pairOf, userOf].map(bytesOf));
  return { columns, tally: JSON.stringify(tally), bytes };
}

/**
 * The lines, in a buffer that is theirs alone (`letGoWhole`). Throws BrokenBlock when the bytes are not those that were
 * stored, which were read back when the block was made.
 */
export function unpackLines(content: PackedLines, { rawBytes }: Pick<BlockHead, 'rawBytes'>): Uint8Array {
  checkPacked(content);
  try {
    return unpackPiece({ packed: content.packed, rawBytes });
  } catch (error) {
    throw new BrokenBlock('a block cannot be decompressed to its lines', { cause: error });
  }
}

/** Throws BrokenBlock when the compressed bytes are not those that were stored. */
export function checkPacked({ format, packed, packedCrc32 }: PackedLines): void {
  checkFormat(format);
  if (crc32(packed) !== packedCrc32) throw new BrokenBlock('the bytes of a block are not those that were stored');
}

function checkFormat(format: number): void {
  if (format !== blockFormat) throw new BrokenBlock(`a block is of format ${format}`);
}

export interface BlockColumns {
  readonly users: BigUint64Array;
  readonly lengths: Uint32Array;
  /** For each line its pair's place in the tally. */
  readonly pairOf: Uint16Array;
  /** For each line its place in `users`. */
  readonly userOf: Uint16Array;
}

/** Throws BrokenBlock when the bytes are not those that were stored. */
export function unpackColumns({ format, columns, columnsCrc32 }: PackedColumns, rows: number): BlockColumns {
  checkFormat(format);
  if (crc32(columns) !== columnsCrc32) throw new BrokenBlock('the columns of a block are not those that were stored');
  // The views need a buffer that starts where they do; what comes from SQLite does.
  const isOwn = columns.byteOffset === 0 && columns.buffer instanceof ArrayBuffer;
  const plain = isOwn ? columns.buffer : new Uint8Array(columns).buffer;
  const userCount = new DataView(plain).getUint32(0, true);
  const at = 8 + 8 * userCount;
  if (columns.byteLength !== at + 8 * rows) throw new BrokenBlock('the columns of a block are not as long as they say');
  return {
    users: new BigUint64Array(plain, 8, userCount),
    lengths: new Uint32Array(plain, at, rows),
    pairOf: new Uint16Array(plain, at + 4 * rows, rows),
    userOf: new Uint16Array(plain, at + 6 * rows, rows),
  };
}

export type TallyLine = readonly [rows: number, action: string, module: string];

export function readTally(text: string): TallyLine[] {
  return JSON.parse(text) as TallyLine[]; // as columnsOf wrote it
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
