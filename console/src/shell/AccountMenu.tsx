import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { logOut } from '../api/session.ts';
import type { Session } from '../api/types.ts';
import { text } from '../text/en.ts';
import { chooseTheme, currentTheme, type Theme, themes } from '../theme.ts';
import { Button } from '../ui/Button.tsx';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { Popover } from '../ui/Popover.tsx';
import { wordsFor } from '../ui/states.tsx';
import { useToasts } from '../ui/Toast.tsx';

/** Who is logged in, and what belongs to the person rather than to the log. */
export function AccountMenu({ session }: { readonly session: Session }) {
  const { full_name: name, email } = session.user;
  const leave = useLogOut();
  return (
    <Popover
      label={text.shell.accountMenu(name)}
      align="end"
      className="menu"
      button={(props) => (
        <Button kind="quiet" icon="person" aria-label={text.shell.accountMenu(name)} {...props}>
          <span className="account-name truncate">{name}</span>
          <Icon name="down" />
        </Button>
      )}
    >
      {(close) => (
        <>
          <div className="menu-head">
            <div className="truncate">
              <strong>{name}</strong>
            </div>
            <div className="muted small truncate">{email}</div>
          </div>
          <MenuLink href="/account" icon="person" label={text.shell.account} onChoose={close} />
          <MenuLink href="/docs" icon="book" label={text.shell.docs} onChoose={close} />
          <hr className="menu-line" />
          <ThemeChoice />
          <hr className="menu-line" />
          <button type="button" className="menu-item" onClick={() => void leave()}>
            <Icon name="logOut" />
            {text.shell.logOut}
          </button>
        </>
      )}
    </Popover>
  );
}

interface MenuLinkProps {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  readonly onChoose: () => void;
}

function MenuLink({ href, icon, label, onChoose }: MenuLinkProps) {
  return (
    <Link href={href} className="menu-item" onClick={onChoose}>
      <Icon name={icon} />
      {label}
    </Link>
  );
}

const themeIcons = { system: 'screen', light: 'sun', dark: 'moon' } as const satisfies Record<Theme, IconName>;

function ThemeChoice() {
  const [chosen, setChosen] = useState(currentTheme);
  const choose = (theme: Theme) => {
    chooseTheme(theme);
    setChosen(theme);
  };
  return (
    <fieldset className="theme-choice">
      <legend className="muted small">{text.shell.theme}</legend>
      {themes.map((theme) => (
        <label key={theme} className="theme-option">
          <input type="radio" name="theme" checked={theme === chosen} onChange={() => choose(theme)} />
          <Icon name={themeIcons[theme]} />
          {text.shell.themes[theme]}
        </label>
      ))}
    </fieldset>
  );
}

/** Ends the session and forgets all that was read in it. `next`: where a new log-in leads to. */
export function useLogOut(next?: string): () => Promise<void> {
  const queryClient = useQueryClient();
  const [, navigate] = useLocation();
  const { complain } = useToasts();
  return async () => {
    try {
      await logOut();
    } catch (error) {
      complain(wordsFor(error));
      return;
    }
    navigate(next === undefined ? '/login' : `/login?next=${encodeURIComponent(next)}`);
    queryClient.clear();
  };
}
