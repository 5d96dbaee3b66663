/** The roles, by which people see each other's entries. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addRole, adminKeys, changeRole, listRoles, type Role } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Button } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Notice } from '../../ui/states.tsx';
import { useToasts } from '../../ui/Toast.tsx';
import { ActionTable } from './ActionTable.tsx';
import { FormDialog, textOf } from './FormDialog.tsx';
import { Loaded, Section } from './Section.tsx';
import { useReload } from './use-reload.ts';

const words = text.admin.roles;

export function Roles() {
  const roles = useQuery({ queryKey: adminKeys.roles, queryFn: ({ signal }) => listRoles(signal) });
  const [edited, setEdited] = useState<Role | 'new' | null>(null);
  return (
    <Section title={text.admin.tabs.roles} message={words.text} add={words.add} onAdd={() => setEdited('new')}>
      <Loaded query={roles}>{(all) => <RoleTable roles={all} onEdit={setEdited} />}</Loaded>
      {edited !== null && (
        <RoleDialog role={edited === 'new' ? null : edited} roles={roles.data ?? []} onClose={() => setEdited(null)} />
      )}
    </Section>
  );
}

interface RoleTableProps {
  readonly roles: readonly Role[];
  readonly onEdit: (role: Role) => void;
}

function RoleTable({ roles, onEdit }: RoleTableProps) {
  const nameOf = (id: string | null) => roles.find((role) => role.id === id)?.name;
  return (
    <ActionTable label={words.listLabel} columns={[words.name, words.reportsTo]}>
      {roles.map((role) => (
        <tr key={role.id}>
          <td>
            <strong>{role.name}</strong>
          </td>
          <td data-label={words.reportsTo}>{nameOf(role.reports_to) ?? words.top}</td>
          <td className="admin-actions">
            <Button size="small" aria-label={words.editTitle(role.name)} onClick={() => onEdit(role)}>
              {text.admin.edit}
            </Button>
          </td>
        </tr>
      ))}
    </ActionTable>
  );
}

interface RoleDialogProps {
  /** Null: a new one. */
  readonly role: Role | null;
  readonly roles: readonly Role[];
  readonly onClose: () => void;
}

function RoleDialog({ role, roles, onClose }: RoleDialogProps) {
  const reload = useReload();
  const { tell } = useToasts();
  const isTop = role?.is_ceo ?? false;
  const change = (fields: FormData) => {
    const name = textOf(fields, 'name');
    const changes = isTop ? { name } : { name, reports_to: textOf(fields, 'reports_to') };
    return role === null ? addRole(changes) : changeRole(role.id, changes);
  };
  return (
    <FormDialog
      title={role === null ? words.add : words.editTitle(role.name)}
      submit={role === null ? words.addSubmit : text.ui.save}
      busy={text.admin.saving}
      change={change}
      onDone={(answer) => {
        tell(words.saved(answer.role.name));
        reload(adminKeys.roles);
        onClose();
      }}
      onClose={onClose}
    >
      {(errorOf) => (
        <>
          <TextField label={words.name} name="name" defaultValue={role?.name} error={errorOf('name')} required />
          {isTop ? (
            <Notice>{words.topHint}</Notice>
          ) : (
            <SelectField
              label={words.reportsTo}
              name="reports_to"
              defaultValue={role?.reports_to ?? roles.find((one) => one.is_ceo)?.id}
              error={errorOf('reports_to')}
              required
            >
              {roles
                .filter(({ id }) => id !== role?.id)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
            </SelectField>
          )}
        </>
      )}
    </FormDialog>
  );
}
