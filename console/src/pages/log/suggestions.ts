/** What the filters offer: people, modules and actions that the viewer may see. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { Entry, Module, Person } from '../../api/types.ts';

export interface Suggestion {
  readonly value: string;
  readonly label: string;
  readonly note?: string;
}

export const peopleShown = 50;
const longStaleMs = 300_000;

/** Names of people by id, of those who were seen in an entry or a list: an address holds only ids. */
const names = new Map<string, string>();
const mostNames = 20_000;

export function learnNames(entries: readonly Entry[]): void {
  for (const { done_by: person } of entries) {
    if (person.id && person.name && names.size < mostNames) names.set(person.id, person.name);
  }
}

export function nameOf(id: string): string | null {
  return names.get(id) ?? null;
}

export function usePeople(search: string): { readonly people: readonly Person[] | undefined; readonly error: unknown } {
  const { data, error } = useQuery({
    queryKey: ['people', search],
    queryFn: async ({ signal }) => {
      const { people } = await get<{ people: readonly Person[] }>(
        '/api/v1/people',
        { search, limit: peopleShown },
        signal,
      );
      for (const { id, name } of people) if (names.size < mostNames) names.set(id, name);
      return people;
    },
    placeholderData: keepPreviousData,
    staleTime: longStaleMs,
  });
  return { people: data, error };
}

/** People of whom nobody has said the name yet, as in an address that was shared: looked up one by one, a few of them. */
const mostLookedUp = 10;

export function useNamesOf(ids: readonly string[]): void {
  useQueries({
    queries: ids
      .filter((id) => !names.has(id))
      .slice(0, mostLookedUp)
      .map((id) => ({
        queryKey: ['person', id],
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          const answer = await get<{ users: readonly { full_name: string }[] } | undefined>(
            `/crm/v8/users/${id}`,
            undefined,
            signal,
          );
          const name = answer?.users[0]?.full_name ?? null;
          if (name !== null && names.size < mostNames) names.set(id, name);
          return name;
        },
        retry: false,
        staleTime: longStaleMs,
      })),
  });
}

export function useModules(): readonly Module[] | undefined {
  const { data } = useQuery({
    queryKey: ['modules'],
    queryFn: async ({ signal }) =>
      (await get<{ modules: readonly Module[] }>('/crm/v8/settings/modules', undefined, signal)).modules,
    staleTime: longStaleMs,
  });
  return data;
}

export function useActions(): readonly string[] | undefined {
  const { data } = useQuery({
    queryKey: ['actions'],
    queryFn: async ({ signal }) =>
      (await get<{ actions: readonly string[] }>('/api/v1/actions', undefined, signal)).actions,
    staleTime: longStaleMs,
  });
  return data;
}

/** What modules are called; an unknown one by its API name. */
export function moduleLabel(modules: readonly Module[] | undefined, apiName: string): string {
  return modules?.find(({ api_name: name }) => name === apiName)?.plural_label ?? apiName;
}
