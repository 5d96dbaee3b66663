/** The consent to what an application asks for by OAuth's code grant. */
import { request } from './client.ts';

export interface Scope {
  readonly scope: string;
  readonly description: string;
}

export interface ConsentRequest {
  readonly client: { readonly id: string; readonly name: string };
  readonly scopes: readonly Scope[];
  readonly redirect_uri: string;
  readonly state: string | null;
}

export type Decision = 'allow' | 'deny';

/** `search` is that of the address which the application led to; the server checks it. */
export function readConsent(search: string, signal: AbortSignal): Promise<ConsentRequest> {
  return request('GET', `/api/v1/consent?${search}`, { signal });
}

/** Where the browser is to go. The parameters are sent as they came. */
export async function decide(search: string, decision: Decision): Promise<string> {
  const parameters = new URLSearchParams(search);
  const names = ['client_id', 'redirect_uri', 'scope', 'state'].filter((name) => parameters.has(name));
  const body = { ...Object.fromEntries(names.map((name) => [name, parameters.get(name)])), decision };
  const answer = await request<{ redirect_to: string }>('POST', '/api/v1/consent', { body });
  return answer.redirect_to;
}
