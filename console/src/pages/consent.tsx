/** Asks whether an application may act in one's name. A request that is not right is told here, never led on. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from 'wouter';
import { ApiError } from '../api/client.ts';
import { type ConsentRequest, type Decision, decide, readConsent } from '../api/consent.ts';
import { useOwnSession } from '../api/session.ts';
import { useLogOut } from '../shell/AccountMenu.tsx';
import { useTitle } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';
import { Button, LinkButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { ErrorState, Notice, wordsFor } from '../ui/states.tsx';
import './consent/consent.css';
import { AloneBox } from './login.tsx';

export function Page() {
  useTitle(text.consent.title);
  const search = useSearch();
  const asked = useQuery({
    queryKey: ['consent', search],
    queryFn: ({ signal }) => readConsent(search, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <AloneBox>
      <div className="panel stack">
        {asked.isPending && <Waiting />}
        {asked.isError && <Refused error={asked.error} onRetry={() => void asked.refetch()} />}
        {asked.isSuccess && <Question asked={asked.data} search={search} />}
      </div>
    </AloneBox>
  );
}

function Question({ asked, search }: { readonly asked: ConsentRequest; readonly search: string }) {
  const { organisation } = useOwnSession();
  const decision = useMutation({
    mutationFn: (one: Decision) => decide(search, one),
    // Of another origin than this one, as it should be: the server has compared it with what the client may use.
    onSuccess: (address) => location.assign(address),
  });
  const isBusy = decision.isPending || decision.isSuccess;
  return (
    <>
      <div>
        <h1>{text.consent.asks(asked.client.name)}</h1>
        <p className="muted">{text.consent.to(organisation.company_name)}</p>
      </div>
      <div className="stack stack-small">
        <h2>{text.consent.could}</h2>
        <ul className="consent-scopes">
          {asked.scopes.map(({ scope, description }) => (
            <li key={scope} title={scope}>
              <Icon name="check" />
              {description}
            </li>
          ))}
        </ul>
      </div>
      <p className="muted small">{text.consent.limits}</p>
      <Who />
      {decision.isError && <Notice kind="danger">{wordsFor(decision.error)}</Notice>}
      <div className="consent-buttons">
        <Button isBusy={isBusy} onClick={() => decision.mutate('deny')}>
          {isBusy && decision.variables === 'deny' ? text.consent.denying : text.consent.deny}
        </Button>
        <Button kind="primary" isBusy={isBusy} onClick={() => decision.mutate('allow')}>
          {isBusy && decision.variables === 'allow' ? text.consent.allowing : text.consent.allow}
        </Button>
      </div>
      <p className="muted small">{text.consent.goesTo(hostOf(asked.redirect_uri))}</p>
    </>
  );
}

function Who() {
  const { user } = useOwnSession();
  const leave = useLogOut(`/oauth/v2/auth?${useSearch()}`);
  return (
    <p className="small consent-who">
      {text.consent.as(user.full_name, user.email)}{' '}
      <button type="button" className="consent-link" onClick={() => void leave()}>
        {text.consent.notYou}
      </button>
    </p>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host || address : address;
}

/** What the application has done wrong is said in the server's words; what it cannot help can be tried again. */
function Refused({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status === 0 || error.status >= 429) {
    return <ErrorState error={error} onRetry={onRetry} />;
  }
  return (
    <>
      <h1>{text.consent.refusedTitle}</h1>
      <Notice kind="danger">{wordsFor(error)}</Notice>
      <p className="muted">{text.consent.refusedText}</p>
      <div>
        <LinkButton href="/log">{text.consent.toLog}</LinkButton>
      </div>
    </>
  );
}

function Waiting() {
  return (
    <div className="stack consent-waiting" role="status" aria-label={text.consent.loading}>
      <Skeleton width="70%" height="1.5rem" />
      <Skeleton width="90%" />
      <Skeleton width="80%" />
      <Skeleton width="85%" />
    </div>
  );
}
