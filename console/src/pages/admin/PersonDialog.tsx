/** Adds a person, or changes one. */
import { useQuery } from '@tanstack/react-query';
import {
  addUser,
  adminKeys,
  changeUser,
  listProfiles,
  listRoles,
  type ManagedUser,
  type UserFields,
} from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { type ErrorOf, FormDialog, textOf } from './FormDialog.tsx';
import { PersonField, personProblem } from './PersonField.tsx';

interface PersonDialogProps {
  /** Null: a new one. */
  readonly person: ManagedUser | null;
  /** The password is that of a new person, for the first log-in; null where there is none. */
  readonly onDone: (person: ManagedUser, password: string | null) => void;
  readonly onClose: () => void;
}

const words = text.admin.people;

export function PersonDialog({ person, onDone, onClose }: PersonDialogProps) {
  const change = async (fields: FormData) => {
    if (person === null) return await addUser(fieldsOf(fields));
    return { ...(await changeUser(person.id, changedIn(person, fieldsOf(fields)))), one_time_password: null };
  };
  return (
    <FormDialog
      title={person === null ? words.add : words.editTitle(person.full_name)}
      submit={person === null ? words.addSubmit : text.ui.save}
      busy={person === null ? words.adding : text.admin.saving}
      change={change}
      check={(fields) => personProblem(fields, 'manager_id')}
      onDone={({ user, one_time_password: password }) => onDone(user, password)}
      onClose={onClose}
    >
      {(errorOf) => <PersonFields person={person} errorOf={errorOf} />}
    </FormDialog>
  );
}

function PersonFields({ person, errorOf }: { readonly person: ManagedUser | null; readonly errorOf: ErrorOf }) {
  const needsLogIn = person === null || !person.is_imported;
  return (
    <>
      <div className="admin-pair">
        <TextField
          label={words.firstName}
          name="first_name"
          defaultValue={person?.first_name ?? ''}
          error={errorOf('first_name')}
        />
        <TextField
          label={words.lastName}
          name="last_name"
          defaultValue={person?.last_name ?? ''}
          error={errorOf('last_name')}
          required
        />
      </div>
      <TextField
        label={words.email}
        name="email"
        type="email"
        defaultValue={person?.email ?? ''}
        error={errorOf('email')}
        required={needsLogIn}
      />
      <RoleAndProfile person={person} errorOf={errorOf} isRequired={needsLogIn} />
      <PersonField
        label={words.manager}
        hint={words.managerHint}
        name="manager_id"
        chosen={person?.manager ?? null}
        error={errorOf('manager_id')}
      />
    </>
  );
}

interface RoleAndProfileProps {
  readonly person: ManagedUser | null;
  readonly errorOf: ErrorOf;
  readonly isRequired: boolean;
}

function RoleAndProfile({ person, errorOf, isRequired }: RoleAndProfileProps) {
  const roles = useQuery({ queryKey: adminKeys.roles, queryFn: ({ signal }) => listRoles(signal) });
  const profiles = useQuery({ queryKey: adminKeys.profiles, queryFn: ({ signal }) => listProfiles(signal) });
  // The lists come later than the dialog; a key that changes with them has the fields take up their first values again.
  return (
    <div className="admin-pair">
      <SelectField
        key={`role ${roles.isSuccess}`}
        label={words.role}
        name="role_id"
        defaultValue={person?.role?.id ?? ''}
        error={errorOf('role_id')}
        required={isRequired}
      >
        <option value="" />
        {roles.data?.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        key={`profile ${profiles.isSuccess}`}
        label={words.profile}
        hint={words.profileHint}
        name="profile_id"
        defaultValue={person?.profile?.id ?? ''}
        error={errorOf('profile_id')}
        required={isRequired}
      >
        <option value="" />
        {profiles.data?.map(({ id, name, may_use_audit_log: usesLog }) => (
          <option key={id} value={id}>
            {usesLog ? name : words.noLogHint(name)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function fieldsOf(fields: FormData): UserFields {
  const optional = (name: string) => textOf(fields, name) || null;
  return {
    first_name: optional('first_name'),
    last_name: textOf(fields, 'last_name'),
    email: textOf(fields, 'email'),
    role_id: textOf(fields, 'role_id'),
    profile_id: textOf(fields, 'profile_id'),
    manager_id: optional('manager_id'),
  };
}

/** Only what is other than it was: the log tells what an administrator has changed, and nothing else. */
function changedIn(person: ManagedUser, fields: UserFields): UserFields {
  const before: UserFields = {
    first_name: person.first_name,
    last_name: person.last_name,
    email: person.email ?? '',
    role_id: person.role?.id ?? '',
    profile_id: person.profile?.id ?? '',
    manager_id: person.manager?.id ?? null,
  };
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== before[name]));
}
