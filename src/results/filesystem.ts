import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../audit/failure.ts';
import { ensureFolder, removeIfEmpty, syncFolder } from './folders.ts';
import { HashedFile } from './hashed-file.ts';
import type { ByteRange, ResultFile, ResultFileWriter, ResultReader, ResultsStore, ResultWriter } from './results.ts';
import { errorCode, inStoreWords } from './store-failure.ts';

const keyPart = /^[A-Za-z0-9_-]{1,100}$/;
const partialSuffix = '.partial';

/**
 * Results as files in a folder: DIR/org/job/attempt/name. A run is written to `attempt.partial`, a name that no key can
 * have, and renamed as a whole when it is published, so that its files appear together or not at all.
 */
export class FilesystemResults implements ResultsStore {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async open(dir: string): Promise<FilesystemResults> {
    await inStoreWords(() => mkdir(dir, { recursive: true, mode: 0o700 }));
    return new FilesystemResults(dir);
  }

  async create(key: string): Promise<ResultWriter> {
    if (!isKey(key)) throw new Error(`Not a key of results: ${JSON.stringify(key)}`);
    return await inStoreWords(() => FolderWriter.create(this.#dir, key));
  }

  async read(key: string, name: string, range?: ByteRange): Promise<ResultReader> {
    if (!isKey(key) || !isFileName(name)) throw noSuchFile();
    return await inStoreWords(async () => {
      const { handle, size } = await openPublished(join(this.#dir, key, name));
      if (range !== undefined && range.end >= size) {
        await handle.close();
        throw new Error(`The published file ${key}/${name} has ${size} bytes, and byte ${range.end} was asked for`);
      }
      return new FileReader(handle, range ?? { start: 0, end: size - 1 });
    });
  }

  async remove(key: string): Promise<void> {
    if (!isKey(key)) throw new Error(`Not a key of results: ${JSON.stringify(key)}`);
    await inStoreWords(async () => {
      await removeFolder(join(this.#dir, key));
      await removeFolder(join(this.#dir, key) + partialSuffix);
    });
  }

  async *keys(): AsyncIterable<{ readonly key: string; readonly changedAt: number }> {
    for await (const org of foldersIn(this.#dir)) {
      for await (const job of foldersIn(join(this.#dir, org))) {
        const attempts = new Map<string, number>();
        for await (const folder of foldersIn(join(this.#dir, org, job), partialSuffix)) {
          const attempt = folder.endsWith(partialSuffix) ? folder.slice(0, -partialSuffix.length) : folder;
          const changedAt = await lastChange(join(this.#dir, org, job, folder));
          if (changedAt !== null) attempts.set(attempt, Math.max(changedAt, attempts.get(attempt) ?? 0));
        }
        for (const [attempt, changedAt] of attempts) yield { key: `${org}/${job}/${attempt}`, changedAt };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between calls.
  }
}

class FileReader implements ResultReader {
  readonly #handle: FileHandle;
  readonly #end: number;
  #position: number;

  constructor(handle: FileHandle, range: ByteRange) {
    this.#handle = handle;
    this.#position = range.start;
    this.#end = range.end + 1;
  }

  async read(into: Uint8Array): Promise<number> {
    const wanted = Math.min(into.byteLength, this.#end - this.#position);
    if (wanted === 0) return 0;
    const { bytesRead } = await inStoreWords(() => this.#handle.read(into, 0, wanted, this.#position));
    this.#position += bytesRead;
    return bytesRead;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close(); // waits for a read that is under way
  }
}

class FolderWriter implements ResultWriter {
  readonly #root: string;
  readonly #key: string;
  readonly #partial: string;
  readonly #open = new Set<HashedFile>();
  #isRenamed = false;
  #isPublished = false;

  private constructor(root: string, key: string) {
    this.#root = root;
    this.#key = key;
    this.#partial = join(root, key) + partialSuffix;
  }

  static async create(root: string, key: string): Promise<FolderWriter> {
    const writer = new FolderWriter(root, key);
    await writer.#makeFolder();
    return writer;
  }

  async file(name: string): Promise<ResultFileWriter> {
    if (!isFileName(name)) throw new Error(`Not a file name: ${JSON.stringify(name)}`);
    const file = await HashedFile.create(join(this.#partial, name));
    this.#open.add(file);
    return {
      write: (bytes: Uint8Array): Promise<void> => file.write(bytes),
      finish: async (): Promise<ResultFile> => {
        const written = await file.finish();
        this.#open.delete(file);
        return { name, ...written };
      },
    };
  }

  async publish(): Promise<void> {
    if (this.#open.size > 0) throw new Error('A file is not finished');
    const published = join(this.#root, this.#key);
    await inStoreWords(async () => {
      await syncFolder(this.#partial);
      await rename(this.#partial, published);
      this.#isRenamed = true;
      await syncFolder(dirname(published));
    });
    this.#isPublished = true;
  }

  async abort(): Promise<void> {
    if (this.#isPublished) return;
    const open = [...this.#open];
    this.#open.clear();
    try {
      await Promise.all(open.map((file) => file.close()));
    } finally {
      // Under the published name there may be another run's files, unless it was this one that put them there.
      const folder = this.#isRenamed ? join(this.#root, this.#key) : this.#partial;
      await inStoreWords(() => removeFolder(folder));
    }
  }

  async #makeFolder(): Promise<void> {
    const [org = '', job = ''] = this.#key.split('/');
    if ((await lastChange(join(this.#root, this.#key))) !== null) {
      throw new Error(`Results ${this.#key} are published already`);
    }
    await rm(this.#partial, { recursive: true, force: true }); // of a run that died
    for (let tries = 1; ; tries += 1) {
      try {
        await ensureFolder(join(this.#root, org));
        await ensureFolder(join(this.#root, org, job));
        await mkdir(this.#partial, { mode: 0o700 });
        return;
      } catch (error) {
        // The removal of the organisation's last other result takes an empty parent away in just that moment.
        if (errorCode(error) !== 'ENOENT' || tries === 5) throw error;
      }
    }
  }
}

/** Removes a run's folder, and those above it that it leaves empty. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  if (await removeIfEmpty(dirname(folder))) await removeIfEmpty(dirname(dirname(folder)));
}

async function openPublished(path: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size };
    await handle.close();
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP' && code !== 'ENAMETOOLONG') throw error;
  }
  throw noSuchFile();
}

/** Folders that the store made, by name; what else lies there is left alone. */
async function* foldersIn(path: string, suffix = ''): AsyncIterable<string> {
  let folder: Awaited<ReturnType<typeof opendir>>;
  try {
    folder = await inStoreWords(() => opendir(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return; // removed since its parent was read
    throw error;
  }
  for await (const item of folder) {
    const part = suffix !== '' && item.name.endsWith(suffix) ? item.name.slice(0, -suffix.length) : item.name;
    if (item.isDirectory() && keyPart.test(part)) yield item.name;
  }
}

/** When the folder or a file in it last changed, epoch milliseconds; null when it is gone. */
async function lastChange(folder: string): Promise<number | null> {
  try {
    let latest = (await stat(folder)).mtimeMs;
    for (const name of await readdir(folder)) {
      latest = Math.max(latest, (await stat(join(folder, name))).mtimeMs);
    }
    return Math.floor(latest);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isKey(key: string): boolean {
  const parts = key.split('/');
  return parts.length === 3 && parts.every((part) => keyPart.test(part));
}

/** One path part that every file system takes; hidden names are the store's own. */
function isFileName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_. -]{0,199}$/.test(name);
}

function noSuchFile(): Failure {
  return new Failure('INVALID_URL_PATTERN', 'Please check if the URL trying to access is a correct one');
}
