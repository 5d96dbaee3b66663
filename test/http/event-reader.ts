/** A stream of events, as a client reads it. */
import assert from 'node:assert/strict';

export interface StreamedEvent {
  readonly event: string;
  readonly data: string;
}

export class EventReader implements AsyncDisposable {
  readonly #parts: AsyncIterator<Uint8Array>;
  readonly #leave: AbortController;
  readonly headers: Headers;
  #text = '';

  private constructor(answer: Response, leave: AbortController) {
    assert.equal(answer.status, 200);
    assert.ok(answer.body);
    this.#parts = answer.body[Symbol.asyncIterator]();
    this.#leave = leave;
    this.headers = answer.headers;
  }

  /** Resolves once the server has begun to answer. */
  static async open(url: string, headers: Record<string, string>): Promise<EventReader> {
    const leave = new AbortController();
    return new EventReader(await fetch(url, { headers, signal: leave.signal }), leave);
  }

  /** The next event; null: the stream has ended as it should. Comments and fields of no interest are passed over. */
  async next(): Promise<StreamedEvent | null> {
    for (;;) {
      const block = await this.nextBlock();
      if (block === null) return null;
      const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (event !== '') return { event, data };
    }
  }

  /** What stands between two empty lines, a comment too. */
  async nextBlock(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return block;
      }
      const part = await this.#parts.next();
      if (part.done === true) {
        assert.equal(this.#text, '', 'the stream ended in the middle of an event');
        return null;
      }
      this.#text += Buffer.from(part.value).toString();
    }
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave.abort();
  }
}
