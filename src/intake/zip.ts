import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Failure } from '../audit/failure.ts';
import { counted, type Input, type Member, tooLarge, type UnpackLimit } from './input.ts';

/** Many more than any export has; the list of them is held in memory. */
export const maxMembers = 10_000;

/**
 * A ZIP of CSV or NDJSON files. Nothing is unpacked to disk. What it says it unpacks to is held against the limit here,
 * and against what really comes out as it is read.
 */
export async function openZip(path: string, limit: UnpackLimit): Promise<Input> {
  const zip = await asFailure(path, () => openPromise(path, { autoClose: false }));
  try {
    const entries = await asFailure(path, () => listed(zip, path));
    const totalBytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    if (totalBytes > limit.maxUnpackedBytes) throw tooLarge(path, limit);
    const counter = { bytes: 0 };
    return {
      name: path,
      members: entries.map((entry) => memberOf(zip, entry, path, counter)),
      totalBytes,
      bytesRead: () => counter.bytes,
      [Symbol.asyncDispose]: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** The files worth reading, by name: numbers in names count as numbers, so that part 10 comes after part 9. */
async function listed(zip: ZipFile, path: string): Promise<readonly Entry[]> {
  if (zip.entryCount > maxMembers) {
    throw new Failure('LIMIT_EXCEEDED', `${path} holds more than ${maxMembers} files`);
  }
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!/\.(csv|ndjson|jsonl)$/i.test(entry.fileName) || /(^|\/)(__MACOSX\/|\._)/.test(entry.fileName)) continue;
    if (entry.isEncrypted())
      throw new Failure('INVALID_DATA', `${path}: ${entry.fileName} is encrypted; unpack it first`);
    entries.push(entry);
  }
  if (entries.length === 0) throw new Failure('INVALID_DATA', `${path}: there is no CSV file in this ZIP`);
  const order = new Intl.Collator('en', { numeric: true });
  return entries.sort((one, other) => order.compare(one.fileName, other.fileName));
}

function memberOf(zip: ZipFile, entry: Entry, path: string, counter: { bytes: number }): Member {
  const name = `${path}: ${entry.fileName}`;
  const read = async function* (): AsyncGenerator<Uint8Array> {
    const stream: Readable = await asFailure(name, () => zip.openReadStreamPromise(entry));
    const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await asFailure(name, () => chunks.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      stream.destroy();
    }
  };
  return {
    name,
    open: () => counted(read(), counter),
    check: async () => {
      let sum = 0;
      for await (const chunk of read()) sum = crc32(chunk, sum);
      if (sum !== entry.crc32) throw new Failure('INVALID_DATA', `${name}: its CRC-32 is wrong: the file is damaged`);
    },
  };
}

async function asFailure<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error)) throw error;
    throw new Failure('INVALID_DATA', `${name}: cannot be read as a ZIP: ${error.message}`, { cause: error });
  }
}
