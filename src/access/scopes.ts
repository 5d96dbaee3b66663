/** What a token may be allowed to do. */
import { wrongField } from '../audit/failure.ts';

/** Every scope that opens something here, with what it allows in words. */
export const knownScopes = {
  'ZohoCRM.settings.audit_logs.CREATE': 'Start exports of the audit log',
  'ZohoCRM.settings.audit_logs.READ': 'See the state of audit log exports',
  'ZohoCRM.settings.audit_logs.ALL': 'Start exports of the audit log and see their state',
  'ZohoCRM.settings.modules.READ': 'See the list of modules',
  'ZohoCRM.settings.modules.ALL': 'See the list of modules, and whatever else concerns modules',
  'ZohoCRM.settings.ALL': 'Start exports of the audit log, see their state, and see the list of modules',
  'ZohoCRM.users.READ': 'See the list of users',
  'ZohoCRM.users.ALL': 'See the list of users, and whatever else concerns users',
  'ZohoCRM.org.READ': 'See the name and time zone of the organisation',
  'ZohoCRM.org.ALL': 'See the name and time zone of the organisation, and whatever else concerns it',
  'ZohoFiles.files.READ': 'Download exported files',
  'ZohoFiles.files.ALL': 'Download exported files, and whatever else concerns files',
  'Annals.entries.CREATE': 'Record entries in the audit log',
  'Annals.entries.READ': 'Read entries of the audit log',
  'Annals.entries.ALL': 'Record and read entries of the audit log',
  'Annals.admin.ALL': 'Manage people, clients, modules and settings',
} as const satisfies Readonly<Record<string, string>>;
export type KnownScope = keyof typeof knownScopes;

/** All of them. */
export const everyScope: readonly string[] = Object.keys(knownScopes);

/** Only an administrator's token or session may hold it. */
export const adminScope = 'Annals.admin.ALL' satisfies KnownScope;

/** What anybody's token may hold, and whoever is logged in has: everything but the administrators' scope. */
export const allScopes: readonly string[] = everyScope.filter((scope) => scope !== adminScope);

/** Lengths are characters. */
export const scopeLimits = Object.freeze({ scopes: 100, scopeLength: 100, textLength: 4_096 });
const scopePattern = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+$/;

const canonical = new Map(everyScope.map((scope) => [scope.toLowerCase(), scope]));

/**
 * Scopes from a text, separated by commas or white space, each once. A known scope comes back in its own spelling
 * whatever the case; one that is unknown but looks like a scope is kept, and opens nothing. Throws INVALID_DATA.
 */
export function parseScopes(text: string): string[] {
  if (text.length > scopeLimits.textLength)
    throw wrongField('scope', `scopes are longer than ${scopeLimits.textLength} characters`);
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return checkedScopes(parts, 'scope');
}

/** The same for a list. `field` is what the wire calls it. */
export function checkedScopes(scopes: readonly string[], field = 'scopes'): string[] {
  const checked = new Set<string>();
  for (const scope of scopes) {
    if (scope.length > scopeLimits.scopeLength || !scopePattern.test(scope)) {
      throw wrongField(field, `"${scope.slice(0, scopeLimits.scopeLength)}" is not a scope`);
    }
    checked.add(canonical.get(scope.toLowerCase()) ?? scope);
  }
  if (checked.size === 0) throw wrongField(field, 'at least one scope is needed');
  if (checked.size > scopeLimits.scopes) throw wrongField(field, `there are more than ${scopeLimits.scopes} scopes`);
  return [...checked];
}

/**
 * Does any one of the scopes follow from what was granted? A scope follows from itself, and from a known `….ALL` that
 * it stands under: ZohoCRM.settings.ALL covers ZohoCRM.settings.audit_logs.READ.
 */
export function hasScope(granted: readonly string[], anyOf: readonly string[]): boolean {
  return anyOf.some((scope) => granted.some((held) => covers(held, scope)));
}

function covers(held: string, scope: string): boolean {
  if (held === scope) return true;
  if (!held.endsWith('.ALL') || !Object.hasOwn(knownScopes, held)) return false;
  return scope.startsWith(held.slice(0, -'ALL'.length));
}
