import { hash } from 'node:crypto';

/** Eight bytes on their way to be one number. */
const eight = new DataView(new ArrayBuffer(8));

/**
 * What a row's `hash` is: the first 8 bytes of the SHA-256 of its line (UTF-8, CR LF included), as a signed big-endian
 * number. So `annals verify`, or any program that knows SHA-256, finds a line that the disk or somebody has changed.
 */
export function rowHash(line: Uint8Array | string): bigint {
  // As a string of one character a byte: twice as fast as a Buffer of 32 bytes, which has to be allocated.
  const digest = hash('sha256', line, 'binary');
  eight.setUint32(0, wordAt(digest, 0));
  eight.setUint32(4, wordAt(digest, 4));
  return eight.getBigInt64(0);
}

function wordAt(digest: string, at: number): number {
  return (
    ((digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3)) >>>
    0
  );
}
