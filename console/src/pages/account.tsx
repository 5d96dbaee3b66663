/** Who one is here, what one may do, the password, and the way out. */
import { useOwnSession } from '../api/session.ts';
import type { Session } from '../api/types.ts';
import { useLogOut } from '../shell/AccountMenu.tsx';
import { PageHead } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Time } from '../ui/Time.tsx';
import { useToasts } from '../ui/Toast.tsx';
import { viewerZone } from '../ui/times.ts';
import './account/account.css';
import { PasswordForm } from './password.tsx';

export function Page() {
  const session = useOwnSession();
  const { tell } = useToasts();
  return (
    <div className="page">
      <PageHead title={text.account.title} />
      <div className="account-columns">
        <div className="stack">
          <You session={session} />
          <May session={session} />
        </div>
        <div className="stack">
          <section className="panel panel-section" aria-labelledby="account-password">
            <h2 id="account-password">{text.account.password}</h2>
            <p className="muted">{text.account.passwordText}</p>
            <PasswordForm currentLabel={text.account.current} onChanged={() => tell(text.account.changed)} />
          </section>
          <ThisSession session={session} />
        </div>
      </div>
    </div>
  );
}

function You({ session }: { readonly session: Session }) {
  const { user, organisation } = session;
  const facts = [
    [text.account.name, user.full_name],
    [text.account.email, user.email],
    [text.account.role, user.role?.name ?? text.account.none],
    [text.account.profile, user.profile?.name ?? text.account.none],
    [text.account.organisation, organisation.company_name],
    [text.account.organisationZone, organisation.time_zone],
    [text.account.yourZone, viewerZone],
  ] as const;
  return (
    <section className="panel panel-section" aria-labelledby="account-you">
      <h2 id="account-you">{text.account.you}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className="account-fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="muted small">{text.account.zoneNote}</p>
    </section>
  );
}

function May({ session }: { readonly session: Session }) {
  const { use_audit_log: usesLog, see_everything: seesAll, administer } = session.may;
  const lines = [
    usesLog ? (seesAll ? text.account.everyone : text.account.ownOnly) : text.account.noAuditLog,
    ...(administer ? [text.account.administer] : []),
  ];
  return (
    <section className="panel panel-section" aria-labelledby="account-may">
      <h2 id="account-may">{text.account.may}</h2>
      <ul className="account-may">
        {lines.map((line) => (
          <li key={line}>
            <Icon name={line === text.account.noAuditLog ? 'info' : 'check'} />
            {line}
          </li>
        ))}
      </ul>
      <p className="muted small">{text.account.wrong}</p>
    </section>
  );
}

function ThisSession({ session }: { readonly session: Session }) {
  const leave = useLogOut();
  return (
    <section className="panel panel-section" aria-labelledby="account-session">
      <h2 id="account-session">{text.account.session}</h2>
      <p className="muted">
        {text.account.sessionText} <Time value={session.expires_at} />.
      </p>
      <div>
        <Button icon="logOut" onClick={() => void leave()}>
          {text.account.logOut}
        </Button>
      </div>
    </section>
  );
}
