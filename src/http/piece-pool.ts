/** Buffers that are used again and again: a fresh one costs as much as the bytes that are read into it. */
const smallestBytes = 64 * 1024;
/** Reading and sending more at a time gains nothing; less costs a change of threads more often. */
const largestBytes = 512 * 1024;
/** Kept when nothing is being sent. */
const restBytes = 4 * 1024 * 1024;

/**
 * Hands out buffers, smaller ones the more are in use: a few downloads get what makes them fast, and many, or many whose
 * clients are slow, do not add up. Within `budgetBytes` lie all buffers, those that wait for their next use included; beyond it
 * whoever asks gets one of the smallest still, for how many may ask is the limit on connections.
 */
export class PiecePool {
  readonly #budgetBytes: number;
  readonly #idle = new Map<number, Buffer[]>();
  #idleBytes = 0;
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Of all buffers that are out. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  take(mostBytes: number = largestBytes): Buffer {
    const size = this.#nextSize(mostBytes);
    this.#usedBytes += size;
    const known = this.#idle.get(size)?.pop();
    if (known !== undefined) {
      this.#idleBytes -= size;
      return known;
    }
    this.#dropIdle(this.#budgetBytes - this.#usedBytes);
    return Buffer.allocUnsafeSlow(size);
  }

  /** Only for a buffer that nothing reads or writes any more: the next to get it is somebody else. */
  giveBack(buffer: Buffer): void {
    this.forget(buffer);
    const size = buffer.byteLength;
    if (this.#usedBytes + this.#idleBytes + size > this.#budgetBytes) return;
    this.#idleBytes += size;
    const same = this.#idle.get(size);
    if (same === undefined) this.#idle.set(size, [buffer]);
    else same.push(buffer);
  }

  /** For a buffer that may still be read or written: it is not used again. */
  forget(buffer: Buffer): void {
    this.#usedBytes -= buffer.byteLength;
  }

  /** Lets go of most of what waits for its next use. */
  rest(): void {
    this.#dropIdle(restBytes);
  }

  #dropIdle(leftBytes: number): void {
    for (const [size, buffers] of this.#idle) {
      while (this.#idleBytes > leftBytes && buffers.pop() !== undefined) this.#idleBytes -= size;
    }
  }

  /** A sixteenth of what is left of the budget, as a power of two. */
  #nextSize(mostBytes: number): number {
    const share = Math.max(0, this.#budgetBytes - this.#usedBytes) / 16;
    let size = largestBytes;
    while (size > Math.min(share, mostBytes) && size > smallestBytes) size /= 2;
    return size;
  }
}
