/**
 * The rows of the list. They are no table: its rows cannot be put at their places one by one. The grid has the focus and
 * the keys, and says which row is active.
 */
import type { CSSProperties, ReactNode } from 'react';
import type { Entry, Module } from '../../api/types.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { wordsFor } from '../../ui/states.tsx';
import { Time } from '../../ui/Time.tsx';
import { formatMinute } from '../../ui/times.ts';
import { actionColour, actionLabel } from './actions.ts';
import type { Feed } from './feed.ts';
import { moduleLabel } from './suggestions.ts';

export function rowId(row: number): string {
  return `entry-row-${row}`;
}

export function HeadRow() {
  const { time, person, action, module, record } = text.log.columns;
  return (
    <div role="rowgroup" className="entries-head">
      <div role="row" aria-rowindex={1} className="entry-row">
        {[time, person, action, module, record].map((name) => (
          <div key={name} role="columnheader">
            {name}
          </div>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly entry: Entry;
  readonly modules: readonly Module[] | undefined;
  readonly style: CSSProperties;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

export function Row({ row, entry, modules, style, isActive, isOpen, onOpen }: RowProps) {
  const marks = ['entry-row', 'entry', isActive && 'is-active', isOpen && 'is-open'].filter(Boolean).join(' ');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={rowId(row)}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={isOpen}
      className={marks}
      style={style}
      onClick={onOpen}
    >
      <Cell name="time">
        <Time value={entry.audited_time} isFocusable={false} />
      </Cell>
      <Cell name="person">{entry.done_by.name ?? text.log.unnamed}</Cell>
      <Cell name="action">
        <span className="swatch" style={{ background: `var(${actionColour(entry.action)})` }} />
        {actionLabel(entry.action)}
      </Cell>
      <Cell name="module">{moduleLabel(modules, entry.module.api_name)}</Cell>
      <Cell name="record">{entry.record.name}</Cell>
    </div>
  );
}

function Cell({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div role="gridcell" className={`cell-${name}`}>
      {children}
    </div>
  );
}

export function RowSkeleton({ row, style }: { readonly row: number; readonly style: CSSProperties }) {
  const widths = [
    ['time', '80%'],
    ['person', '65%'],
    ['action', '70%'],
    ['module', '60%'],
    ['record', '55%'],
  ] as const;
  return (
    <div id={rowId(row)} role="row" aria-rowindex={row + 2} className="entry-row entry" style={style}>
      {widths.map(([name, width]) => (
        <Cell key={name} name={name}>
          <Skeleton width={width} height="0.875rem" />
        </Cell>
      ))}
    </div>
  );
}

/** Below the last row: what is going on there. */
export function Foot({ feed, style }: { readonly feed: Feed; readonly style: CSSProperties }) {
  const to = feed.searchedTo === null ? null : formatMinute(feed.searchedTo);
  return (
    <div role="row" className="entry-row entries-foot" style={style}>
      <div role="gridcell" className="entries-foot-cell">
        {feed.error !== null ? (
          <>
            <span role="alert">{wordsFor(feed.error)}</span>
            <Button size="small" icon="refresh" onClick={() => feed.retry()}>
              {text.ui.retry}
            </Button>
          </>
        ) : (
          <span role="status">
            {feed.isDone ? text.log.end : feed.rows > 0 && to === null ? text.log.loading : text.log.searching(to)}
          </span>
        )}
      </div>
    </div>
  );
}

/** Before the first answer: rows of the right size, without a word. */
export function ListSkeleton() {
  return (
    <div className="entries" aria-busy="true">
      <div className="entries-scroller entries-waiting">
        <span className="visually-hidden" role="status">
          {text.log.loading}
        </span>
        <div aria-hidden="true">
          {Array.from({ length: 40 }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
            <div key={row} className="entry-row entry-waiting">
              {['80%', '65%', '70%', '60%', '55%'].map((width) => (
                <div key={width}>
                  <Skeleton width={width} height="0.875rem" />
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
