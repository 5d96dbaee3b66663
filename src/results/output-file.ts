import { rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncFolder } from './folders.ts';
import { HashedFile } from './hashed-file.ts';
import type { ResultFile, ResultFileWriter } from './results.ts';
import { inStoreWords } from './store-failure.ts';

/**
 * A single file at a path of the user's choice, for exports outside the store. It appears whole, under its name, when it
 * is finished; until then it is `PATH.partial`. A file that was there before is replaced in that moment.
 */
export class OutputFile implements ResultFileWriter {
  readonly #path: string;
  readonly #file: HashedFile;

  private constructor(path: string, file: HashedFile) {
    this.#path = path;
    this.#file = file;
  }

  static async open(path: string): Promise<OutputFile> {
    await rm(`${path}.partial`, { force: true });
    return new OutputFile(path, await HashedFile.create(`${path}.partial`));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes);
  }

  async finish(): Promise<ResultFile> {
    const written = await this.#file.finish();
    await inStoreWords(async () => {
      await rename(`${this.#path}.partial`, this.#path);
      await syncFolder(dirname(this.#path));
    });
    return { name: basename(this.#path), ...written };
  }

  /** Gives the file up and leaves nothing behind. For a file that is not finished, or whose `finish` failed. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(`${this.#path}.partial`, { force: true });
  }
}
