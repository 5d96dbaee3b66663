import type { ByteFeed } from '../../src/intake/intake.ts';

/** A feed whose bytes come when the test says so. */
export class PushedFeed implements ByteFeed {
  isPaused = false;
  isClosed = false;
  #onChunk: (bytes: Uint8Array) => void = () => {};
  #onEnd: (error: unknown) => void = () => {};

  open(onChunk: (bytes: Uint8Array) => void, onEnd: (error: unknown) => void): void {
    this.#onChunk = onChunk;
    this.#onEnd = onEnd;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  close(): void {
    this.isClosed = true;
  }

  push(text: string): void {
    this.#onChunk(Buffer.from(text));
  }
  end(error: unknown = null): void {
    this.#onEnd(error);
  }
}
