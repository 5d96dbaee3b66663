import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, type LocalFileHeader } from 'yauzl';

export interface ReadMember {
  readonly name: string;
  readonly bytes: Buffer;
  readonly entry: Entry;
  readonly local: LocalFileHeader;
}

/** Reads a whole ZIP by an independent reader, and checks what that one leaves unchecked: CRCs and local headers. */
export async function readZip(zip: Buffer): Promise<ReadMember[]> {
  const file = await fromBufferPromise(zip, { lazyEntries: true, autoClose: false });
  const members: ReadMember[] = [];
  for await (const entry of file.eachEntry()) {
    const local = await file.readLocalFileHeaderPromise(entry);
    const bytes = Buffer.concat(await Array.fromAsync(await file.openReadStreamPromise(entry)));
    assert.equal(crc32(bytes), entry.crc32, `CRC of ${entry.fileName}`);
    assert.equal(local.crc32, entry.crc32);
    assert.equal(String(local.fileName), entry.fileName);
    members.push({ name: entry.fileName, bytes, entry, local });
  }
  assert.equal(members.length, file.entryCount);
  return members;
}
