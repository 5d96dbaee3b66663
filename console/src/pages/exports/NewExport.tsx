/** What an export of a view of the log would hold, and how much that is, before it is started. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { ApiError, type Query } from '../../api/client.ts';
import { createExport, type ExportPreview, exportKeys, previewExport } from '../../api/exports.ts';
import { PageHead } from '../../shell/PageHead.tsx';
import { text } from '../../text/en.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { formatNumber } from '../../ui/numbers.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { ErrorState, Notice, wordsFor } from '../../ui/states.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { queryOf, readFilters } from '../log/filters.ts';
import { Criteria } from './Criteria.tsx';
import { keepExport } from './use-exports.ts';

export function NewExport() {
  const search = useSearch();
  // Once: "the last hour" stays the hour before this page was opened.
  const query = useMemo(() => queryOf(readFilters(search), Date.now()), [search]);
  const preview = useQuery({
    queryKey: exportKeys.preview(query),
    queryFn: ({ signal }) => previewExport(query, signal),
    staleTime: 0,
  });
  return (
    <div className="page">
      <PageHead title={text.exports.newTitle}>{text.exports.newText}</PageHead>
      {preview.isError && preview.data === undefined ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : (
        <div className="export-columns">
          <section className="panel stack" aria-labelledby="export-holds">
            <div className="row row-apart">
              <h2 id="export-holds">{text.exports.holds}</h2>
              <LinkButton href={search === '' ? '/log' : `/log?${search}`} size="small" icon="filter">
                {text.exports.change}
              </LinkButton>
            </div>
            <div className="export-figures">
              {preview.data === undefined ? <LinesSkeleton /> : <Criteria words={preview.data.criteria_in_words} />}
            </div>
          </section>
          <section className="panel stack export-amount" aria-labelledby="export-amount" aria-busy={preview.isPending}>
            <h2 id="export-amount">{text.exports.amount}</h2>
            <div className="export-figures">
              {preview.data === undefined ? (
                <LinesSkeleton label={text.exports.amountBusy} />
              ) : (
                <Amount preview={preview.data} />
              )}
            </div>
            <Start query={query} isEmpty={preview.data?.entries === 0} isReady={preview.data !== undefined} />
            <p className="muted small">{text.exports.partRule}</p>
            {preview.data !== undefined && preview.data.files.length > 1 && <FileList files={preview.data.files} />}
          </section>
        </div>
      )}
    </div>
  );
}

function Amount({ preview }: { readonly preview: ExportPreview }) {
  const { entries, is_estimate: isEstimate, format, files, members } = preview;
  return (
    <div className="stack stack-small">
      <p>
        <span className="export-number">
          {isEstimate && `${text.exports.about} `}
          {formatNumber(entries)}
        </span>{' '}
        {text.exports.entriesWord(entries)}
      </p>
      <p>{format === 'csv' ? text.exports.csvPart : text.exports.zipParts(files.length, members)}</p>
    </div>
  );
}

function FileList({ files }: Pick<ExportPreview, 'files'>) {
  return (
    <ul className="export-words">
      {files.map((file) => (
        <li key={file.name}>
          {file.name}: {text.exports.entries(file.entries)}
        </li>
      ))}
    </ul>
  );
}

interface StartProps {
  readonly query: Query;
  readonly isEmpty: boolean;
  readonly isReady: boolean;
}

function Start({ query, isEmpty, isReady }: StartProps) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { tell } = useToasts();
  const start = useMutation({
    mutationFn: () => createExport(query),
    onSuccess: (created) => {
      keepExport(client, created);
      tell(text.exports.startedToast);
      navigate('/exports');
    },
  });
  if (isEmpty) return <Notice>{text.exports.noneText}</Notice>;
  return (
    <>
      {start.isError && <Refused error={start.error} />}
      <div>
        <Button kind="primary" icon="export" isBusy={!isReady || start.isPending} onClick={() => start.mutate()}>
          {start.isPending ? text.exports.startBusy : text.exports.start}
        </Button>
      </div>
    </>
  );
}

function Refused({ error }: { readonly error: Error }) {
  if (!(error instanceof ApiError) || error.code !== 'ALREADY_SCHEDULED') {
    return <Notice kind="danger">{wordsFor(error)}</Notice>;
  }
  return (
    <Notice kind="warning">
      <strong>{text.exports.openTitle}.</strong> {text.exports.openText}{' '}
      <Link href={typeof error.details.id === 'string' ? `/exports/${error.details.id}` : '/exports'}>
        {text.exports.openLink}
      </Link>
    </Notice>
  );
}

function LinesSkeleton({ label = text.ui.loading }: { readonly label?: string }) {
  return (
    <div className="stack stack-small" role="status" aria-label={label}>
      <Skeleton width="60%" height="1.5rem" />
      <Skeleton width="80%" />
      <Skeleton width="45%" />
    </div>
  );
}
