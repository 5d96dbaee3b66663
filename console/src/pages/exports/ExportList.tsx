/** All exports that one may see, newest first; the list keeps itself up to date. */
import { Link } from 'wouter';
import { type Export, isOpen } from '../../api/exports.ts';
import { PageHead } from '../../shell/PageHead.tsx';
import { text } from '../../text/en.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { formatBytes } from '../../ui/numbers.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/Time.tsx';
import { formatMinute } from '../../ui/times.ts';
import { Again } from './Again.tsx';
import { DownloadLink } from './DownloadLink.tsx';
import { Amount, StateBadge } from './ExportState.tsx';
import { useExportList } from './use-exports.ts';

export function ExportList() {
  const list = useExportList();
  const exports = list.data?.pages.flatMap((page) => page.exports) ?? [];
  return (
    <div className="page">
      <PageHead
        title={text.exports.title}
        actions={
          <LinkButton href="/exports/new" kind="primary" icon="plus">
            {text.exports.add}
          </LinkButton>
        }
      >
        {text.exports.subtitle}{' '}
        <span className="small">{list.news === 'asked' ? text.exports.polling : text.exports.live}.</span>
      </PageHead>
      {list.isPending && <ListSkeleton />}
      {list.isError && list.data === undefined && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && exports.length === 0 && <NoExports />}
      {exports.length > 0 && (
        <ul className="panel export-list" aria-label={text.exports.listLabel}>
          {exports.map((one) => (
            <ExportRow key={one.id} shown={one} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div>
          <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {list.isFetchingNextPage ? text.exports.moreBusy : text.exports.more}
          </Button>
        </div>
      )}
    </div>
  );
}

function ExportRow({ shown }: { readonly shown: Export }) {
  const [first = shown.id, ...others] = shown.criteria_in_words;
  return (
    <li className="export-row">
      <div className="export-what">
        <Link href={`/exports/${shown.id}`} className="export-title">
          {first}
        </Link>
        {others.length > 0 && <span className="small export-others">{others.join(' · ')}</span>}
        <span className="muted small">
          {shown.created_by.name} · <Time value={shown.created_at} format={formatMinute} />
        </span>
        {shown.failure !== null && (
          <span className="small export-failure">
            {shown.failure.reason}. {shown.failure.advice}
          </span>
        )}
      </div>
      <div className="export-state">
        <StateBadge shown={shown} />
        <Amount shown={shown} />
        <Facts shown={shown} />
      </div>
      <div className="export-actions">
        <Actions shown={shown} />
      </div>
    </li>
  );
}

function Facts({ shown }: { readonly shown: Export }) {
  if (shown.status !== 'finished') return null;
  return (
    <span className="muted small">
      {shown.bytes !== null && `${formatBytes(shown.bytes)} · `}
      {text.exports.parts(shown.files.length)}
      {shown.expires_at !== null && !shown.is_expired && (
        <>
          {' · '}
          {text.exports.expires} <Time value={shown.expires_at} format={formatMinute} />
        </>
      )}
    </span>
  );
}

function Actions({ shown }: { readonly shown: Export }) {
  const [first] = shown.files;
  if (isOpen(shown)) return null;
  if (shown.status === 'failed' || shown.is_expired) return <Again shown={shown} />;
  if (first === undefined) return null;
  if (shown.files.length > 1) {
    return (
      <LinkButton href={`/exports/${shown.id}`} size="small" icon="file">
        {text.exports.parts(shown.files.length)}
      </LinkButton>
    );
  }
  return <DownloadLink file={first} label={text.exports.downloadAs(formOf(first.name))} />;
}

function formOf(name: string): string {
  return name.endsWith('.zip') ? 'ZIP' : 'CSV';
}

function NoExports() {
  return (
    <EmptyState
      icon="export"
      title={text.exports.emptyTitle}
      actions={
        <>
          <LinkButton href="/log" kind="primary">
            {text.exports.emptyToLog}
          </LinkButton>
          <LinkButton href="/exports/new">{text.exports.emptyAll}</LinkButton>
        </>
      }
    >
      {text.exports.emptyText}
    </EmptyState>
  );
}

const skeletonRows = [0, 1, 2, 3, 4];

function ListSkeleton() {
  return (
    <div className="panel export-list" role="status" aria-label={text.ui.loading}>
      {skeletonRows.map((row) => (
        <div key={row} className="export-row">
          <div className="export-what">
            <Skeleton width="70%" height="1.25rem" />
            <Skeleton width="40%" />
          </div>
          <div className="export-state">
            <Skeleton width="5rem" height="1.25rem" />
            <Skeleton width="10rem" />
          </div>
        </div>
      ))}
    </div>
  );
}
