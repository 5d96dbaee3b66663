/**
 * Frees the memory of bytes that are not needed any more, at once. V8 does not count bytes that native code made (lines come
 * from SQLite, blocks from zlib) and would let 64 MB of them lie about before it collects. Parts of a larger buffer stay.
 */
export function letGo(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}

/**
 * The same for bytes that fill only the beginning of their buffer, and share it with nothing: what zlib's functions return
 * when their `chunkSize` is above the pool's.
 */
export function letGoWhole(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}
