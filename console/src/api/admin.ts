/** What administrators manage, as the endpoints under /api/v1/admin have it. */
import { request } from './client.ts';
import type { Scope } from './consent.ts';
import type { NamedId, WireTime } from './types.ts';

export interface ManagedUser {
  readonly id: string;
  readonly full_name: string;
  readonly first_name: string | null;
  readonly last_name: string;
  readonly email: string | null;
  readonly role: NamedId | null;
  readonly profile: NamedId | null;
  readonly manager: NamedId | null;
  readonly status: 'active' | 'inactive' | 'deleted';
  /** Known from entries only, and cannot log in. */
  readonly is_imported: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly reports_to: string | null;
  readonly is_ceo: boolean;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly is_administrator: boolean;
  readonly may_use_audit_log: boolean;
}

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly redirect_uris: readonly string[];
  /** Whom it acts for by itself. */
  readonly user: NamedId | null;
  readonly created_at: WireTime;
}

export interface Token {
  readonly id: string;
  readonly kind: 'refresh' | 'access';
  readonly user: NamedId;
  readonly client: NamedId | null;
  readonly scopes: readonly string[];
  readonly created_at: WireTime;
  readonly expires_at: WireTime | null;
}

export interface ManagedModule {
  readonly id: string;
  readonly api_name: string;
  readonly singular_label: string;
  readonly plural_label: string;
  /** An entry brought it. */
  readonly is_imported: boolean;
}

export interface Settings {
  readonly company_name: string;
  readonly time_zone: string;
  readonly hierarchy: 'roles' | 'reporting_to';
  /** Days until a result is removed; null: as the server is set. */
  readonly result_days: number | null;
}

interface PageInfo {
  readonly more_records: boolean;
  readonly next_cursor: string | null;
}

export interface UserPage {
  readonly users: readonly ManagedUser[];
  readonly info: PageInfo;
}

export interface TokenPage {
  readonly tokens: readonly Token[];
  readonly info: PageInfo;
}

export const adminKeys = {
  users: ['admin', 'users'],
  roles: ['admin', 'roles'],
  profiles: ['admin', 'profiles'],
  clients: ['admin', 'clients'],
  tokens: ['admin', 'tokens'],
  modules: ['admin', 'modules'],
  settings: ['admin', 'settings'],
  scopes: ['scopes'],
} as const;

const path = '/api/v1/admin';
const one = (name: string, id: string) => `${path}/${name}/${encodeURIComponent(id)}`;

export interface UserSearch {
  readonly search: string;
  readonly status: ManagedUser['status'] | null;
  readonly imported: boolean | null;
}

/** A page may come back empty while there is more behind it: so many are read on before it is shown. */
const mostEmptyPages = 20;

export async function listUsers(search: UserSearch, cursor: string | null, signal: AbortSignal): Promise<UserPage> {
  const imported = search.imported === null ? null : String(search.imported);
  let page = await userPage(cursor);
  for (let empty = 1; page.users.length === 0 && page.info.next_cursor !== null && empty < mostEmptyPages; empty += 1) {
    page = await userPage(page.info.next_cursor);
  }
  return page;

  function userPage(from: string | null): Promise<UserPage> {
    return request('GET', `${path}/users`, { query: { ...search, imported, cursor: from }, signal });
  }
}

export type UserFields = Readonly<Record<string, string | null>>;

export function addUser(fields: UserFields): Promise<{ user: ManagedUser; one_time_password: string }> {
  return request('POST', `${path}/users`, { body: fields });
}

export function changeUser(id: string, fields: UserFields): Promise<{ user: ManagedUser }> {
  return request('PATCH', one('users', id), { body: fields });
}

export function resetPassword(id: string): Promise<{ one_time_password: string }> {
  return request('POST', `${one('users', id)}/password`);
}

export async function listRoles(signal: AbortSignal): Promise<readonly Role[]> {
  return (await request<{ roles: readonly Role[] }>('GET', `${path}/roles`, { signal })).roles;
}

export interface RoleFields {
  readonly name: string;
  readonly reports_to?: string | null;
}

export function addRole(fields: RoleFields): Promise<{ role: Role }> {
  return request('POST', `${path}/roles`, { body: fields });
}

export function changeRole(id: string, fields: RoleFields): Promise<{ role: Role }> {
  return request('PATCH', one('roles', id), { body: fields });
}

export async function listProfiles(signal: AbortSignal): Promise<readonly Profile[]> {
  return (await request<{ profiles: readonly Profile[] }>('GET', `${path}/profiles`, { signal })).profiles;
}

export async function listClients(signal: AbortSignal): Promise<readonly Client[]> {
  return (await request<{ clients: readonly Client[] }>('GET', `${path}/clients`, { signal })).clients;
}

export interface ClientFields {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly redirect_uris: readonly string[];
  readonly user_id: string | null;
}

export function addClient(fields: ClientFields): Promise<{ client: Client; secret: string }> {
  return request('POST', `${path}/clients`, { body: fields });
}

export function revokeClient(id: string): Promise<void> {
  return request('DELETE', one('clients', id));
}

export function listTokens(cursor: string | null, signal: AbortSignal): Promise<TokenPage> {
  return request('GET', `${path}/tokens`, { query: { cursor }, signal });
}

export function addToken(userId: string, scopes: readonly string[]): Promise<{ token: string; expires_at: WireTime }> {
  return request('POST', `${path}/tokens`, { body: { user_id: userId, scopes } });
}

export function revokeToken(id: string): Promise<void> {
  return request('DELETE', one('tokens', id));
}

export async function listModules(signal: AbortSignal): Promise<readonly ManagedModule[]> {
  return (await request<{ modules: readonly ManagedModule[] }>('GET', `${path}/modules`, { signal })).modules;
}

export interface ModuleLabels {
  readonly singular_label: string;
  readonly plural_label: string;
}

export function addModule(fields: ModuleLabels & { readonly api_name: string }): Promise<{ module: ManagedModule }> {
  return request('POST', `${path}/modules`, { body: fields });
}

export function changeModule(id: string, labels: ModuleLabels): Promise<{ module: ManagedModule }> {
  return request('PATCH', one('modules', id), { body: labels });
}

export async function readSettings(signal: AbortSignal): Promise<Settings> {
  return (await request<{ organisation: Settings }>('GET', `${path}/organisation`, { signal })).organisation;
}

export async function changeSettings(changes: Partial<Settings>): Promise<Settings> {
  return (await request<{ organisation: Settings }>('PATCH', `${path}/organisation`, { body: changes })).organisation;
}

export async function listScopes(signal: AbortSignal): Promise<readonly Scope[]> {
  return (await request<{ scopes: readonly Scope[] }>('GET', '/api/v1/scopes', { signal })).scopes;
}
