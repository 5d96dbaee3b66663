/**
 * Where finished files live: the port. A published file never changes. Proof: `test/results/contract.ts`.
 *
 * A key names one run of one job: `org/job/attempt`, each part made of [A-Za-z0-9_-]. A file name is one path part.
 */

export interface ResultFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
}

/** Closed byte range: `end` is the last byte that is sent. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ResultWriter {
  /** Starts a file. Several may be open at once, each under a name that the run has not used. */
  file(name: string): Promise<ResultFileWriter>;
  /** Makes all files readable at once, durably (fsync of files and folders). Throws while one is not finished. */
  publish(): Promise<void>;
  /** Removes what was written. Harmless after `publish`. */
  abort(): Promise<void>;
}

export interface ResultFileWriter {
  /** Resolves when more may be written: back-pressure. The bytes are taken over: they may be gone afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<ResultFile>;
}

/** The bytes of a published file, or of a range of it, in order. Disposing of it at any time frees what it holds. */
export interface ResultReader extends AsyncDisposable {
  /**
   * Puts the next bytes at the start of `into` and resolves to how many they are: at least one, and 0 when there are no
   * more, also when the file has become shorter since it was opened. One call at a time; until it settles the buffer is the
   * reader's. Throws SERVICE_UNAVAILABLE when the store is down.
   */
  read(into: Uint8Array): Promise<number>;
}

export interface ResultsStore extends AsyncDisposable {
  /** Throws SERVICE_UNAVAILABLE when the store is full or down; so do the writer's methods. */
  create(key: string): Promise<ResultWriter>;
  /** Throws INVALID_URL_PATTERN when there is no such published file, an Error when it does not have all of the range. */
  read(key: string, name: string, range?: ByteRange): Promise<ResultReader>;
  /** Removes all files of the key; harmless when there are none. */
  remove(key: string): Promise<void>;
  /** Every key that has files, published or half written, with the time of its last change in epoch milliseconds. */
  keys(): AsyncIterable<{ readonly key: string; readonly changedAt: number }>;
}
