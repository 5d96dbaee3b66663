/** What the parts of the administration share: a sentence, a button to add, and a list that may be on its way. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';

interface SectionProps {
  readonly title: string;
  readonly message?: ReactNode;
  readonly add: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
}

export function Section({ title, message, add, onAdd, children }: SectionProps) {
  return (
    <section className="stack" aria-label={title}>
      <div className="row row-apart">
        <p className="muted admin-message">{message}</p>
        <Button kind="primary" icon="plus" onClick={onAdd}>
          {add}
        </Button>
      </div>
      {children}
    </section>
  );
}

interface LoadedProps<Data> {
  readonly query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>;
  readonly children: (data: Data) => ReactNode;
}

/** The list, or what stands in its place until it is there. */
export function Loaded<Data>({ query, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <ListSkeleton />;
}

const rows = [0, 1, 2, 3, 4, 5];

function ListSkeleton() {
  return (
    <div className="panel" role="status" aria-label={text.ui.loading}>
      {rows.map((row) => (
        <div key={row} className="admin-skeleton">
          <Skeleton width="30%" />
          <Skeleton width="20%" />
          <Skeleton width="15%" />
        </div>
      ))}
    </div>
  );
}

interface MoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
}

export function More({ query }: MoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div>
      <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? text.admin.moreBusy : text.admin.more}
      </Button>
    </div>
  );
}
