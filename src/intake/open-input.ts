import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Failure } from '../audit/failure.ts';
import { atMost, type ByteCounter, counted, type Input, type UnpackLimit } from './input.ts';
import { openZip } from './zip.ts';

const readBytes = 512 * 1024;

/** Knows a ZIP and a gzip file by their first bytes. Throws INVALID_DATA when there is no such file. */
export async function openInput(path: string, limit: UnpackLimit): Promise<Input> {
  const magic = await firstBytes(path);
  if (magic.startsWith('PK\x03\x04') || magic.startsWith('PK\x05\x06')) return await openZip(path, limit);
  const counter = { bytes: 0 };
  const read = () => counted(createReadStream(path, { highWaterMark: readBytes }), counter);
  const isGzip = magic.startsWith('\x1f\x8b');
  const unpack = () => gunzipped(createReadStream(path, { highWaterMark: readBytes }), path, limit, counter);
  const check = async (): Promise<void> => {
    for await (const _ of unpack());
    counter.bytes = 0;
  };
  const { size } = await stat(path);
  return {
    name: path,
    members: [{ name: path, open: isGzip ? unpack : read, check: isGzip ? check : null }],
    totalBytes: size,
    bytesRead: () => counter.bytes,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function firstBytes(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead).toString('latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'it may not be read',
    };
    const reason = reasons[code];
    if (reason === undefined) throw error;
    throw new Failure('INVALID_DATA', `${path}: ${reason}`, { cause: error });
  }
}

async function* gunzipped(
  file: Readable,
  name: string,
  limit: UnpackLimit,
  counter: ByteCounter,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: readBytes });
  file.on('data', (chunk: Buffer | string) => {
    counter.bytes += chunk.length;
  });
  // Its failure destroys the last stream and so is thrown by the loop that reads it.
  pipeline(file, gunzip).catch(() => {});
  try {
    yield* atMost(gunzip, name, limit);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('INVALID_DATA', `${name}: the gzip file is damaged`, { cause: error });
  }
}
