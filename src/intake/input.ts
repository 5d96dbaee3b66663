import { Failure } from '../audit/failure.ts';

/** One stream of lines: a file, or a file inside a ZIP. */
export interface Member {
  readonly name: string;
  /** Reads it from the beginning. */
  open(): AsyncIterable<Uint8Array>;
  /** Reads all of it once, and throws INVALID_DATA when its check sum is wrong; null when it is not packed. */
  readonly check: (() => Promise<void>) | null;
}

/** What one FILE argument holds. */
export interface Input extends AsyncDisposable {
  readonly name: string;
  readonly members: readonly Member[];
  /** What progress is measured against, in the unit of `bytesRead`; null: unknown. */
  readonly totalBytes: number | null;
  bytesRead(): number;
}

export interface UnpackLimit {
  readonly maxUnpackedBytes: number;
}

/** Standard input, or any other stream that can be read once. */
export function streamInput(name: string, stream: AsyncIterable<Uint8Array>): Input {
  const counter = { bytes: 0 };
  return {
    name,
    members: [{ name, open: () => counted(stream, counter), check: null }],
    totalBytes: null,
    bytesRead: () => counter.bytes,
    [Symbol.asyncDispose]: async () => {},
  };
}

export interface ByteCounter {
  bytes: number;
}

export async function* counted(source: AsyncIterable<Uint8Array>, counter: ByteCounter): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    counter.bytes += chunk.length;
    yield chunk;
  }
}

/** Throws when more than the limit comes out. */
export async function* atMost(
  source: AsyncIterable<Uint8Array>,
  name: string,
  limit: UnpackLimit,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limit.maxUnpackedBytes) throw tooLarge(name, limit);
    yield chunk;
  }
}

export function tooLarge(name: string, limit: UnpackLimit): Failure {
  return new Failure(
    'LIMIT_EXCEEDED',
    `${name} unpacks to more than ${limit.maxUnpackedBytes} bytes; if that is meant, raise --max-unpacked`,
    { details: { limit: String(limit.maxUnpackedBytes) } },
  );
}
