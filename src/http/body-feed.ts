import type { IncomingMessage } from 'node:http';
import type { ByteFeed } from '../intake/intake.ts';
import { requestTimeout } from './body.ts';

/**
 * A request's body as a feed. Ends with REQUEST_TIMEOUT when the client pauses for longer than `idleMs` (no time counts
 * while the feed is held up), and with the connection's own error when the client hangs up.
 */
export class BodyFeed implements ByteFeed {
  readonly #source: IncomingMessage;
  readonly #idleMs: number;
  #onChunk: (bytes: Uint8Array) => void = () => {};
  #onEnd: (error: unknown) => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(source: IncomingMessage, idleMs: number) {
    this.#source = source;
    this.#idleMs = idleMs;
  }

  open(onChunk: (bytes: Uint8Array) => void, onEnd: (error: unknown) => void): void {
    this.#onChunk = onChunk;
    this.#onEnd = onEnd;
    this.#source.on('end', this.#atEnd).on('error', this.#atError).on('close', this.#atClose).on('data', this.#atData);
    this.#startTimer();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#source.pause();
  }

  resume(): void {
    this.#startTimer();
    this.#source.resume();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source
      .off('end', this.#atEnd)
      .off('error', this.#atError)
      .off('close', this.#atClose)
      .off('data', this.#atData);
    // The socket must outlive a refusal, so that the client can be told of it; what is left of the body is drained then.
    this.#source.resume();
  }

  readonly #atData = (chunk: Uint8Array): void => {
    this.#timer?.refresh();
    this.#onChunk(chunk);
  };
  readonly #atEnd = (): void => this.#ended(null);
  readonly #atError = (error: Error): void => this.#ended(error);
  readonly #atClose = (): void => this.#ended(new Error('the client hung up in the middle of its body'));

  #ended(error: unknown): void {
    this.close();
    this.#onEnd(error);
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => this.#ended(requestTimeout({ idleMs: this.#idleMs })), this.#idleMs);
  }
}
