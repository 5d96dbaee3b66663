/** The log-in. From here one goes on to where one wanted to go, also to a download. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { logIn, sessionKey, useSession } from '../api/session.ts';
import { useTitle } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { Mark } from '../ui/Mark.tsx';
import { Notice, wordsFor } from '../ui/states.tsx';
import { isDownload, nextAddress } from './next.ts';

export function LogInPage() {
  useTitle(text.logIn.title);
  const next = nextAddress(useSearch(), location.origin);
  const { data: session } = useSession();
  useOnward(session !== null && session !== undefined, next);
  return (
    <AloneBox>
      {isDownload(next) && <Notice>{text.logIn.forDownload}</Notice>}
      <LogInForm />
      <p className="muted small">{text.logIn.forgotten}</p>
    </AloneBox>
  );
}

/** Once somebody is logged in: on, and never back here by the browser's back button. */
function useOnward(isLoggedIn: boolean, next: string): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    if (!isLoggedIn) return;
    if (!isDownload(next)) {
      navigate(next, { replace: true });
      return;
    }
    // The answer is a file: the page stays where it is, so it had better be a useful one.
    location.assign(next);
    navigate('/exports', { replace: true });
  }, [isLoggedIn, next, navigate]);
}

/** One thing in the middle of the window, under the product's name. */
export function AloneBox({ children }: { readonly children: ReactNode }) {
  return (
    <main className="alone">
      <div className="alone-box">
        <div className="alone-brand">
          <Mark size={32} />
          {text.shell.product}
        </div>
        {children}
      </div>
    </main>
  );
}

function LogInForm() {
  const queryClient = useQueryClient();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const password = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setError(null);
    setIsBusy(true);
    try {
      const session = await logIn(String(form.get('email')).trim(), String(form.get('password')));
      queryClient.setQueryData(sessionKey, session);
    } catch (caught) {
      setError(wordsFor(caught));
      setIsBusy(false);
      password.current?.select();
    }
  };
  return (
    <form className="panel stack" onSubmit={(event) => void submit(event)} aria-labelledby="log-in-title">
      <h1 id="log-in-title">{text.logIn.title}</h1>
      {error !== null && <Notice kind="danger">{error}</Notice>}
      <TextField label={text.logIn.email} name="email" type="email" autoComplete="username" required autoFocus />
      <TextField
        label={text.logIn.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        ref={password}
      />
      <Button type="submit" kind="primary" className="button-wide" isBusy={isBusy}>
        {isBusy ? text.logIn.busy : text.logIn.submit}
      </Button>
    </form>
  );
}
