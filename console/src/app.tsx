/** What is shown at which address. Each page is a file of its own that is loaded when it is first shown. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { ApiError, whenSignedOut } from './api/client.ts';
import { sessionKey, useSession } from './api/session.ts';
import type { Session } from './api/types.ts';
import { LogInPage } from './pages/login.tsx';
import { PasswordPage } from './pages/password.tsx';
import { lazyPage } from './shell/lazy.ts';
import { PageBoundary } from './shell/PageBoundary.tsx';
import { NotFound } from './shell/refusals.tsx';
import { PageSkeleton, Shell, ShellSkeleton } from './shell/Shell.tsx';
import { ErrorState } from './ui/states.tsx';
import { ToastProvider } from './ui/Toast.tsx';

const loadLog = () => import('./pages/log/page.tsx');
// The page that nearly everybody wants is fetched while it is still asked who is there.
if (/^\/(?:log|login)?$/.test(location.pathname)) loadLog().catch(() => {}); // comes out where it is shown

const LogPage = lazyPage(loadLog);
const ExportsPage = lazyPage(() => import('./pages/exports.tsx'));
const AdminPage = lazyPage(() => import('./pages/admin.tsx'));
const AccountPage = lazyPage(() => import('./pages/account.tsx'));
const ConsentPage = lazyPage(() => import('./pages/consent.tsx'));
const DocsPage = lazyPage(() => import('./pages/docs.tsx'));

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What the server refuses it will refuse again; a line that broke may hold the next time.
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
  },
});

// A session that is over, or was ended elsewhere: every page finds out at its next request.
whenSignedOut(() => queryClient.setQueryData(sessionKey, null));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <Switch>
          <Route path="/login" component={LogInPage} />
          <Route path="/oauth/v2/auth">
            <WithSession>{() => <Loaded page={<ConsentPage />} />}</WithSession>
          </Route>
          <Route path="/docs">
            <WithSession isOptional>
              {(session) => (
                <Shell session={session}>
                  <Loaded page={<DocsPage />} />
                </Shell>
              )}
            </WithSession>
          </Route>
          <Route>
            <WithSession>{(session) => <Pages session={session} />}</WithSession>
          </Route>
        </Switch>
      </ToastProvider>
    </QueryClientProvider>
  );
}

function Pages({ session }: { readonly session: Session | null }) {
  return (
    <Shell session={session}>
      <Switch>
        <Route path="/">
          <Redirect to="/log" replace />
        </Route>
        <Route path="/log">
          <Loaded page={<LogPage />} />
        </Route>
        <Route path="/exports/*?">
          <Loaded page={<ExportsPage />} />
        </Route>
        <Route path="/admin/*?">
          <Loaded page={<AdminPage />} />
        </Route>
        <Route path="/account">
          <Loaded page={<AccountPage />} />
        </Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Shell>
  );
}

function Loaded({ page }: { readonly page: ReactNode }) {
  const [location] = useLocation();
  return (
    <PageBoundary key={location.split('/')[1]}>
      <Suspense fallback={<PageSkeleton />}>{page}</Suspense>
    </PageBoundary>
  );
}

interface WithSessionProps {
  /** True: the page is also for who is not logged in. */
  readonly isOptional?: boolean;
  readonly children: (session: Session | null) => ReactNode;
}

/** Leads to the log-in, and from there back to where one wanted to go; a one-time password has to be changed first. */
function WithSession({ isOptional = false, children }: WithSessionProps) {
  const { data: session, error, refetch, isPending } = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (isPending) return <ShellSkeleton />;
  if (error !== null && session === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (session === null || session === undefined) {
    if (isOptional) return children(null);
    const here = search === '' ? path : `${path}?${search}`;
    return <Redirect to={here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`} replace />;
  }
  return session.password_is_one_time ? <PasswordPage /> : children(session);
}
