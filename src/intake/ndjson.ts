import { isUtf8 } from 'node:buffer';

/** A line of the stream. `text` is null when the line cannot be read; `problem` then says why. */
export interface NumberedLine {
  /** Counted from 1, blank lines too. */
  readonly line: number;
  readonly text: string | null;
  readonly problem: 'too long' | 'not UTF-8' | null;
}

export interface NdjsonOptions {
  readonly maxLineBytes: number;
  /** Lines of one batch at most; 1,000 unless set. */
  readonly batchLines?: number;
}

const newline = 0x0a;
const byteOrderMark = '\ufeff';

/**
 * Splits a stream of bytes into numbered lines, LF or CRLF, with or without one at the end; blank lines are left out.
 * A batch holds what one chunk of the source completed, so lines are handed on as they come. Memory is bounded by the
 * chunk and by `maxLineBytes`: the rest of a line that is longer is dropped as it arrives.
 */
export async function* ndjsonLines(
  source: AsyncIterable<Uint8Array>,
  options: NdjsonOptions,
): AsyncGenerator<readonly NumberedLine[]> {
  const splitter = new Splitter(options.maxLineBytes);
  const batchLines = options.batchLines ?? 1000;
  for await (const chunk of source) {
    yield* batches(splitter.push(asBuffer(chunk)), batchLines);
  }
  yield* batches(splitter.end(), batchLines);
}

class Splitter {
  readonly #maxLineBytes: number;
  /**
   * The beginning of a line whose end has not come yet, copied: chunks of one byte each would else keep one object a byte.
   * Holds `#carriedBytes` bytes, or none when those are too many.
   */
  #carried: Buffer = Buffer.alloc(0);
  #carriedBytes = 0;
  #line = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  push(chunk: Buffer): NumberedLine[] {
    const last = chunk.lastIndexOf(newline);
    if (last === -1) {
      this.#carry(chunk);
      return [];
    }
    const lines: NumberedLine[] = [];
    let whole = chunk.subarray(0, last);
    if (this.#carriedBytes > 0) {
      const first = chunk.indexOf(newline);
      this.#carry(chunk.subarray(0, first));
      this.#takeCarried(lines);
      if (first === last) {
        this.#carry(chunk.subarray(last + 1));
        return lines;
      }
      whole = chunk.subarray(first + 1, last);
    }
    this.#takeAll(whole, lines);
    this.#carry(chunk.subarray(last + 1));
    return lines;
  }

  end(): NumberedLine[] {
    const lines: NumberedLine[] = [];
    if (this.#carriedBytes > 0) this.#takeCarried(lines);
    return lines;
  }

  #carry(bytes: Buffer): void {
    const held = this.#carriedBytes;
    this.#carriedBytes += bytes.length;
    if (this.#isCarriedTooLong()) {
      this.#carried = Buffer.alloc(0);
      return;
    }
    if (this.#carriedBytes > this.#carried.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#carriedBytes, this.#carried.length * 2, 4096));
      this.#carried.copy(larger, 0, 0, held);
      this.#carried = larger;
    }
    bytes.copy(this.#carried, held);
  }

  #isCarriedTooLong(): boolean {
    // A line may end in CR LF, of which the CR does not count.
    return this.#carriedBytes > this.#maxLineBytes + 1;
  }

  #takeCarried(lines: NumberedLine[]): void {
    if (this.#isCarriedTooLong()) {
      this.#line += 1;
      lines.push({ line: this.#line, text: null, problem: 'too long' });
    } else {
      this.#takeOne(this.#carried.subarray(0, this.#carriedBytes), lines);
    }
    this.#carriedBytes = 0;
  }

  /**
   * Whole lines without the last one's newline. Valid UTF-8, the usual case, is checked in one go; each line is decoded by
   * itself, since one line with letters beyond Latin-1 would make a text of them all twice as wide, and slower to read.
   */
  #takeAll(bytes: Buffer, lines: NumberedLine[]): void {
    const isValid = isUtf8(bytes);
    let start = 0;
    while (start <= bytes.length) {
      const newlineAt = bytes.indexOf(newline, start);
      const end = newlineAt === -1 ? bytes.length : newlineAt;
      if (isValid) this.#takeText(bytes.toString('utf8', start, end), lines);
      else this.#takeOne(bytes.subarray(start, end), lines);
      start = end + 1;
    }
  }

  #takeOne(bytes: Buffer, lines: NumberedLine[]): void {
    if (isUtf8(bytes)) {
      this.#takeText(bytes.toString('utf8'), lines);
      return;
    }
    this.#line += 1;
    lines.push({ line: this.#line, text: null, problem: 'not UTF-8' });
  }

  #takeText(withEnding: string, lines: NumberedLine[]): void {
    this.#line += 1;
    let text = withEnding.endsWith('\r') ? withEnding.slice(0, -1) : withEnding;
    if (this.#line === 1 && text.startsWith(byteOrderMark)) text = text.slice(1);
    if (text.charCodeAt(0) !== 0x7b && text.trim() === '') return;
    lines.push(
      this.#isTooLong(text)
        ? { line: this.#line, text: null, problem: 'too long' }
        : { line: this.#line, text, problem: null },
    );
  }

  #isTooLong(text: string): boolean {
    // A UTF-16 unit takes three bytes at most, so most lines need no counting.
    return text.length * 3 > this.#maxLineBytes && Buffer.byteLength(text) > this.#maxLineBytes;
  }
}

function* batches(lines: readonly NumberedLine[], size: number): Generator<readonly NumberedLine[]> {
  if (lines.length === 0) return;
  if (lines.length <= size) {
    yield lines;
    return;
  }
  for (let start = 0; start < lines.length; start += size) yield lines.slice(start, start + size);
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
