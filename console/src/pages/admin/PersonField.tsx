/** A person, found by typing: the browser's own list of suggestions, filled by a search on the server. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { adminKeys, listUsers, type ManagedUser } from '../../api/admin.ts';
import type { NamedId } from '../../api/types.ts';
import { text } from '../../text/en.ts';
import { TextField } from '../../ui/Field.tsx';
import { useLater } from './use-later.ts';

interface PersonFieldProps {
  /** Of the field that holds the id. While what is typed names nobody it is `unknownPerson`. */
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly chosen?: NamedId | null;
  readonly error: string | undefined;
  readonly required?: boolean;
}

export const unknownPerson = '?';
const searchMs = 200;

export function PersonField({ name, label, hint, chosen = null, error, required = false }: PersonFieldProps) {
  const list = useId();
  const [typed, setTyped] = useState(chosen?.name ?? '');
  const search = useLater(nameIn(typed), searchMs);
  const found = useQuery({
    queryKey: [...adminKeys.users, 'suggested', search],
    queryFn: ({ signal }) => listUsers({ search, status: 'active', imported: null }, null, signal),
  });
  const people = found.data?.users ?? [];
  const id = typed.trim() === (chosen?.name ?? '') ? (chosen?.id ?? '') : idOf(people, typed);
  return (
    <>
      <TextField
        label={label}
        hint={hint}
        error={error}
        value={typed}
        list={list}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <datalist id={list}>
        {people.map((person) => (
          <option key={person.id} value={shownAs(person)} />
        ))}
      </datalist>
      <input type="hidden" name={name} value={id} required={required} />
    </>
  );
}

/** Two people may have one name; no two have one address. */
function shownAs({ full_name: name, email, id }: ManagedUser): string {
  return `${name} (${email ?? id})`;
}

function nameIn(typed: string): string {
  return typed.replace(/\s*\([^()]*\)\s*$/, '').trim();
}

function idOf(people: readonly ManagedUser[], typed: string): string {
  const wanted = typed.trim();
  if (wanted === '') return '';
  const exact = people.find((person) => shownAs(person) === wanted);
  const named = people.filter((person) => person.full_name === wanted);
  return exact?.id ?? (named.length === 1 ? (named[0]?.id ?? unknownPerson) : unknownPerson);
}

/** What is wrong with a chosen person. */
export function personProblem(fields: FormData, name: string): Readonly<Record<string, string>> {
  return fields.get(name) === unknownPerson ? { [name]: text.admin.chooseFromList } : {};
}
