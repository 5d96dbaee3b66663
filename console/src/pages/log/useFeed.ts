import { useEffect, useState, useSyncExternalStore } from 'react';
import { get, type Query } from '../../api/client.ts';
import type { EntryPage } from '../../api/types.ts';
import { Feed, pageSize } from './feed.ts';

/** How often new entries are looked for. */
const liveMs = 2_000;

/** The feed of a query. `shown` is the one before until the new one has begun: what was there stays, not a blank. */
export function useFeed(query: Query): { readonly shown: Feed | null; readonly isNew: boolean } {
  const [{ current, before }, setFeeds] = useState<{ current: Feed | null; before: Feed | null }>(none);
  useEffect(() => {
    const made = new Feed((cursor, signal) =>
      get<EntryPage>('/api/v1/entries', { ...query, per_page: pageSize, cursor }, signal),
    );
    made.need(0, 0);
    setFeeds((was) => ({ current: made, before: was.current?.hasBegun ? was.current : was.before }));
    return () => made.close();
  }, [query]);
  useFeedVersion(current);
  const hasBegun = current?.hasBegun ?? false;
  return { shown: hasBegun ? current : before, isNew: hasBegun };
}

const none = { current: null, before: null };

/** Draws anew whenever the feed has changed. */
export function useFeedVersion(feed: Feed | null): number {
  return useSyncExternalStore(feed?.subscribe ?? noFeed, feed?.version ?? zero);
}

const noFeed = () => () => {};
const zero = () => 0;

/**
 * While it is on, looks for new entries again and again, as long as the page is seen. Returns whether the last look
 * failed.
 */
export function useLive(feed: Feed | null, isOn: boolean, isAtTop: () => boolean): boolean {
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    if (feed === null || !isOn) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hasEnded = false;
    const look = async () => {
      try {
        if (!document.hidden) await feed.look(isAtTop);
        if (!hasEnded) setHasFailed(false);
      } catch {
        if (!hasEnded) setHasFailed(true);
      }
      if (!hasEnded) timer = setTimeout(() => void look(), liveMs);
    };
    void look();
    return () => {
      hasEnded = true;
      clearTimeout(timer);
      setHasFailed(false);
    };
  }, [feed, isOn, isAtTop]);
  return hasFailed;
}
