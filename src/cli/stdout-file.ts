import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ResultFile, ResultFileWriter } from '../results/results.ts';

/** An export that goes to standard output, as fast as its reader takes it. */
export class StdoutFile implements ResultFileWriter {
  readonly #name: string;
  readonly #stdout: Writable;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(name: string, stdout: Writable) {
    this.#name = name;
    this.#stdout = stdout;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.byteLength;
    this.#hash.update(bytes);
    if (!this.#stdout.write(bytes)) await once(this.#stdout, 'drain');
  }

  async finish(): Promise<ResultFile> {
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
