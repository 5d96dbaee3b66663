/** The filters, and the entry that is open, as they stand in the address. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { type Filters, noFilters, readFilters, writeFilters } from './filters.ts';

export interface FilterState {
  readonly filters: Filters;
  /** Its key; null: none is open. */
  readonly entry: string | null;
  /** Puts these over what is set. The browser's back button undoes it. */
  readonly change: (changed: Partial<Filters>) => void;
  readonly clear: () => void;
  /** Opens an entry, or with null closes it. Going from one to the next leaves no trail in the history. */
  readonly open: (key: string | null) => void;
}

export function useFilters(): FilterState {
  const search = useSearch();
  const [, navigate] = useLocation();
  const entry = new URLSearchParams(search).get('entry');
  const filterText = writeFilters(readFilters(search));
  // By its text, so that the same filters are the same object: they are what everything else depends on.
  const filters = useMemo(() => readFilters(filterText), [filterText]);
  const go = useCallback(
    (next: Filters, key: string | null, replace: boolean) => {
      const text = writeFilters(next, { entry: key });
      navigate(text === '' ? '/log' : `/log?${text}`, { replace });
    },
    [navigate],
  );
  const change = useCallback(
    (changed: Partial<Filters>) => {
      const hasTime = 'last' in changed || 'from' in changed || 'to' in changed;
      const time = hasTime ? { last: null, from: null, to: null } : {};
      go({ ...filters, ...time, ...changed }, entry, false);
    },
    [filters, entry, go],
  );
  const clear = useCallback(() => go(noFilters, entry, false), [entry, go]);
  const open = useCallback(
    (key: string | null) => go(filters, key, key !== null && entry !== null),
    [filters, entry, go],
  );
  return { filters, entry, change, clear, open };
}
