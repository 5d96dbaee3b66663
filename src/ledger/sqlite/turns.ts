import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a read may go on before others of its thread get their turn, milliseconds. */
const turnMs = 10;

/** The time of one read: when others get their turn, and when it is over. */
export class Turns {
  readonly #ends: number;
  readonly #signal: AbortSignal | undefined;
  #turnEnds = performance.now() + turnMs;

  constructor({ budgetMs, signal }: { readonly budgetMs: number; readonly signal?: AbortSignal | undefined }) {
    this.#ends = performance.now() + budgetMs;
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() >= this.#ends;
  }

  /** To be called every few milliseconds. Throws the signal's reason when the read has been stopped. */
  async pass(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (performance.now() < this.#turnEnds) return;
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#turnEnds = performance.now() + turnMs;
  }
}
