/** How what is done here is put into words, the same whether it was done in the console, by a client or on the command line. */
import { nestsDeeper, parseStoredJson, stringifyJson } from '../audit/json.ts';
import { entryLimits } from '../audit/limits.ts';
import type { Module, Organisation, Role, User } from '../directory/directory.ts';
import type { Act, Change } from './trail.ts';

/** A filter, as JSON or as its text, may be as large as a request: more than this of it is left out. */
const shownUnits = entryLimits.changesBytes / 4;
/** Changes may nest so deep, and a value stands two levels down in them. */
const shownDepth = entryLimits.changesDepth - 2;

export const acts = {
  /** `criteria`: JSON text, null when the export was of everything. `client`: null for none. */
  exportStarted(job: { id: string; criteria: string | null; client: string | null }): Act {
    return {
      action: 'exported',
      record: { id: job.id, name: `Export ${job.id}` },
      changes: [...given('criteria', criteriaOf(job.criteria)), ...given('client', job.client)],
    };
  },

  /** On the command line, whose exports are no jobs. `filter`: JSON. */
  exportWritten(filter: object): Act {
    const record = { id: null, name: 'Export on the command line' };
    return { action: 'exported', record, changes: given('criteria', shown(filter)) };
  },

  fileDownloaded(file: { job: string; name: string; sha256: string; client: string | null }): Act {
    return {
      action: 'downloaded',
      record: { id: file.job, name: `${file.name} of export ${file.job}` },
      changes: [...given('file', file.name), ...given('sha256', file.sha256), ...given('client', file.client)],
    };
  },

  userAdded: (user: User): Act => added(userRecord(user), changesOf({}, userFields(user))),
  userUpdated: (before: User, after: User): Act | null =>
    updated(userRecord(after), changesOf(userFields(before), userFields(after))),
  passwordReset: (user: User): Act => ({ action: 'password reset', record: userRecord(user) }),

  roleAdded: (role: Role): Act => added(roleRecord(role), changesOf({}, roleFields(role))),
  roleUpdated: (before: Role, after: Role): Act | null =>
    updated(roleRecord(after), changesOf(roleFields(before), roleFields(after))),

  clientAdded(client: ClientFacts): Act {
    const { scopes, redirectUris, userId } = client;
    const fields = { scopes, redirect_uris: redirectUris, user_id: userId };
    return added(clientRecord(client), changesOf({}, fields));
  },
  clientRevoked: (client: Pick<ClientFacts, 'id' | 'name'>): Act => revoked(clientRecord(client)),

  /** `kind`: in words, such as `Access token`. */
  tokenAdded(token: TokenFacts): Act {
    return added(tokenRecord(token), changesOf({}, { user_id: token.user.id, scopes: token.scopes }));
  },
  tokenRevoked: (token: TokenFacts): Act => revoked(tokenRecord(token)),

  moduleAdded: (module: Module): Act => added(moduleRecord(module), changesOf({}, moduleFields(module))),
  moduleUpdated: (before: Module, after: Module): Act | null =>
    updated(moduleRecord(after), changesOf(moduleFields(before), moduleFields(after))),

  organisationUpdated(before: Organisation, after: Organisation): Act | null {
    const record = { id: after.id, name: `Organisation ${after.companyName}` };
    return updated(record, changesOf(organisationFields(before), organisationFields(after)));
  },
} as const;

export interface ClientFacts {
  readonly id: string;
  readonly name: string;
  readonly userId: string | null;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
}

export interface TokenFacts {
  readonly kind: 'Access token' | 'Refresh token' | 'Code';
  /** Short, and of no use to whoever wants to be let in. */
  readonly id: string | null;
  readonly user: Pick<User, 'id' | 'fullName'>;
  readonly scopes: readonly string[];
}

type ActRecord = Act['record'];
type Fields = Readonly<Record<string, unknown>>;

function added(record: ActRecord, changes: readonly Change[]): Act {
  return { action: 'added', record, changes };
}

/** Null: all is as it was before. */
function updated(record: ActRecord, changes: readonly Change[]): Act | null {
  return changes.length === 0 ? null : { action: 'updated', record, changes };
}

function revoked(record: ActRecord): Act {
  return { action: 'revoked', record };
}

export function userRecord({ id, fullName, email }: Pick<User, 'id' | 'fullName' | 'email'>): ActRecord {
  return { id, name: email === null ? `User ${fullName}` : `User ${fullName} (${email})` };
}

function userFields(user: User): Fields {
  return {
    full_name: user.fullName,
    email: user.email,
    role: user.role?.name ?? null,
    profile: user.profile?.name ?? null,
    manager_id: user.managerId,
    status: user.status,
  };
}

function roleRecord({ id, name }: Role): ActRecord {
  return { id, name: `Role ${name}` };
}

function roleFields({ name, reportsTo }: Role): Fields {
  return { name, reports_to: reportsTo };
}

export function clientRecord({ id, name }: Pick<ClientFacts, 'id' | 'name'>): ActRecord {
  return { id, name: `Client ${name}` };
}

function tokenRecord({ kind, id, user }: TokenFacts): ActRecord {
  return { id, name: `${kind} of ${user.fullName}` };
}

function moduleRecord({ id, apiName }: Module): ActRecord {
  return { id, name: `Module ${apiName}` };
}

function moduleFields({ apiName, singularLabel, pluralLabel }: Module): Fields {
  return { api_name: apiName, singular_label: singularLabel, plural_label: pluralLabel };
}

function organisationFields({ companyName, timeZone, hierarchy, resultDays }: Organisation): Fields {
  return { company_name: companyName, time_zone: timeZone, hierarchy, result_days: resultDays };
}

/** What is other afterwards; for something new, all that it has. */
function changesOf(before: Fields, after: Fields): Change[] {
  return Object.entries(after).flatMap(([field, value]) => {
    const old = before[field] ?? null;
    if (stringifyJson(old) === stringifyJson(value ?? null)) return [];
    return [{ field, ...(field in before && { old: shown(old) }), new: shown(value) }];
  });
}

function given(field: string, value: unknown): Change[] {
  return value === null ? [] : [{ field, new: value }];
}

function criteriaOf(text: string | null): unknown {
  if (text === null) return null;
  return text.length > shownUnits ? tooLong(text.length) : shown(parseStoredJson(text));
}

/** The value, if it has room in an entry. */
function shown(value: unknown): unknown {
  if (nestsDeeper(value, shownDepth)) return 'too deep to be shown here';
  const { length } = stringifyJson(value);
  return length > shownUnits ? tooLong(length) : value;
}

function tooLong(length: number): string {
  return `${length} characters, too long to be shown here`;
}
