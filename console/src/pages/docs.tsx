/** The API reference, made of the document that the server makes of its routes. Also for who is not logged in. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { get } from '../api/client.ts';
import { useSession } from '../api/session.ts';
import { PageHead } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { ErrorState } from '../ui/states.tsx';
import './docs/page.css';
import type { ApiDocument, KnownValues } from './docs/curl.ts';

const documentPath = '/openapi.json';
const tokenLine = 'read -rs ANNALS_TOKEN';

export function Page() {
  const { data: session } = useSession();
  const document = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => get<ApiDocument>(documentPath, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="page">
      <PageHead title={text.docs.title} actions={<a href={documentPath}>{text.docs.document}</a>}>
        {text.docs.subtitle}
      </PageHead>
      <section className="panel panel-section" aria-labelledby="docs-token">
        <h2 id="docs-token">{text.docs.tokenTitle}</h2>
        <p>{text.docs.tokenText}</p>
        <div className="row">
          <code className="docs-line">{tokenLine}</code>
          <CopyButton value={tokenLine} />
        </div>
        <p className="muted small">{text.docs.tokenAdmin}</p>
      </section>
      <section className="stack" aria-labelledby="docs-endpoints">
        <h2 id="docs-endpoints">{text.docs.endpoints}</h2>
        {document.isError && <ErrorState error={document.error} onRetry={() => void document.refetch()} />}
        {document.isPending && <EndpointsSkeleton />}
        {document.data !== undefined && <Viewer document={document.data} zgid={session?.organisation.zgid ?? null} />}
      </section>
    </div>
  );
}

interface ViewerProps {
  readonly document: ApiDocument;
  /** The number of the organisation that looks; null: nobody is logged in. */
  readonly zgid: string | null;
}

function Viewer({ document, zgid }: ViewerProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading');
  useEffect(() => {
    // The library takes a node of its own and never gives it back: each visit has a new one.
    const node = window.document.createElement('div');
    let isWanted = true;
    holder.current?.append(node);
    const known: KnownValues = zgid === null ? {} : { org: zgid };
    import('./docs/viewer.ts')
      .then(({ showDocument }) => {
        if (!isWanted) return;
        showDocument({ node, document, known });
        setState('shown');
      })
      .catch(() => setState('failed'));
    return () => {
      isWanted = false;
      node.remove();
    };
  }, [document, zgid]);
  return (
    <div id="docs-viewer">
      {state === 'loading' && <EndpointsSkeleton />}
      {state === 'failed' && <ErrorState error={new Error(text.docs.failed)} onRetry={() => location.reload()} />}
      <div ref={holder} />
    </div>
  );
}

const skeletonRows = [0, 1, 2, 3, 4, 5, 6, 7];

function EndpointsSkeleton() {
  return (
    <div className="stack stack-small" role="status" aria-label={text.docs.loading}>
      {skeletonRows.map((row) => (
        <Skeleton key={row} height="2.5rem" />
      ))}
    </div>
  );
}
