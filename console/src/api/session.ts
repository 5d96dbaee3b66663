/** Who is logged in. */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, get, request } from './client.ts';
import type { Session } from './types.ts';

export const sessionKey = ['session'] as const;

/** The session; null: nobody is logged in. */
export function useSession(): UseQueryResult<Session | null> {
  return useQuery({ queryKey: sessionKey, queryFn: ({ signal }) => readSession(signal), staleTime: 60_000 });
}

/** For what is shown only to who is logged in. */
export function useOwnSession(): Session {
  const session = useQueryClient().getQueryData<Session | null>(sessionKey);
  if (session === null || session === undefined) throw new Error('shown without a session');
  return session;
}

async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return await get<Session>('/api/v1/session', undefined, signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export function logIn(email: string, password: string): Promise<Session> {
  return request('POST', '/api/v1/session', { body: { email, password } });
}

export function logOut(): Promise<void> {
  return request('DELETE', '/api/v1/session');
}

export function changePassword(currentPassword: string, newPassword: string): Promise<Session> {
  return request('PUT', '/api/v1/session/password', {
    body: { current_password: currentPassword, new_password: newPassword },
  });
}
