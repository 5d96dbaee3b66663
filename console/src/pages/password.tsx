/** Who has logged in with a one-time password chooses an own one before anything else. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changePassword, sessionKey, useOwnSession } from '../api/session.ts';
import { useLogOut } from '../shell/AccountMenu.tsx';
import { useTitle } from '../shell/PageHead.tsx';
import { text } from '../text/en.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { Notice, wordsFor } from '../ui/states.tsx';
import { useToasts } from '../ui/Toast.tsx';
import { AloneBox } from './login.tsx';

export function PasswordPage() {
  useTitle(text.logIn.chooseTitle);
  const leave = useLogOut();
  const { tell } = useToasts();
  return (
    <AloneBox>
      <div className="panel stack">
        <h1>{text.logIn.chooseTitle}</h1>
        <p className="muted">{text.logIn.chooseText}</p>
        <PasswordForm currentLabel={text.logIn.current} onChanged={() => tell(text.logIn.chosen)} />
      </div>
      <Button kind="quiet" onClick={() => void leave()}>
        {text.shell.logOut}
      </Button>
    </AloneBox>
  );
}

interface PasswordFormProps {
  readonly currentLabel: string;
  readonly onChanged: () => void;
}

const shortest = 12;

/** The form for a new password. Changing it ends the person's other sessions. */
export function PasswordForm({ currentLabel, onChanged }: PasswordFormProps) {
  const queryClient = useQueryClient();
  const { email } = useOwnSession().user;
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [wrong, setWrong] = useState<{ next?: string; repeat?: string }>({});
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const next = String(fields.get('next'));
    const problems = {
      ...(next.length < shortest && { next: text.logIn.tooShort }),
      ...(next !== fields.get('repeat') && { repeat: text.logIn.repeatWrong }),
    };
    setWrong(problems);
    setError(null);
    if (Object.keys(problems).length > 0) return;
    setIsBusy(true);
    try {
      const session = await changePassword(String(fields.get('current')), next);
      form.reset();
      queryClient.setQueryData(sessionKey, session);
      onChanged();
    } catch (caught) {
      setError(wordsFor(caught));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => void submit(event)}>
      {error !== null && <Notice kind="danger">{error}</Notice>}
      {/* Tells a password manager whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email ?? ''} readOnly hidden />
      <TextField label={currentLabel} name="current" type="password" autoComplete="current-password" required />
      <TextField
        label={text.logIn.next}
        hint={text.logIn.nextHint}
        error={wrong.next}
        name="next"
        type="password"
        autoComplete="new-password"
        required
      />
      <TextField
        label={text.logIn.repeat}
        error={wrong.repeat}
        name="repeat"
        type="password"
        autoComplete="new-password"
        required
      />
      <Button type="submit" kind="primary" isBusy={isBusy}>
        {isBusy ? text.logIn.chooseBusy : text.logIn.chooseSubmit}
      </Button>
    </form>
  );
}
