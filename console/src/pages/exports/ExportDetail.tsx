/** One export: what it holds, how it stands, and its files. */
import { Link } from 'wouter';
import { type Export, isOpen } from '../../api/exports.ts';
import { PageHead } from '../../shell/PageHead.tsx';
import { text } from '../../text/en.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { formatBytes, formatNumber } from '../../ui/numbers.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { ErrorState, Notice } from '../../ui/states.tsx';
import { Time } from '../../ui/Time.tsx';
import { Again } from './Again.tsx';
import { Criteria } from './Criteria.tsx';
import { DownloadLink } from './DownloadLink.tsx';
import { Amount, StateBadge } from './ExportState.tsx';
import { useExport } from './use-exports.ts';

export function ExportDetail({ id }: { readonly id: string }) {
  const query = useExport(id);
  return (
    <div className="page">
      <PageHead
        title={text.exports.detailTitle(id)}
        actions={query.data !== undefined && !isOpen(query.data) && <Again shown={query.data} />}
      >
        <Link href="/exports">{text.exports.back}</Link>
      </PageHead>
      {query.isPending && <DetailSkeleton />}
      {query.isError && query.data === undefined && (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data !== undefined && <Detail shown={query.data} />}
    </div>
  );
}

function Detail({ shown }: { readonly shown: Export }) {
  return (
    <>
      {shown.failure !== null && (
        <Notice kind="danger">
          <strong>{shown.failure.reason}.</strong> {shown.failure.advice}
        </Notice>
      )}
      {shown.is_expired && <Notice>{text.exports.expiredText}</Notice>}
      <Files shown={shown} />
      <div className="export-columns">
        <section className="panel stack" aria-labelledby="export-facts">
          <h2 id="export-facts">{text.exports.facts}</h2>
          <Facts shown={shown} />
        </section>
        <section className="panel stack" aria-labelledby="export-holds">
          <h2 id="export-holds">{text.exports.holds}</h2>
          <Criteria words={shown.criteria_in_words} />
        </section>
      </div>
    </>
  );
}

function Facts({ shown }: { readonly shown: Export }) {
  const times = [
    [text.exports.created, shown.created_at],
    [text.exports.started, shown.started_at],
    [text.exports.ended, shown.ended_at],
    [text.exports.expires, shown.expires_at],
  ] as const;
  return (
    <dl className="facts">
      <dt>{text.exports.state}</dt>
      <dd>
        <StateBadge shown={shown} />
      </dd>
      {shown.status !== 'failed' && (
        <>
          <dt>{text.exports.count}</dt>
          <dd>
            <Amount shown={shown} />
          </dd>
        </>
      )}
      {shown.bytes !== null && (
        <>
          <dt>{text.exports.size}</dt>
          <dd>{formatBytes(shown.bytes)}</dd>
        </>
      )}
      <dt>{text.exports.who}</dt>
      <dd>{shown.created_by.name}</dd>
      {times.map(([name, time]) => time !== null && <TimeFact key={name} name={name} time={time} />)}
    </dl>
  );
}

function TimeFact({ name, time }: { readonly name: string; readonly time: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Time value={time} />
      </dd>
    </>
  );
}

function Files({ shown }: { readonly shown: Export }) {
  if (shown.status === 'failed') return null;
  return (
    <section className="panel panel-section" aria-labelledby="export-files">
      <h2 id="export-files">{text.exports.files}</h2>
      {shown.status === 'finished' ? <FileTable shown={shown} /> : <p className="muted">{text.exports.filesLater}</p>}
    </section>
  );
}

function FileTable({ shown }: { readonly shown: Export }) {
  return (
    <>
      <table className="table table-stacked">
        <thead>
          <tr>
            <th scope="col">{text.exports.file}</th>
            <th scope="col" className="number">
              {text.exports.count}
            </th>
            <th scope="col" className="number">
              {text.exports.size}
            </th>
            <th scope="col">{text.exports.digest}</th>
            <th scope="col">
              <span className="visually-hidden">{text.exports.downloadColumn}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.files.map((file) => (
            <tr key={file.name}>
              <td data-label={text.exports.file}>{file.name}</td>
              <td data-label={text.exports.count} className="number">
                {formatNumber(file.entries)}
              </td>
              <td data-label={text.exports.size} className="number">
                {formatBytes(file.bytes)}
              </td>
              <td data-label={text.exports.digest}>
                <span className="row export-digest-row">
                  <code className="truncate export-digest">{file.sha256}</code>
                  <CopyButton value={file.sha256} label={text.exports.copyDigest} />
                </span>
              </td>
              <td className="number">
                <DownloadLink file={file} label={text.exports.downloadShort} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">{text.exports.filesNote}</p>
    </>
  );
}

function DetailSkeleton() {
  return (
    <div className="stack" role="status" aria-label={text.ui.loading}>
      <LinesSkeleton lines={4} />
      <div className="export-columns">
        <LinesSkeleton lines={9} />
        <LinesSkeleton lines={5} />
      </div>
    </div>
  );
}

function LinesSkeleton({ lines }: { readonly lines: number }) {
  return (
    <div className="panel panel-section">
      {Array.from({ length: lines }, (_, line) => `${line}`).map((line) => (
        <Skeleton key={line} width="80%" height="1.2rem" />
      ))}
    </div>
  );
}
