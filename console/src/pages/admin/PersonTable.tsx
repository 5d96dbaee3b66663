import { useMutation } from '@tanstack/react-query';
import { adminKeys, changeUser, type ManagedUser } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { wordsFor } from '../../ui/states.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { ActionTable } from './ActionTable.tsx';
import { useReload } from './use-reload.ts';

/** What can be done about a person that asks for more in front of the page. */
export type PersonAct = 'edit' | 'password' | 'deactivate';

interface PersonTableProps {
  readonly people: readonly ManagedUser[];
  readonly onAct: (person: ManagedUser, act: PersonAct) => void;
}

const words = text.admin.people;

export function PersonTable({ people, onAct }: PersonTableProps) {
  return (
    <ActionTable label={words.listLabel} columns={[words.name, words.role, words.profile, words.manager, words.state]}>
      {people.map((person) => (
        <tr key={person.id}>
          <td>
            <span className="admin-name">
              <strong>{person.full_name}</strong>
              <span className="muted small">{person.email ?? words.noEmail}</span>
            </span>
          </td>
          <td data-label={words.role}>{person.role?.name ?? text.admin.none}</td>
          <td data-label={words.profile}>{person.profile?.name ?? text.admin.none}</td>
          <td data-label={words.manager}>{person.manager?.name ?? text.admin.none}</td>
          <td data-label={words.state}>
            <State person={person} />
          </td>
          <td className="admin-actions">
            <Actions person={person} onAct={(act) => onAct(person, act)} />
          </td>
        </tr>
      ))}
    </ActionTable>
  );
}

function State({ person }: { readonly person: ManagedUser }) {
  if (person.status !== 'active') return <Badge kind="warning">{words.states[person.status]}</Badge>;
  if (person.is_imported) return <Badge>{words.imported}</Badge>;
  return <Badge kind="success">{words.states.active}</Badge>;
}

function Actions({ person, onAct }: { readonly person: ManagedUser; readonly onAct: (act: PersonAct) => void }) {
  const activate = useActivate(person);
  const choices: readonly (readonly [string, IconName, () => void])[] = [
    [text.admin.edit, 'settings', () => onAct('edit')],
    ...(person.is_imported ? [] : [[words.password, 'key', () => onAct('password')] as const]),
    person.status === 'active'
      ? [words.deactivate, 'close', () => onAct('deactivate')]
      : [words.activate, 'check', activate],
  ];
  return (
    <Popover
      label={text.admin.actionsFor(person.full_name)}
      align="end"
      className="menu"
      button={(props) => (
        <Button size="small" aria-label={text.admin.actionsFor(person.full_name)} {...props}>
          {text.admin.actions}
          <Icon name="down" />
        </Button>
      )}
    >
      {(close) =>
        choices.map(([label, icon, act]) => (
          <button
            key={label}
            type="button"
            className="menu-item"
            onClick={() => {
              close();
              act();
            }}
          >
            <Icon name={icon} />
            {label}
          </button>
        ))
      }
    </Popover>
  );
}

function useActivate(person: ManagedUser): () => void {
  const { tell, complain } = useToasts();
  const reload = useReload();
  const activate = useMutation({
    mutationFn: () => changeUser(person.id, { status: 'active' }),
    onSuccess: () => {
      tell(words.activated(person.full_name));
      reload(adminKeys.users);
    },
    onError: (error) => complain(wordsFor(error)),
  });
  return () => activate.mutate();
}
