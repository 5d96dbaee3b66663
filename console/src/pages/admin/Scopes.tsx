/** Scopes in words: to be chosen, and as they were chosen. */
import { useQuery } from '@tanstack/react-query';
import { adminKeys, listScopes } from '../../api/admin.ts';
import { text } from '../../text/en.ts';
import { Choice } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Notice, wordsFor } from '../../ui/states.tsx';

function useScopes() {
  return useQuery({
    queryKey: adminKeys.scopes,
    queryFn: ({ signal }) => listScopes(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The name of the boxes; their values are scopes. */
export const scopeField = 'scopes';

export function ScopePicker({ error }: { readonly error: string | undefined }) {
  const scopes = useScopes();
  return (
    <fieldset className="admin-scopes" aria-describedby={error === undefined ? undefined : 'scopes-error'}>
      <legend className="field-label">{text.admin.scopes}</legend>
      <p className="field-hint">{text.admin.scopesHint}</p>
      {scopes.isPending && <Skeleton height="12rem" />}
      {scopes.isError && <Notice kind="danger">{wordsFor(scopes.error)}</Notice>}
      {scopes.data?.map(({ scope, description }) => (
        <Choice key={scope} name={scopeField} value={scope} label={description} hint={<code>{scope}</code>} />
      ))}
      {error !== undefined && (
        <span className="field-error" id="scopes-error">
          <Icon name="warning" />
          {error}
        </span>
      )}
    </fieldset>
  );
}

/** The scopes that are ticked. */
export function scopesIn(fields: FormData): string[] {
  return fields.getAll(scopeField).map(String);
}

export function scopesProblem(fields: FormData): Readonly<Record<string, string>> {
  return scopesIn(fields).length === 0 ? { [scopeField]: text.admin.scopesMissing } : {};
}

interface ScopeListProps {
  readonly scopes: readonly string[];
  /** True: they stand there at once, where they are not many. */
  readonly isOpen?: boolean;
}

const fewScopes = 5;

/** How many, and which, in words. */
export function ScopeList({ scopes, isOpen = false }: ScopeListProps) {
  const known = useScopes().data ?? [];
  return (
    <details className="admin-details" open={isOpen && scopes.length <= fewScopes}>
      <summary>{text.admin.scopesShort(scopes.length)}</summary>
      <ul>
        {scopes.map((scope) => (
          <li key={scope} title={scope}>
            {known.find((one) => one.scope === scope)?.description ?? scope}
          </li>
        ))}
      </ul>
    </details>
  );
}
