import { Failure, type FailureCode } from '../audit/failure.ts';
import type { RecordOutcome } from './recorder.ts';

/** A line that was not recorded, and why. */
export interface RejectedLine {
  readonly line: number;
  readonly code: FailureCode;
  readonly message: string;
  readonly jsonPath: string;
}

export interface Counts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly RejectedLine[];
}

/** What became of the lines of one stream. Too many bad ones stop it: then the stream is not what it was taken for. */
export class Tally implements Counts {
  readonly #maxRejected: number;
  readonly #rejected: RejectedLine[] = [];
  #accepted = 0;
  #duplicates = 0;
  #lastLine = 0;

  constructor(maxRejected: number) {
    this.#maxRejected = maxRejected;
  }

  get accepted(): number {
    return this.#accepted;
  }
  get duplicates(): number {
    return this.#duplicates;
  }
  /** By line. */
  get rejected(): readonly RejectedLine[] {
    return this.#rejected.toSorted((one, other) => one.line - other.line);
  }

  get isOverLimit(): boolean {
    return this.#rejected.length > this.#maxRejected;
  }

  reject(rejected: RejectedLine): void {
    this.#rejected.push(rejected);
    this.#lastLine = Math.max(this.#lastLine, rejected.line);
  }

  /** The outcomes of a call to the recorder, and the lines that its entries stood in. */
  add(outcomes: readonly RecordOutcome[], lines: readonly number[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const line = lines[index] ?? 0;
      if (outcome === 'new') this.#accepted += 1;
      else if (outcome === 'duplicate') this.#duplicates += 1;
      else if (outcome === 'conflict') this.reject({ ...conflict, line });
      else this.reject({ ...outcome, line });
      if (line > this.#lastLine) this.#lastLine = line;
    }
  }

  /** Throws LIMIT_EXCEEDED, saying how far the stream got, when more were rejected than may be. */
  check(): void {
    if (!this.isOverLimit) return;
    throw new Failure(
      'LIMIT_EXCEEDED',
      `More than ${this.#maxRejected} lines were rejected; stopped at line ${this.#lastLine}. ` +
        `Until then ${this.#accepted} entries were recorded and ${this.#duplicates} were there already.`,
      {
        details: {
          limit: String(this.#maxRejected),
          line: this.#lastLine,
          accepted: this.#accepted,
          duplicates: this.#duplicates,
          rejected: wireRejected(this.rejected.slice(0, this.#maxRejected)),
        },
      },
    );
  }
}

const conflict = {
  code: 'DUPLICATE_DATA',
  message: 'An entry with this id and time is there already, with other content',
  jsonPath: '$.id',
} as const;

/** Rejected lines as the wire spells them. */
export function wireRejected(rejected: readonly RejectedLine[]): readonly object[] {
  return rejected.map(({ line, code, message, jsonPath }) => ({ line, code, message, json_path: jsonPath }));
}
