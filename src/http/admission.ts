/**
 * What all requests together may hold: bytes of bodies that are read whole, and streams of entries. Each request has its
 * own limits; these keep many of them at once from adding up to more memory than there is.
 */
import type { EventEmitter } from 'node:events';
import { Failure } from '../audit/failure.ts';
import type { Limits } from '../config.ts';
import { Places } from './places.ts';

export const countLimits = Object.freeze({ perUser: 4, inAll: 64 });

const retryAfterSeconds = 2;

export class Admission {
  readonly #limits: Pick<Limits, 'bodyBytesAtOnce' | 'ingestStreams'>;
  /** Counts of what a filter finds, which may each take the log's reader for seconds. */
  readonly counts = new Places('counts', countLimits);
  #bytes = 0;
  #streams = 0;

  constructor(limits: Pick<Limits, 'bodyBytesAtOnce' | 'ingestStreams'>) {
    this.#limits = limits;
  }

  /** Counts bytes of a body until its answer is through. Throws TOO_MANY_REQUESTS when there is no room for them. */
  hold(bytes: number, until: Pick<EventEmitter, 'once'>): void {
    if (this.#bytes + bytes > this.#limits.bodyBytesAtOnce) {
      throw new Failure('TOO_MANY_REQUESTS', 'The server holds as much of request bodies as it may; try again', {
        retryAfterSeconds,
      });
    }
    this.#bytes += bytes;
    until.once('close', () => {
      this.#bytes -= bytes;
    });
  }

  /** A place for a stream of entries, until it is disposed of. Throws TOO_MANY_REQUESTS when all are taken. */
  openStream(): Disposable {
    if (this.#streams >= this.#limits.ingestStreams) {
      throw new Failure('TOO_MANY_REQUESTS', `Over ${this.#limits.ingestStreams} streams of entries are open`, {
        retryAfterSeconds,
      });
    }
    this.#streams += 1;
    return {
      [Symbol.dispose]: () => {
        this.#streams -= 1;
      },
    };
  }
}
