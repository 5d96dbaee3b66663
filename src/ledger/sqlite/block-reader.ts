/** Sealed blocks as an export reads them: whole, or the lines that a filter or a file's end leaves of them. */
import type { SealedChunk } from '../ledger.ts';
import { letGo } from '../let-go.ts';
import { type BlockContent, BrokenBlock, checkPacked, unpackColumns, unpackLines } from './block.ts';
import { BlockFilter, type Choice, LinePicker } from './block-filter.ts';
import type { Blocks, StoredHead } from './blocks.ts';
import type { Filter } from './filter.ts';

/** How a block is to be handed out. */
export type Reading =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'whole'; readonly chunk: SealedChunk }
  | { readonly kind: 'lines'; readonly lines: LinePicker }
  /** It is gone, or broken: the rows have to be read instead. */
  | { readonly kind: 'lost' };

export class BlockReader {
  readonly #blocks: Blocks;
  readonly #filter: BlockFilter;
  readonly #onBroken: (head: StoredHead, error: BrokenBlock) => void;

  constructor(blocks: Blocks, filter: Filter, onBroken: (head: StoredHead, error: BrokenBlock) => void) {
    this.#blocks = blocks;
    this.#filter = new BlockFilter(filter);
    this.#onBroken = onBroken;
  }

  /** How many lines of the block are asked for; null: the rows have to be counted instead. */
  count(head: StoredHead): number | null {
    if (this.#filter.isOpen) return head.rows;
    const byTally = this.#filter.rowsByTally(head.tally());
    if (byTally === 0 || !this.#filter.asksForUsers) return byTally;
    const choice = this.#guarded(head, (content) => this.#choice(head, content));
    return choice === null ? null : choice.rows;
  }

  /** `room`: how many lines may be taken before the file ends; with fewer than it has the block is not taken whole. */
  read(head: StoredHead, room: number): Reading {
    if (!this.#filter.isOpen && this.#filter.rowsByTally(head.tally()) === 0) return { kind: 'nothing' };
    return this.#guarded(head, (content) => this.#reading(head, content, room)) ?? { kind: 'lost' };
  }

  #reading(head: StoredHead, content: BlockContent, room: number): Reading {
    const choice = this.#choice(head, content);
    if (choice.rows === 0) return { kind: 'nothing' };
    const { rows, rawBytes, rawCrc32 } = head;
    if (choice.isChosen === null && rows <= room) {
      checkPacked(content);
      return { kind: 'whole', chunk: { kind: 'sealed', rows, rawBytes, rawCrc32, packed: content.packed } };
    }
    const { lengths } = unpackColumns(content.columns, content.columnsCrc32, rows);
    const lines = new LinePicker(unpackLines(content, head), lengths, choice);
    letGo(content.packed);
    return { kind: 'lines', lines };
  }

  #choice(head: StoredHead, content: BlockContent): Choice {
    if (this.#filter.isOpen) return { rows: head.rows, isChosen: null };
    return this.#filter.choice(head.tally(), unpackColumns(content.columns, content.columnsCrc32, head.rows));
  }

  /** Null when the block is gone or broken. */
  #guarded<Result>(head: StoredHead, work: (content: BlockContent) => Result): Result | null {
    const content = this.#blocks.content(head);
    if (content === null) return null;
    try {
      return work(content);
    } catch (error) {
      if (!(error instanceof BrokenBlock)) throw error;
      this.#onBroken(head, error);
      return null;
    }
  }
}
