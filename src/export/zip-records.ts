/**
 * The records of a ZIP file as bytes, after PKWARE's APPNOTE 6.3.10. Our choices:
 * - sizes and CRC stand in the local header, so there is no data descriptor and the file can be read as a stream;
 * - method 8 (deflate); "version needed" 20, or 45 where Zip64 is used;
 * - made by Unix (3), a regular file of mode 0644; names are ASCII, so the UTF-8 flag stays off and all flags are 0;
 * - the time stamp is UTC: in DOS form, and exact in the extended-timestamp field (0x5455) as long as 32 bits hold it;
 * - Zip64 only for what does not fit: in a local header both sizes or none (as the standard demands), in a central header
 *   each field by itself, and the end records only when a total does not fit.
 */

export interface ZipMember {
  readonly name: string;
  readonly crc32: number;
  readonly rawBytes: number;
  readonly packedBytes: number;
}

export interface PlacedMember extends ZipMember {
  /** Where its local header starts. */
  readonly offset: number;
}

/** From these values on a field moves to Zip64. Tests lower them; the standard's own are `zip64Limits`. */
export interface Zip64Limits {
  readonly bytes: number;
  readonly members: number;
}

/** The largest values mean "look in the Zip64 record", so they are not usable themselves. */
export const zip64Limits: Zip64Limits = { bytes: 0xffffffff, members: 0xffff };

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const unixRegularFile0644 = 0o100644 * 0x10000;
const madeByUnix = 3 << 8;
const deflated = 8;
const versionPlain = 20;
const versionZip64 = 45;

export function localHeader(member: ZipMember, modifiedAt: number, limits: Zip64Limits): Buffer {
  const isBig = member.rawBytes >= limits.bytes || member.packedBytes >= limits.bytes;
  const extra = Buffer.concat([
    isBig ? zip64Extra([member.rawBytes, member.packedBytes]) : Buffer.alloc(0),
    timeExtra(modifiedAt),
  ]);
  const name = asciiName(member.name);
  const header = Buffer.alloc(30);
  const dos = dosTime(modifiedAt);
  header.writeUInt32LE(localSignature, 0);
  header.writeUInt16LE(isBig ? versionZip64 : versionPlain, 4);
  header.writeUInt16LE(0, 6);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(dos.time, 10);
  header.writeUInt16LE(dos.date, 12);
  header.writeUInt32LE(member.crc32, 14);
  header.writeUInt32LE(isBig ? 0xffffffff : member.packedBytes, 18);
  header.writeUInt32LE(isBig ? 0xffffffff : member.rawBytes, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

export function centralHeader(member: PlacedMember, modifiedAt: number, limits: Zip64Limits): Buffer {
  const moved: number[] = [];
  // The order of the values in the extra field is the standard's: raw size, packed size, offset.
  const rawBytes = fieldOrMoved(member.rawBytes, limits, moved);
  const packedBytes = fieldOrMoved(member.packedBytes, limits, moved);
  const offset = fieldOrMoved(member.offset, limits, moved);
  const extra = Buffer.concat([moved.length > 0 ? zip64Extra(moved) : Buffer.alloc(0), timeExtra(modifiedAt)]);
  const version = moved.length > 0 ? versionZip64 : versionPlain;
  const name = asciiName(member.name);
  const header = Buffer.alloc(46);
  const dos = dosTime(modifiedAt);
  header.writeUInt32LE(centralSignature, 0);
  header.writeUInt16LE(madeByUnix | version, 4);
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(0, 8);
  header.writeUInt16LE(deflated, 10);
  header.writeUInt16LE(dos.time, 12);
  header.writeUInt16LE(dos.date, 14);
  header.writeUInt32LE(member.crc32, 16);
  header.writeUInt32LE(packedBytes, 20);
  header.writeUInt32LE(rawBytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  // 32: comment length, 34: disk number, 36: internal attributes: all 0
  header.writeUInt32LE(unixRegularFile0644, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name, extra]);
}

export interface CentralDirectory {
  readonly members: number;
  readonly offset: number;
  readonly bytes: number;
}

/** All that follows the central directory: the Zip64 end records where they are needed, and the end record. */
export function endOfDirectory(directory: CentralDirectory, limits: Zip64Limits): Buffer {
  const isBig =
    directory.members >= limits.members || directory.offset >= limits.bytes || directory.bytes >= limits.bytes;
  const end = Buffer.alloc(22);
  const members = directory.members >= limits.members ? 0xffff : directory.members;
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(members, 8);
  end.writeUInt16LE(members, 10);
  end.writeUInt32LE(directory.bytes >= limits.bytes ? 0xffffffff : directory.bytes, 12);
  end.writeUInt32LE(directory.offset >= limits.bytes ? 0xffffffff : directory.offset, 16);
  return isBig ? Buffer.concat([zip64End(directory), end]) : end;
}

function zip64End(directory: CentralDirectory): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(zip64EndSignature, 0);
  record.writeBigUInt64LE(44n, 4); // what follows of this record
  record.writeUInt16LE(madeByUnix | versionZip64, 12);
  record.writeUInt16LE(versionZip64, 14);
  record.writeBigUInt64LE(BigInt(directory.members), 24);
  record.writeBigUInt64LE(BigInt(directory.members), 32);
  record.writeBigUInt64LE(BigInt(directory.bytes), 40);
  record.writeBigUInt64LE(BigInt(directory.offset), 48);
  record.writeUInt32LE(zip64LocatorSignature, 56);
  record.writeBigUInt64LE(BigInt(directory.offset + directory.bytes), 64);
  record.writeUInt32LE(1, 72); // disks in all
  return record;
}

function fieldOrMoved(value: number, limits: Zip64Limits, moved: number[]): number {
  if (value < limits.bytes) return value;
  moved.push(value);
  return 0xffffffff;
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

/** Info-ZIP's extended timestamp, the modification time alone: the same bytes in local and central header. */
function timeExtra(epochSeconds: number): Buffer {
  if (epochSeconds < 0 || epochSeconds > 0x7fffffff) return Buffer.alloc(0);
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(epochSeconds, 5);
  return extra;
}

/** Two-second steps from 1980 to 2107; what lies outside is set to the nearest that can be said. */
function dosTime(epochSeconds: number): { time: number; date: number } {
  const first = Date.UTC(1980, 0, 1) / 1000;
  const last = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000;
  const at = new Date(Math.min(Math.max(epochSeconds, first), last) * 1000);
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  };
}

function asciiName(name: string): Buffer {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new Error(`A ZIP member's name must be ASCII: ${JSON.stringify(name)}`);
  return Buffer.from(name, 'ascii');
}
