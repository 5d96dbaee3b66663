import { randomInt } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { Failure } from '../audit/failure.ts';
import type { IdAllocator } from '../database/ids.ts';
import type { Database } from '../database/schema.ts';
import { checkedEmail, checkedName, checkedTimeZone } from './fields.ts';
import { standardModules } from './modules.ts';
import { hashPassword, oneTimePassword } from './password.ts';
import { requireFreeEmail, userRow } from './users.ts';

export interface NewOrganisation {
  readonly name: string;
  readonly timeZone: string;
  /** Must be free in the whole installation. */
  readonly adminEmail?: string;
  readonly adminName?: string;
  readonly hierarchy?: 'roles' | 'reporting_to';
}

export interface SeededOrganisation {
  readonly zgid: string;
  readonly id: string;
  readonly adminId: string;
  readonly adminEmail: string;
  /** Shown once: only its hash is kept. */
  readonly oneTimePassword: string;
}

export interface SeedParts {
  readonly db: Kysely<Database>;
  readonly ids: IdAllocator;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

const profileNames = [
  { name: 'Administrator', is_administrator: 1, may_use_audit_log: 1 },
  { name: 'Standard', is_administrator: 0, may_use_audit_log: 1 },
  { name: 'No Audit Log', is_administrator: 0, may_use_audit_log: 0 },
] as const;
/** Each reports to the one before it. */
const roleNames = ['CEO', 'Manager', 'Member'] as const;

/**
 * Makes an organisation that is ready for use: profiles, a tree of roles, the standard modules, and an administrator
 * with the CEO role and a one-time password. All of it or nothing.
 */
export async function seedOrganisation(parts: SeedParts, wanted: NewOrganisation): Promise<SeededOrganisation> {
  const admin = {
    name: checkedName("the administrator's name", 'last_name', wanted.adminName ?? 'Administrator'),
    email: checkedEmail(wanted.adminEmail ?? 'admin@example.com'),
  };
  const organisation = {
    company_name: checkedName("the organisation's name", 'company_name', wanted.name),
    time_zone: checkedTimeZone(wanted.timeZone),
    hierarchy: wanted.hierarchy ?? ('roles' as const),
    result_days: null,
    created_at: parts.clock(),
  };
  const password = oneTimePassword();
  const passwordHash = await hashPassword(password, 'one-time');
  const count = 2 + profileNames.length + roleNames.length + standardModules.length;
  let next = await parts.ids.take(count);
  const nextId = (): string => String(next++);
  const id = nextId();
  const adminId = nextId();
  const zgid = await parts.db.transaction().execute(async (trx) => {
    await requireFreeEmail(trx, admin.email);
    const org = await freeZgid(trx);
    await trx
      .insertInto('organisations')
      .values({ zgid: org, id, ...organisation })
      .execute();
    const now = organisation.created_at;
    const places = await insertPlaces(trx, org, nextId);
    const user = { ...admin, ...places, managerId: null };
    await trx
      .insertInto('users')
      .values(userRow(org, user, { id: adminId, passwordHash, now }))
      .execute();
    await insertModules(trx, { org, now, nextId });
    return org;
  });
  return { zgid, id, adminId, adminEmail: admin.email, oneTimePassword: password };
}

/** Eight digits, drawn at random, so that the number of one organisation says nothing about another's. */
async function freeZgid(trx: Transaction<Database>): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const zgid = String(randomInt(10_000_000, 100_000_000));
    const taken = await trx.selectFrom('organisations').select('zgid').where('zgid', '=', zgid).executeTakeFirst();
    if (!taken) return zgid;
  }
  throw new Failure('SERVICE_UNAVAILABLE', 'no organisation number is free');
}

/** Inserts profiles and roles; answers the administrator's. */
async function insertPlaces(
  trx: Transaction<Database>,
  org: string,
  nextId: () => string,
): Promise<{ profileId: string; roleId: string }> {
  const profiles = profileNames.map((profile) => ({ org, id: nextId(), ...profile }));
  await trx.insertInto('profiles').values(profiles).execute();
  const roleIds = roleNames.map(nextId);
  for (const [level, name] of roleNames.entries()) {
    const row = { org, id: idAt(roleIds, level), name, is_ceo: level === 0 ? (1 as const) : (0 as const) };
    const reportsTo = level === 0 ? null : idAt(roleIds, level - 1);
    await trx
      .insertInto('roles')
      .values({ ...row, reports_to: reportsTo })
      .execute();
  }
  return {
    profileId: idAt(
      profiles.map((profile) => profile.id),
      0,
    ),
    roleId: idAt(roleIds, 0),
  };
}

function idAt(ids: readonly string[], index: number): string {
  const id = ids[index];
  if (id === undefined) throw new RangeError(`no id at ${index}`);
  return id;
}

async function insertModules(
  trx: Transaction<Database>,
  { org, now, nextId }: { org: string; now: number; nextId: () => string },
): Promise<void> {
  const rows = standardModules.map((module) => ({
    org,
    id: nextId(),
    api_name: module.apiName,
    singular_label: module.singularLabel,
    plural_label: module.pluralLabel,
    generated_type: 'default' as const,
    imported: 0 as const,
    created_at: now,
  }));
  await trx.insertInto('modules').values(rows).execute();
}
