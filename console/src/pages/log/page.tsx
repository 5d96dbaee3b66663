/** The log: what the filters show as a chart and as a list, and one entry beside it. */
import '../../styles/log.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useOwnSession } from '../../api/session.ts';
import type { Entry } from '../../api/types.ts';
import { useTitle } from '../../shell/PageHead.tsx';
import { NoAuditLog } from '../../shell/refusals.tsx';
import { text } from '../../text/en.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Chart } from './Chart.tsx';
import { EntryList } from './EntryList.tsx';
import { EntryPanel } from './EntryPanel.tsx';
import { ListSkeleton } from './EntryRow.tsx';
import { FilterBar } from './FilterBar.tsx';
import { type Feed, keyOf } from './feed.ts';
import { countFilters, queryOf } from './filters.ts';
import { learnNames, useModules } from './suggestions.ts';
import { useFeed, useFeedVersion, useLive } from './useFeed.ts';
import { type FilterState, useFilters } from './useFilters.ts';

export function Page() {
  useTitle(text.log.title);
  return useOwnSession().may.use_audit_log ? <LogPage /> : <NoAuditLog />;
}

function LogPage() {
  const state = useFilters();
  const { filters, change } = state;
  // A preset counts from when it was chosen: else every drawing of the page would ask something new.
  const query = useMemo(() => queryOf(filters, Date.now()), [filters]);
  const { shown, isNew } = useFeed(query);
  const modules = useModules();
  const [isLive, setIsLive] = useState(false);
  return (
    <div className="log">
      <h1 className="visually-hidden">{text.log.title}</h1>
      <FilterBar state={state} isLive={isLive} onLive={setIsLive} />
      <Chart {...{ query, filters, isLive }} listed={isNew && shown?.isDone ? shown.rows : null} onChange={change} />
      <Entries {...{ state, isLive, isNew, modules }} feed={shown} />
    </div>
  );
}

interface EntriesProps {
  readonly state: FilterState;
  readonly feed: Feed | null;
  readonly isNew: boolean;
  readonly isLive: boolean;
  readonly modules: ReturnType<typeof useModules>;
}

function Entries({ state, feed, isNew, isLive, modules }: EntriesProps) {
  const version = useFeedVersion(feed);
  const isAtTop = useRef(true);
  const onAtTop = useCallback((is: boolean) => {
    isAtTop.current = is;
  }, []);
  const hasFailed = useLive(
    isNew ? feed : null,
    isLive,
    useCallback(() => isAtTop.current, []),
  );
  const [wasOpenedHere, setWasOpenedHere] = useState(false);
  const open = (entry: Entry) => {
    const wasOpen = state.entry !== null;
    setWasOpenedHere(!wasOpen);
    state.open(keyOf(entry));
  };
  const close = () => {
    state.open(null);
    document.getElementById('entries')?.focus();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that there are other entries now
  useEffect(() => {
    if (feed !== null) learnNames(heldAt(feed));
  }, [feed, version]);
  const row = feed === null || state.entry === null ? -1 : feed.rowOf(state.entry);
  return (
    <div className={state.entry === null ? 'log-body' : 'log-body has-entry'}>
      {feed === null ? (
        <ListSkeleton />
      ) : feed.rows === 0 && (feed.isDone || feed.error !== null) ? (
        <Nothing feed={feed} state={state} />
      ) : (
        <EntryList
          {...{ feed, isNew, modules, onAtTop }}
          open={state.entry}
          onOpen={open}
          onClose={close}
          newest={<Newest feed={feed} hasFailed={hasFailed} />}
        />
      )}
      {state.entry !== null && (
        <EntryPanel
          entryKey={state.entry}
          known={row < 0 ? undefined : feed?.at(row)}
          modules={modules}
          onClose={close}
          takesFocus={wasOpenedHere}
        />
      )}
    </div>
  );
}

/** The first page of what is held is enough to learn the names of those who are filtered by. */
function heldAt(feed: Feed): readonly Entry[] {
  return Array.from({ length: Math.min(feed.rows, 100) }, (_, row) => feed.at(row)).filter(
    (entry) => entry !== undefined,
  );
}

/** New entries wait here while one reads further down. */
function Newest({ feed, hasFailed }: { readonly feed: Feed; readonly hasFailed: boolean }) {
  const { count, hasMore } = feed.waiting;
  const show = () => {
    feed.showWaiting();
    const list = document.getElementById('entries');
    if (list !== null) list.scrollTop = 0;
    list?.focus();
  };
  return (
    <div className="newest" aria-live="polite">
      {hasFailed && <span className="badge badge-warning">{text.log.liveFailed}</span>}
      {count > 0 && (
        <button type="button" className="newest-button" onClick={show} title={text.log.toTop}>
          <Icon name="up" />
          {text.log.newEntries(count, hasMore)}
        </button>
      )}
    </div>
  );
}

function Nothing({ feed, state }: { readonly feed: Feed; readonly state: FilterState }) {
  if (feed.error !== null) return <ErrorState error={feed.error} onRetry={() => feed.retry()} />;
  if (countFilters(state.filters) > 0) {
    return (
      <EmptyState
        icon="filter"
        title={text.log.noneTitle}
        actions={<Button onClick={state.clear}>{text.log.noneClear}</Button>}
      >
        {text.log.noneText}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="log"
      title={text.log.emptyTitle}
      actions={<LinkButton href="/docs">{text.log.emptyDocs}</LinkButton>}
    >
      {text.log.emptyText}
    </EmptyState>
  );
}
