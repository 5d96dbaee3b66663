/** What the directory hands out, and how its tables' rows become that. */
import type { Selectable } from 'kysely';
import type { Database } from '../database/schema.ts';

export interface Organisation {
  /** The number that stands in download paths, and the key of everything that the organisation owns. */
  readonly zgid: string;
  readonly id: string;
  readonly companyName: string;
  readonly timeZone: string;
  readonly hierarchy: 'roles' | 'reporting_to';
  /** Days until a finished result is removed; null: as the installation is set. */
  readonly resultDays: number | null;
  readonly createdAt: number;
}

export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly mayUseAuditLog: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly reportsTo: string | null;
  readonly isCeo: boolean;
}

export interface User {
  readonly org: string;
  readonly id: string;
  readonly fullName: string;
  readonly firstName: string | null;
  readonly lastName: string;
  /** Lower case; null for imported users. */
  readonly email: string | null;
  readonly role: { readonly id: string; readonly name: string } | null;
  readonly profile: { readonly id: string; readonly name: string } | null;
  readonly managerId: string | null;
  readonly status: 'active' | 'inactive' | 'deleted';
  /**
   * Known from entries only. Such a user has no address and no password, and can be given no token, but is `active`
   * (and unconfirmed), since clients look for the users of a filter among the active ones.
   */
  readonly isImported: boolean;
  /** Null: the organisation's. */
  readonly timeZone: string | null;
  readonly createdAt: number;
}

export interface Module {
  readonly id: string;
  readonly apiName: string;
  readonly singularLabel: string;
  readonly pluralLabel: string;
  readonly generatedType: 'default' | 'custom';
  readonly isImported: boolean;
}

export function organisationOf(row: Selectable<Database['organisations']>): Organisation {
  return {
    zgid: row.zgid,
    id: row.id,
    companyName: row.company_name,
    timeZone: row.time_zone,
    hierarchy: row.hierarchy,
    resultDays: row.result_days,
    createdAt: row.created_at,
  };
}

export function profileOf(row: Selectable<Database['profiles']>): Profile {
  return {
    id: row.id,
    name: row.name,
    isAdministrator: row.is_administrator === 1,
    mayUseAuditLog: row.may_use_audit_log === 1,
  };
}

export function roleOf(row: Selectable<Database['roles']>): Role {
  return { id: row.id, name: row.name, reportsTo: row.reports_to, isCeo: row.is_ceo === 1 };
}

export function moduleOf(row: Selectable<Database['modules']>): Module {
  return {
    id: row.id,
    apiName: row.api_name,
    singularLabel: row.singular_label,
    pluralLabel: row.plural_label,
    generatedType: row.generated_type,
    isImported: row.imported === 1,
  };
}
