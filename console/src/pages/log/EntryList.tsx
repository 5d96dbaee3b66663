/** The list. One element has the focus, the arrows move in it; only the rows that are seen exist. */
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { Entry, Module } from '../../api/types.ts';
import { text } from '../../text/en.ts';
import { Foot, HeadRow, Row, RowSkeleton, rowId } from './EntryRow.tsx';
import { type Feed, keyOf } from './feed.ts';
import { useFeedVersion } from './useFeed.ts';

/** Pixels; the stylesheet has the same. Narrow rows have two lines. */
const rowHeight = 36;
const narrowRowHeight = 58;
const narrowWidth = 620;
/** Above and below what is seen: they are drawn before they come into sight, and fetched before that. */
const spareRows = 20;
/** A browser's elements have a greatest height: beyond this many rows the list shows a window of them. */
const windowRows = 200_000;
const windowStep = 100_000;
/** So near to an end of the window it is moved. */
const windowEdge = 200;

interface EntryListProps {
  readonly feed: Feed;
  /** False: what is shown is of the filters before, until the first answer is there. */
  readonly isNew: boolean;
  readonly modules: readonly Module[] | undefined;
  /** The entry that is open beside it. */
  readonly open: string | null;
  readonly onOpen: (entry: Entry) => void;
  readonly onClose: () => void;
  /** Told whether the newest entry is in sight. */
  readonly onAtTop: (isAtTop: boolean) => void;
  readonly newest: ReactNode;
}

export function EntryList({ feed, isNew, modules, open, onOpen, onClose, onAtTop, newest }: EntryListProps) {
  useFeedVersion(feed);
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow(scroller);
  const [active, setActive] = useActive(feed, open);
  const { virtual, base, first, last, show } = useRows({
    feed,
    scroller,
    active,
    height: isNarrow ? narrowRowHeight : rowHeight,
  });
  useEffect(() => feed.need(first - spareRows, last + spareRows));
  useEffect(() => onAtTop(first === 0), [first, onAtTop]);
  const choose = (row: number) => {
    const entry = feed.at(row);
    setActive(row);
    if (entry !== undefined) onOpen(entry);
  };
  const move = (row: number) => {
    const to = Math.max(0, Math.min(row, feed.rows - 1));
    show(to);
    // An entry that is open beside the list follows.
    if (open === null) setActive(to);
    else choose(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = placeAfter(event.key, active, { page: Math.max(1, last - first - 1), rows: feed.rows });
    if (to !== null) move(to);
    else if (event.key === 'Enter' || event.key === ' ') choose(active);
    else if (event.key === 'Escape' && open !== null) onClose();
    else return;
    event.preventDefault();
  };
  return (
    <div className={isNarrow ? 'entries is-narrow' : 'entries'} aria-busy={!isNew}>
      {newest}
      <div
        ref={scroller}
        className="entries-scroller"
        id="entries"
        role="grid"
        aria-label={text.log.list}
        aria-rowcount={feed.isDone ? feed.rows + 1 : -1}
        aria-colcount={5}
        aria-activedescendant={feed.rows > 0 ? rowId(active) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <HeadRow />
        <div role="rowgroup" className="entries-rows" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = index + base;
            const style = { transform: `translateY(${start}px)` };
            if (row >= feed.rows) return <Foot key="foot" {...{ feed, style }} />;
            const entry = feed.at(row);
            if (entry === undefined) return <RowSkeleton key={row} {...{ row, style }} />;
            const isOpen = open !== null && keyOf(entry) === open;
            const isActive = row === active;
            return <Row key={row} {...{ row, entry, modules, style, isActive, isOpen }} onOpen={() => choose(row)} />;
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a key leads to; null: it is none that moves. */
function placeAfter(key: string, active: number, { page, rows }: { page: number; rows: number }): number | null {
  switch (key) {
    case 'ArrowDown':
      return active + 1;
    case 'ArrowUp':
      return active - 1;
    case 'PageDown':
      return active + page;
    case 'PageUp':
      return active - page;
    case 'Home':
      return 0;
    case 'End':
      return rows - 1;
    default:
      return null;
  }
}

interface RowsOptions {
  readonly feed: Feed;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly active: number;
  readonly height: number;
}

/** Which rows there are just now, and which of them are seen. */
function useRows({ feed, scroller, active, height }: RowsOptions) {
  const [{ base, of }, setWindow] = useState({ base: 0, of: feed });
  const drawn = useRef(0);
  const setBase = useCallback((to: number) => setWindow({ base: to, of: feed }), [feed]);
  useLayoutEffect(() => {
    if (of === feed) return;
    // Other filters, another list: from its beginning.
    setBase(0);
    drawn.current = 0;
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [feed, of, scroller, setBase]);
  const virtual = useVirtualizer({
    // The last one says what is going on at the end.
    count: Math.min(feed.rows - base, windowRows) + 1,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: spareRows / 2,
    scrollMargin: 0,
    rangeExtractor: (range) => withActive(range, active - base),
  });
  useWindow({ scroller, height, base, drawn, setBase, rows: feed.rows });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height is another place for every row
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  const first = (virtual.range?.startIndex ?? 0) + base;
  const last = (virtual.range?.endIndex ?? 0) + base;
  const show = (row: number) => {
    if (row >= base && row < base + windowRows) return virtual.scrollToIndex(row - base);
    const next = Math.max(0, row - windowRows / 2);
    drawn.current = next;
    setBase(next);
    requestAnimationFrame(() => virtual.scrollToIndex(row - next));
  };
  return { virtual, base, first, last, show };
}

/** The row of the active one exists also when it is out of sight: it is what the focus is on. */
function withActive(range: Range, active: number): number[] {
  const shown = defaultRangeExtractor(range);
  return active < 0 || active >= range.count || shown.includes(active)
    ? shown
    : [...shown, active].sort((a, b) => a - b);
}

/**
 * The row that the keys move from. When the list begins anew above it, it stays on its entry; in a list of other filters
 * it is the one that is open, or the first.
 */
function useActive(feed: Feed, open: string | null): [number, (row: number) => void] {
  const [active, setActive] = useState({ feed, row: 0, key: open });
  const { row, key } = active.feed === feed ? active : { row: 0, key: open };
  const entry = feed.at(row);
  const isThere = key === null || (entry !== undefined && keyOf(entry) === key);
  const found = isThere ? row : feed.rowOf(key);
  const setRow = (to: number) => {
    const next = feed.at(to);
    setActive({ feed, row: to, key: next === undefined ? null : keyOf(next) });
  };
  return [Math.min(found < 0 ? row : found, Math.max(0, feed.rows - 1)), setRow];
}

function useIsNarrow(element: RefObject<HTMLElement | null>): boolean {
  const [isNarrow, setIsNarrow] = useState(() => window.innerWidth < narrowWidth);
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const look = () => setIsNarrow(watched.clientWidth < narrowWidth);
    look();
    const watcher = new ResizeObserver(look);
    watcher.observe(watched);
    return () => watcher.disconnect();
  }, [element]);
  return isNarrow;
}

interface WindowOptions {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly height: number;
  readonly base: number;
  /** The base that the scroll position is of. */
  readonly drawn: RefObject<number>;
  readonly setBase: (base: number) => void;
  readonly rows: number;
}

/**
 * Moves the window over a very long list, and the scroll position with it, so that nothing is seen to move. Looks at the
 * element itself after every drawing: what the virtual list knows of the position comes later.
 */
function useWindow({ scroller, height, base, drawn, setBase, rows }: WindowOptions): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    if (drawn.current !== base) {
      element.scrollTop += (drawn.current - base) * height;
      drawn.current = base;
    }
    const first = Math.floor(element.scrollTop / height);
    const last = first + Math.ceil(element.clientHeight / height);
    if (rows < base) setBase(0);
    else if (base > 0 && first < windowEdge) setBase(Math.max(0, base - windowStep));
    else if (last > windowRows - windowEdge && rows - base > windowRows) setBase(base + windowStep);
  });
}
