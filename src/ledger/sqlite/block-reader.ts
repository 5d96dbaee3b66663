/** Sealed blocks as an export reads them: whole, or the lines that a filter or a file's end leaves of them. */

import { letGo, letGoWhole } from '../../audit/let-go.ts';
import type { LedgerRow, SealedChunk } from '../ledger.ts';
import { type BlockColumns, BrokenBlock, checkPacked, type TallyLine, unpackColumns, unpackLines } from './block.ts';
import { BlockFilter, type Choice, LinePicker } from './block-filter.ts';
import { type RecordTexts, recordTexts, unpackText } from './block-records.ts';
import type { Blocks, StoredHead } from './blocks.ts';
import type { Filter } from './filter.ts';

/** How a block is to be handed out. */
export type Reading =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'whole'; readonly chunk: SealedChunk }
  | { readonly kind: 'lines'; readonly lines: LinePicker }
  /** It is gone, or broken: the rows have to be read instead. */
  | { readonly kind: 'lost' };

/** The chosen lines, and for each line its pair's place in the tally. */
export interface LookedAt extends Choice {
  readonly pairOf: Uint16Array;
}

/** The block has been dropped since its head was read. */
class Gone extends Error {}

export class BlockReader {
  readonly #blocks: Blocks;
  readonly #filter: BlockFilter;
  readonly #onBroken: (head: StoredHead, error: BrokenBlock) => void;
  #last: { readonly content: number; readonly columns: BlockColumns; readonly bytes: Uint8Array } | null = null;

  constructor(blocks: Blocks, filter: Filter, onBroken: (head: StoredHead, error: BrokenBlock) => void) {
    this.#blocks = blocks;
    this.#filter = new BlockFilter(filter);
    this.#onBroken = onBroken;
  }

  /** How many lines of the block are asked for; null: the rows have to be counted instead. */
  count(head: StoredHead): number | null {
    if (this.#filter.isOpen) return head.rows;
    const byTally = this.#filter.rowsByTally(head.tally());
    if (byTally === 0 || (!this.#filter.asksForUsers && !this.#filter.match)) return byTally;
    const choice = this.#guarded(head, () => this.#choice(head));
    return choice === null ? null : choice.rows;
  }

  /** The lines of the block's tally that are asked for: no others can match. */
  tallied(head: StoredHead): TallyLine[] {
    return this.#filter.pairsAsked(head.tally());
  }

  /** Whether the filter takes the row, its time and arrival aside. */
  isAsked(row: LedgerRow): boolean {
    return this.#filter.isAsked(row);
  }

  /** A tally does not tell how many lines are asked for. */
  get looksIntoLines(): boolean {
    return this.#filter.asksForUsers || this.#filter.match !== null;
  }

  /** Which lines are asked for; null: the rows have to be looked at instead. */
  lookAt(head: StoredHead): LookedAt | null {
    return this.#guarded(head, () => {
      const choice = this.#choice(head);
      if (choice?.rows === 0) return { ...choice, pairOf: new Uint16Array() };
      const columns = choice && this.#columns(head);
      return columns && { ...choice, pairOf: columns.pairOf };
    });
  }

  /** `room`: how many lines may be taken before the file ends; with fewer than it has the block is not taken whole. */
  read(head: StoredHead, room: number): Reading {
    const choice = this.#guarded(head, () => this.#choice(head));
    if (choice?.rows === 0) return { kind: 'nothing' };
    return (choice && this.#guarded(head, () => this.#reading(head, choice, room))) ?? { kind: 'lost' };
  }

  /** Null when it is gone. */
  #reading(head: StoredHead, choice: Choice, room: number): Reading | null {
    const content = this.#blocks.lines(head);
    if (content === null) return null;
    const { rows, rawBytes, rawCrc32 } = head;
    if (choice.chosen === null && rows <= room) {
      checkPacked(content);
      return { kind: 'whole', chunk: { kind: 'sealed', rows, rawBytes, rawCrc32, packed: content.packed } };
    }
    const columns = this.#columns(head);
    if (columns === null) return null;
    const lines = new LinePicker(unpackLines(content, head), columns.lengths, choice);
    letGo(content.packed);
    return { kind: 'lines', lines };
  }

  /** Null when it is gone. */
  #choice(head: StoredHead): Choice | null {
    const choice = this.#choiceByColumns(head);
    const { match } = this.#filter;
    if (choice === null || choice.rows === 0 || match === null) return choice;
    const texts = new Map<keyof RecordTexts, Uint8Array>();
    const read = (kind: keyof RecordTexts): Uint8Array => {
      const text = this.#text(head, kind);
      texts.set(kind, text);
      return text;
    };
    const matching = match.choose(head.rows, read);
    for (const text of texts.values()) letGoWhole(text);
    return this.#filter.narrowed(choice, matching);
  }

  /** Throws `Gone` when the block is. */
  #text(head: StoredHead, kind: keyof RecordTexts): Uint8Array {
    const packed = kind === 'names' ? this.#blocks.names(head) : this.#blocks.ids(head);
    if (packed === null) return this.#textOfLines(head)[kind];
    const text = unpackText(packed);
    letGo(packed.packed);
    return text;
  }

  /** The block was made before there were records beside it. */
  #textOfLines(head: StoredHead): RecordTexts {
    const content = this.#blocks.lines(head);
    const columns = this.#columns(head);
    if (content === null || columns === null) throw new Gone();
    const lines = unpackLines(content, head);
    const texts = recordTexts(lines, columns.lengths);
    letGo(content.packed);
    letGoWhole(lines);
    return texts;
  }

  /** Null when it is gone. */
  #choiceByColumns(head: StoredHead): Choice | null {
    const all = { rows: head.rows, chosen: null };
    if (this.#filter.isOpen) return all;
    const byTally = this.#filter.rowsByTally(head.tally());
    if (byTally === 0) return { rows: 0, chosen: null };
    if (byTally === head.rows && !this.#filter.asksForUsers) return all;
    const columns = this.#columns(head);
    return columns && this.#filter.choice(head.tally(), columns);
  }

  /** Those of the block that was asked for last are kept: a block is counted, chosen from and cut in turn. */
  #columns(head: StoredHead): BlockColumns | null {
    if (this.#last?.content === head.content) return this.#last.columns;
    const packed = this.#blocks.columns(head);
    if (packed === null) return null;
    const columns = unpackColumns(packed, head.rows);
    if (this.#last !== null) letGo(this.#last.bytes);
    this.#last = { content: head.content, columns, bytes: packed.columns };
    return columns;
  }

  /** Null when the block is gone or broken. */
  #guarded<Result>(head: StoredHead, work: () => Result | null): Result | null {
    try {
      return work();
    } catch (error) {
      if (error instanceof Gone) return null;
      if (!(error instanceof BrokenBlock)) throw error;
      this.#onBroken(head, error);
      return null;
    }
  }
}
