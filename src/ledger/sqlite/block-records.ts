/**
 * The records of a block's lines, as two texts beside it: their names, folded, and their ids, one a line, in the order of the
 * lines. What is looked for in them is found in a tenth of the time that it takes to decompress the lines.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { recordInLine } from '../../audit/line-record.ts';
import { foldText } from '../../audit/words.ts';
import { unpackPiece } from '../pieces.ts';
import { BrokenBlock, type PackedRecords, type PackedText } from './block.ts';

export interface RecordTexts {
  /** UTF-8. */
  readonly names: Uint8Array;
  readonly ids: Uint8Array;
}

const encoder = new TextEncoder();
const level = 6;
const finishFlush = constants.Z_SYNC_FLUSH;

export function recordTexts(lines: Uint8Array, lengths: Iterable<number>): RecordTexts {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  let [names, ids, at] = ['', '', 0];
  for (const length of lengths) {
    const { name, id } = recordInLine(bytes.subarray(at, at + length));
    names += `${folded(name)}\n`;
    ids += `${writtenId(id)}\n`;
    at += length;
  }
  // In buffers of their own: a small `Buffer` would be a part of a pool, and whoever is done with these frees them.
  return { names: encoder.encode(names), ids: encoder.encode(ids) };
}

/** No word holds white space, so that a line feed is a blank here makes no difference. */
function folded(name: string): string {
  return foldText(name.includes('\n') ? name.replaceAll('\n', ' ') : name);
}

/** An id as it stands in the text of ids: each on a line of its own, whatever it holds. */
export function writtenId(id: string): string {
  return /["\\\n]/.test(id) ? JSON.stringify(id) : id;
}

export function packRecords({ names, ids }: RecordTexts): PackedRecords {
  return { names: packText(names), ids: packText(ids) };
}

function packText(text: Uint8Array): PackedText {
  const packed = deflateRawSync(text, { level, finishFlush });
  return { packed, rawBytes: text.byteLength, packedCrc32: crc32(packed) };
}

/** In a buffer of its own (`letGoWhole`). Throws BrokenBlock when the bytes are not those that were stored. */
export function unpackText({ packed, rawBytes, packedCrc32 }: PackedText): Uint8Array {
  if (crc32(packed) !== packedCrc32) throw new BrokenBlock('the records of a block are not those that were stored');
  try {
    return unpackPiece({ packed, rawBytes });
  } catch (error) {
    throw new BrokenBlock('the records of a block cannot be decompressed', { cause: error });
  }
}
