/** The people of the organisation: found, added, changed, deactivated, and given new passwords. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { adminKeys, changeUser, listUsers, type ManagedUser, resetPassword, type UserSearch } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { PersonDialog } from './PersonDialog.tsx';
import { type PersonAct, PersonTable } from './PersonTable.tsx';
import { SecretDialog } from './SecretDialog.tsx';
import { Loaded, More, Section } from './Section.tsx';
import { useLater } from './use-later.ts';
import { useReload } from './use-reload.ts';

const kinds = {
  active: { status: 'active', imported: false },
  inactive: { status: 'inactive', imported: null },
  imported: { status: null, imported: true },
  all: { status: null, imported: null },
} as const satisfies Record<string, Omit<UserSearch, 'search'>>;
type Kind = keyof typeof kinds;

const searchMs = 250;
const isKind = (text: string): text is Kind => Object.hasOwn(kinds, text);

/** What is in front of the page. */
type Open =
  | { readonly kind: 'add' }
  | { readonly kind: PersonAct; readonly person: ManagedUser }
  | { readonly kind: 'secret'; readonly name: string; readonly password: string };

export function People() {
  const [params, setParams] = useSearchParams();
  const typed = params.get('search') ?? '';
  const given = params.get('show') ?? '';
  const kind: Kind = isKind(given) ? given : 'active';
  const search = { search: useLater(typed.trim(), searchMs), ...kinds[kind] };
  const [open, setOpen] = useState<Open | null>(null);
  const people = useInfiniteQuery({
    queryKey: [...adminKeys.users, 'list', search],
    queryFn: ({ pageParam, signal }) => listUsers(search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.info.next_cursor,
    placeholderData: (before) => before,
  });
  const set = (name: string, value: string) => setParams((before) => withValue(before, name, value), { replace: true });
  return (
    <Section
      title={text.admin.tabs.people}
      add={text.admin.people.add}
      onAdd={() => setOpen({ kind: 'add' })}
      message={
        <span className="admin-filters">
          <TextField
            label={text.admin.people.search}
            type="search"
            value={typed}
            maxLength={200}
            onChange={(event) => set('search', event.currentTarget.value)}
          />
          <SelectField
            label={text.admin.people.show}
            value={kind}
            onChange={(event) => set('show', event.currentTarget.value)}
          >
            {Object.entries(text.admin.people.kinds).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </SelectField>
        </span>
      }
    >
      <Loaded query={people}>
        {({ pages }) => (
          <PeopleShown
            people={pages.flatMap((page) => page.users)}
            onAct={(person, act) => setOpen({ kind: act, person })}
          />
        )}
      </Loaded>
      <More query={people} />
      {open !== null && <InFront open={open} setOpen={setOpen} />}
    </Section>
  );
}

function withValue(before: URLSearchParams, name: string, value: string): URLSearchParams {
  const after = new URLSearchParams(before);
  if (value === '') after.delete(name);
  else after.set(name, value);
  return after;
}

interface PeopleShownProps {
  readonly people: readonly ManagedUser[];
  readonly onAct: (person: ManagedUser, act: PersonAct) => void;
}

function PeopleShown({ people, onAct }: PeopleShownProps) {
  if (people.length > 0) return <PersonTable people={people} onAct={onAct} />;
  return (
    <EmptyState icon="people" title={text.admin.people.emptyTitle}>
      {text.admin.people.emptyText}
    </EmptyState>
  );
}

interface InFrontProps {
  readonly open: Open;
  readonly setOpen: (open: Open | null) => void;
}

function InFront({ open, setOpen }: InFrontProps) {
  const reload = useReload();
  const { tell } = useToasts();
  const close = () => setOpen(null);
  const showPassword = (name: string, password: string) => setOpen({ kind: 'secret', name, password });
  const after = (message: string) => {
    tell(message);
    reload(adminKeys.users);
    close();
  };
  const words = text.admin.people;
  switch (open.kind) {
    case 'add':
      return (
        <PersonDialog
          person={null}
          onClose={close}
          onDone={(person, password) => {
            reload(adminKeys.users);
            showPassword(person.full_name, password ?? '');
          }}
        />
      );
    case 'edit':
      return (
        <PersonDialog person={open.person} onClose={close} onDone={(person) => after(words.saved(person.full_name))} />
      );
    case 'password':
      return (
        <ConfirmDialog
          title={words.passwordTitle(open.person.full_name)}
          message={words.passwordText}
          submit={words.passwordSubmit}
          change={() => resetPassword(open.person.id)}
          onDone={(answer) => showPassword(open.person.full_name, answer.one_time_password)}
          onClose={close}
        />
      );
    case 'deactivate':
      return (
        <ConfirmDialog
          title={words.deactivateTitle(open.person.full_name)}
          message={words.deactivateText}
          submit={words.deactivate}
          change={() => changeUser(open.person.id, { status: 'inactive' })}
          onDone={() => after(words.deactivated(open.person.full_name))}
          onClose={close}
        />
      );
    case 'secret':
      return (
        <SecretDialog
          title={words.oneTimeTitle(open.name)}
          message={words.oneTimeText}
          secrets={[{ label: words.oneTime, value: open.password }]}
          onClose={close}
        />
      );
    default:
      throw new Error(`nothing to show for ${open satisfies never}`);
  }
}
