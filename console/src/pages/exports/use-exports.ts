/** Exports that keep themselves up to date: by the server's events, and by asking again while there are none. */
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import {
  type Export,
  type ExportPage,
  eventsPath,
  exportIn,
  exportKeys,
  isOpen,
  listExports,
  readExport,
  withExport,
} from '../../api/exports.ts';

/** Between two questions without events: with an export under way, and without. */
const busyMs = 2_000;
const idleMs = 15_000;
/** A stream that was refused is tried again after this long; one that broke off the browser itself opens again. */
const retryMs = 30_000;

export function useExportList() {
  const news = useExportEvents();
  const query = useInfiniteQuery({
    queryKey: exportKeys.list,
    queryFn: ({ pageParam, signal }) => listExports(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.info.next_cursor,
    refetchInterval: ({ state }) => waitMs(news, state.data?.pages.flatMap((page) => page.exports) ?? []),
  });
  return { ...query, news };
}

export function useExport(id: string) {
  const news = useExportEvents();
  return useQuery({
    queryKey: exportKeys.one(id),
    queryFn: ({ signal }) => readExport(id, signal),
    refetchInterval: ({ state }) => waitMs(news, state.data === undefined ? [] : [state.data]),
  });
}

function waitMs(news: News, shown: readonly Export[]): number | false {
  if (news === 'told') return false;
  return shown.some(isOpen) ? busyMs : idleMs;
}

/** How this page learns of changes; at first neither is known to work. */
export type News = 'unknown' | 'told' | 'asked';

/** Puts what the server tells into the cache. */
function useExportEvents(): News {
  const client = useQueryClient();
  const [news, setNews] = useState<News>('unknown');
  useEffect(() => {
    let retry: ReturnType<typeof setTimeout> | undefined;
    let stream: EventSource;
    const open = () => {
      stream = new EventSource(eventsPath);
      stream.addEventListener('open', () => {
        setNews('told');
        // What happened while nobody listened was told to nobody.
        client.invalidateQueries({ queryKey: ['exports'], refetchType: 'active' }).catch(ignore);
      });
      stream.addEventListener('export', (event) => keep(client, event.data));
      stream.addEventListener('error', () => {
        setNews('asked');
        if (stream.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs);
      });
    };
    open();
    return () => {
      clearTimeout(retry);
      stream.close();
    };
  }, [client]);
  return news;
}

/** A failed question shows where its answer was to be shown. */
function ignore(): void {}

function keep(client: QueryClient, data: unknown): void {
  const told = exportIn(data);
  if (told !== null) keepExport(client, told);
}

/** Also for the answer to a creation, which comes before its event. */
export function keepExport(client: QueryClient, told: Export): void {
  client.setQueryData(exportKeys.one(told.id), told);
  client.setQueryData<InfiniteData<ExportPage, string | null>>(exportKeys.list, (held) => {
    if (held === undefined) return held;
    return { ...held, pages: withExport(held.pages, told) };
  });
}
