/** The frame of every page: navigation above (on a phone below), the account's menu, and the page. */
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react';
import { Link, useLocation } from 'wouter';
import type { Session } from '../api/types.ts';
import { text } from '../text/en.ts';
import { LinkButton } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Mark } from '../ui/Mark.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { AccountMenu } from './AccountMenu.tsx';

interface Place {
  readonly href: string;
  readonly label: string;
  readonly shortLabel: string;
  readonly icon: IconName;
}

function placesFor(session: Session | null): readonly Place[] {
  if (session === null) return [];
  const { log, exports, administration, administrationShort } = text.shell;
  return [
    { href: '/log', label: log, shortLabel: log, icon: 'log' },
    { href: '/exports', label: exports, shortLabel: exports, icon: 'export' },
    ...(session.may.administer
      ? [{ href: '/admin', label: administration, shortLabel: administrationShort, icon: 'settings' as const }]
      : []),
  ];
}

const phone = window.matchMedia('(max-width: 40rem)');

/** Whether the window is as narrow as a phone's; the stylesheets have the same width. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      phone.addEventListener('change', listener);
      return () => phone.removeEventListener('change', listener);
    },
    () => phone.matches,
  );
}

export function Shell({ session, children }: { readonly session: Session | null; readonly children: ReactNode }) {
  const isPhone = useIsPhone();
  const places = placesFor(session);
  const main = useFocusOnMove();
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        {text.shell.skip}
      </a>
      <header className="top">
        <Brand organisation={session?.organisation.company_name ?? null} />
        {!isPhone && <Navigation places={places} className="nav" />}
        <div className="top-end">
          {session === null ? (
            <LinkButton href="/login?next=/docs">{text.logIn.submit}</LinkButton>
          ) : (
            <AccountMenu session={session} />
          )}
        </div>
      </header>
      <main id="main" className="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      {isPhone && places.length > 0 && <Navigation places={places} className="nav-bottom" isShort />}
    </div>
  );
}

/** Whoever goes to another page by the keyboard, or hears it read, is taken to its beginning. */
function useFocusOnMove() {
  const main = useRef<HTMLElement>(null);
  const [location] = useLocation();
  const last = useRef(location);
  useEffect(() => {
    if (last.current === location) return;
    last.current = location;
    if (!main.current?.contains(document.activeElement)) main.current?.focus();
  }, [location]);
  return main;
}

function Brand({ organisation }: { readonly organisation: string | null }) {
  return (
    <Link href="/log" className="brand">
      <Mark size={24} />
      <span>{text.shell.product}</span>
      {organisation !== null && <span className="brand-org truncate">{organisation}</span>}
    </Link>
  );
}

interface NavigationProps {
  readonly places: readonly Place[];
  readonly className: string;
  readonly isShort?: boolean;
}

function Navigation({ places, className, isShort = false }: NavigationProps) {
  const [location] = useLocation();
  return (
    <nav className={className} aria-label={text.shell.navigation}>
      {places.map(({ href, label, shortLabel, icon }) => (
        <Link
          key={href}
          href={href}
          className="nav-link"
          aria-current={location === href || location.startsWith(`${href}/`) ? 'page' : undefined}
        >
          {isShort && <Icon name={icon} />}
          {isShort ? shortLabel : label}
        </Link>
      ))}
    </nav>
  );
}

/** While it is asked who is logged in. */
export function ShellSkeleton() {
  return (
    <div className="shell" aria-busy="true">
      <div className="top">
        <span className="brand">
          <Mark size={24} />
          <span>{text.shell.product}</span>
        </span>
        <Skeleton width="14rem" height="1rem" />
      </div>
      <div className="main">
        <span className="visually-hidden" role="status">
          {text.ui.loading}
        </span>
      </div>
    </div>
  );
}

/** While a page's own file is on its way. */
export function PageSkeleton() {
  return (
    <div className="page" aria-busy="true">
      <span className="visually-hidden" role="status">
        {text.ui.loading}
      </span>
      <div className="page-head">
        <Skeleton width="12rem" height="1.5rem" />
      </div>
    </div>
  );
}
