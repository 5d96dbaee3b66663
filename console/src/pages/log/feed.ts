/**
 * The entries that filters show, as a list that can be asked for any place which was reached once, though it holds only
 * the pages around what is looked at: the others are a cursor each, and are fetched again by it.
 */
import type { Entry, EntryPage } from '../../api/types.ts';

export const pageSize = 60;
/** Pages whose entries are held: a good ten screens on either side of what is seen. */
const heldPages = 16;
/** Rows before the end at which the next page is fetched. */
const aheadRows = 10;
/** Milliseconds before a page that was let go of, and could not be had again, is asked for once more. */
const againMs = 2_000;

interface Page {
  /** Null: the newest. */
  readonly cursor: string | null;
  /** What the page said comes after it; null: nothing. */
  readonly next: string | null;
  readonly count: number;
  /** Null: let go, or on its way again. */
  readonly entries: readonly Entry[] | null;
}

export type LoadPage = (cursor: string | null, signal: AbortSignal) => Promise<EntryPage>;

/** `<epoch seconds>-<id>`: how the API names one entry. */
export function keyOf(entry: Entry): string {
  return `${Date.parse(entry.audited_time) / 1000}-${entry.id}`;
}

export class Feed {
  readonly #load: LoadPage;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #pages: Page[] = [];
  /** By page: the place of its first row. */
  #starts: number[] = [];
  #rows = 0;
  /** Where the next page begins; null: at the newest, or nowhere any more. */
  #next: string | null = null;
  #isDone = false;
  #isLoading = false;
  readonly #reloading = new Set<Page>();
  #error: unknown = null;
  #searchedTo: string | null = null;
  #waiting: EntryPage | null = null;
  #waitingCount = 0;
  #version = 0;

  constructor(load: LoadPage) {
    this.#load = load;
  }

  /** Changes whenever anything here does: for useSyncExternalStore. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Rows that are known of. */
  get rows(): number {
    return this.#rows;
  }

  /** True once the first answer is there. */
  get hasBegun(): boolean {
    return this.#rows > 0 || this.#isDone || this.#error !== null || this.#searchedTo !== null;
  }

  /** There is nothing older. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get error(): unknown {
    return this.#error;
  }

  /** How far back a search that finds little has come. */
  get searchedTo(): string | null {
    return this.#searchedTo;
  }

  /** Entries newer than the first row, found by `look` and not yet shown. */
  get waiting(): { readonly count: number; readonly hasMore: boolean } {
    return { count: this.#waitingCount, hasMore: this.#waitingCount >= pageSize };
  }

  /** Undefined: not held just now; `need` fetches it. */
  at(row: number): Entry | undefined {
    const index = this.#pageOf(row);
    return this.#pages[index]?.entries?.[row - (this.#starts[index] ?? 0)];
  }

  /** The row of an entry, if its page is held; else -1. */
  rowOf(key: string): number {
    for (const [index, { entries }] of this.#pages.entries()) {
      const place = entries?.findIndex((entry) => keyOf(entry) === key) ?? -1;
      if (place >= 0) return (this.#starts[index] ?? 0) + place;
    }
    return -1;
  }

  /** Says what is looked at, first and last row: fetches what of it is missing, and lets go of what is far away. */
  need(first: number, last: number): void {
    if (this.#end.signal.aborted) return;
    const from = this.#pageOf(Math.max(0, first));
    const to = this.#pageOf(Math.min(last, Math.max(0, this.#rows - 1)));
    for (let index = from; index <= to; index += 1) {
      const page = this.#pages[index];
      if (page !== undefined && page.entries === null) void this.#reload(page);
    }
    this.#letGo(from, to);
    const isNear = last >= this.#rows - aheadRows;
    if (isNear && !this.#isDone && !this.#isLoading && this.#error === null) void this.#loadNext();
  }

  /** After an error. */
  retry(): void {
    this.#error = null;
    void this.#loadNext();
  }

  /** Asks for the newest page. With `isShown` it becomes the list; else what is new in it waits, and nothing moves. */
  async look(isShown: () => boolean): Promise<void> {
    const page = await this.#load(null, this.#end.signal);
    const first = this.at(0);
    const firstKey = first === undefined ? null : keyOf(first);
    const place = firstKey === null ? -1 : page.entries.findIndex((entry) => keyOf(entry) === firstKey);
    const fresh = place >= 0 ? place : page.entries.length;
    if (fresh === 0) return;
    this.#waiting = page;
    this.#waitingCount = fresh;
    if (isShown() || this.#rows === 0) this.showWaiting();
    else this.#tell();
  }

  /** Begins the list anew with what `look` has found. */
  showWaiting(): void {
    const page = this.#waiting;
    if (page === null) return;
    this.#pages = [];
    this.#isDone = false;
    this.#take(null, page);
    this.#waiting = null;
    this.#waitingCount = 0;
    this.#tell();
  }

  /** Takes no more answers. */
  close(): void {
    this.#end.abort();
  }

  async #loadNext(): Promise<void> {
    const cursor = this.#next;
    this.#isLoading = true;
    try {
      const answer = await this.#load(cursor, this.#end.signal);
      // What `look` has shown meanwhile begins anew, and goes on from elsewhere.
      if (cursor === this.#next && !this.#isDone) this.#take(cursor, answer);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      this.#error = error;
    } finally {
      this.#isLoading = false;
    }
    this.#tell();
  }

  #take(cursor: string | null, { entries, info }: EntryPage): void {
    // Of a search that has found nothing yet only the place counts at which it goes on.
    if (entries.length > 0) this.#pages.push({ cursor, next: info.next_cursor, count: entries.length, entries });
    this.#next = info.next_cursor;
    this.#isDone = info.next_cursor === null;
    this.#searchedTo = this.#isDone ? null : (info.searched_to ?? null);
    this.#count();
  }

  async #reload(page: Page): Promise<void> {
    if (this.#reloading.has(page)) return;
    this.#reloading.add(page);
    try {
      const answer = await this.#load(page.cursor, this.#end.signal);
      this.#reloading.delete(page);
      this.#putBack(page, answer);
      this.#tell();
    } catch {
      // Its rows stay as places; whoever still looks at them then asks again.
      setTimeout(() => {
        this.#reloading.delete(page);
        if (!this.#end.signal.aborted) this.#tell();
      }, againMs);
    }
  }

  #putBack(page: Page, { entries, info }: EntryPage): void {
    const index = this.#pages.indexOf(page);
    if (index < 0) return;
    this.#pages[index] = { ...page, next: info.next_cursor, count: entries.length, entries };
    if (entries.length === page.count && info.next_cursor === page.next) return;
    // An entry has come in late, with an older time: what follows begins elsewhere now, and is read anew from there.
    this.#pages.length = index + 1;
    this.#next = info.next_cursor;
    this.#isDone = info.next_cursor === null;
    this.#count();
  }

  #letGo(from: number, to: number): void {
    const held = this.#pages.flatMap(({ entries }, index) => (entries === null ? [] : [index]));
    if (held.length <= heldPages) return;
    const distance = (index: number) => Math.max(from - index, index - to, 0);
    const far = held.toSorted((one, other) => distance(other) - distance(one)).slice(0, held.length - heldPages);
    for (const index of far) {
      const page = this.#pages[index];
      if (page !== undefined && distance(index) > 1) this.#pages[index] = { ...page, entries: null };
    }
  }

  #count(): void {
    let sum = 0;
    this.#starts = this.#pages.map(({ count }) => {
      const start = sum;
      sum += count;
      return start;
    });
    this.#rows = sum;
  }

  #pageOf(row: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
