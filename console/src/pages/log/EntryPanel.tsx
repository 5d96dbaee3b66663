/** One entry, with everything that is known of it. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { ApiError, get } from '../../api/client.ts';
import { useOwnSession } from '../../api/session.ts';
import type { Entry, EntryDetails, Module } from '../../api/types.ts';
import { text } from '../../text/en.ts';
import { IconButton, LinkButton } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { formatTime, viewerZone } from '../../ui/times.ts';
import { actionColour, actionLabel } from './actions.ts';
import { Changes } from './Changes.tsx';
import { keyOf } from './feed.ts';
import { type Filters, noFilters, writeFilters } from './filters.ts';
import { moduleLabel } from './suggestions.ts';

interface EntryPanelProps {
  /** Of the entry. */
  readonly entryKey: string;
  /** What the list has of it already; undefined: nothing. */
  readonly known: Entry | undefined;
  readonly modules: readonly Module[] | undefined;
  readonly onClose: () => void;
  /** True: it was opened by a key or a click, so the focus goes there. */
  readonly takesFocus: boolean;
}

export function EntryPanel({ entryKey, known, modules, onClose, takesFocus }: EntryPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['entry', entryKey],
    queryFn: ({ signal }) => get<EntryDetails>(`/api/v1/entries/${encodeURIComponent(entryKey)}`, undefined, signal),
    // An entry never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const entry = data?.entry ?? known;
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <section
      className="entry-panel"
      aria-label={text.log.entry}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="entry-panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {entry === undefined ? text.log.entry : text.log.entryTitle(actionLabel(entry.action), entry.record.name)}
        </h2>
        <IconButton icon="close" label={text.ui.close} onClick={onClose} />
      </div>
      <div className="entry-panel-body">
        {entry !== undefined && <EntryFacts {...{ entry, modules }} details={data} hasFailed={error !== null} />}
        {entry === undefined && error === null && <PanelSkeleton />}
        {entry === undefined && error !== null && <PanelError error={error} onRetry={() => void refetch()} />}
      </div>
    </section>
  );
}

function PanelError({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 400);
  return isMissing ? (
    <EmptyState icon="search" title={text.log.entryMissing} />
  ) : (
    <ErrorState error={error} onRetry={onRetry} />
  );
}

interface EntryFactsProps {
  readonly entry: Entry;
  readonly details: EntryDetails | undefined;
  /** There will be no details. */
  readonly hasFailed: boolean;
  readonly modules: readonly Module[] | undefined;
}

function EntryFacts({ entry, details, hasFailed, modules }: EntryFactsProps) {
  const { facts } = text.log;
  const zone = useOwnSession().organisation.time_zone;
  const { id: personId, name: person } = entry.done_by;
  const recordId = entry.record.id;
  const isKnown = details !== undefined || hasFailed;
  const related = [entry.related_record?.module, entry.related_record?.name].filter(Boolean).join(': ');
  return (
    <>
      <dl className="facts">
        <Fact name={facts.time}>
          <time dateTime={entry.audited_time}>{formatTime(entry.audited_time)}</time>{' '}
          <span className="muted">{viewerZone}</span>
        </Fact>
        {zone !== viewerZone && (
          <Fact name={facts.organisationTime}>
            <time dateTime={entry.audited_time}>{formatTime(entry.audited_time, zone)}</time>{' '}
            <span className="muted">{zone}</span>
          </Fact>
        )}
        <Fact name={facts.person}>{person ?? text.log.unnamed}</Fact>
        <Fact name={facts.action}>
          <span className="row">
            <span className="swatch" style={{ background: `var(${actionColour(entry.action)})` }} />
            {actionLabel(entry.action)}
          </span>
        </Fact>
        <Fact name={facts.module}>{moduleLabel(modules, entry.module.api_name)}</Fact>
        <Fact name={facts.record}>{entry.record.name}</Fact>
        {recordId && (
          <Fact name={facts.recordId}>
            <span className="mono">{recordId}</span>
          </Fact>
        )}
        {related !== '' && <Fact name={facts.related}>{related}</Fact>}
        {entry.account_name && <Fact name={facts.account}>{entry.account_name}</Fact>}
      </dl>
      <div className="row">
        {personId && (
          <LinkButton size="small" icon="person" href={logWith({ doneBy: [personId] }, entry)}>
            {text.log.moreByPerson}
          </LinkButton>
        )}
        {recordId && (
          <LinkButton size="small" icon="file" href={logWith({ recordId }, entry)}>
            {text.log.moreOnRecord}
          </LinkButton>
        )}
      </div>
      <Changes changes={entry.changes} />
      <dl className="facts facts-quiet">
        {entry.source && <Fact name={facts.source}>{entry.source}</Fact>}
        <Fact name={facts.received}>
          <Later known={isKnown}>{details?.received_at && formatTime(details.received_at)}</Later>
        </Fact>
        <Fact name={facts.client}>
          <Later known={isKnown}>{details?.client}</Later>
        </Fact>
        <Fact name={facts.arrival}>
          <Later known={isKnown}>{details?.arrival}</Later>
        </Fact>
        <Fact name={facts.id}>
          <span className="mono">{entry.id}</span>
        </Fact>
      </dl>
      <div className="row">
        <CopyButton label={text.log.copyLink} value={location.href} />
      </div>
    </>
  );
}

/** The log with only these filters, and the entry still open. */
function logWith(filters: Partial<Filters>, entry: Entry): string {
  return `/log?${writeFilters({ ...noFilters, ...filters }, { entry: keyOf(entry) })}`;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** What only the entry's own answer says, in its place from the start. */
function Later({ known, children }: { readonly known: boolean; readonly children: ReactNode }) {
  return known ? (children ?? '–') : <Skeleton width="7rem" height="1em" />;
}

function PanelSkeleton() {
  return (
    <div className="stack" aria-hidden="true">
      {['70%', '55%', '40%', '60%', '75%', '50%'].map((width) => (
        <Skeleton key={width} width={width} height="1rem" />
      ))}
    </div>
  );
}
