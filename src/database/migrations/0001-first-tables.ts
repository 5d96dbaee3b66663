import { sql } from 'kysely';
import type { Migration } from '../migrate.ts';

/** SQL that SQLite and PostgreSQL both take: ids are text, `bigint` holds epoch milliseconds in either. */
const statements = [
  sql`create table id_allocator (name text primary key, next text not null)`,

  sql`create table organisations (
    zgid text primary key,
    id text not null unique,
    company_name text not null,
    time_zone text not null,
    hierarchy text not null check (hierarchy in ('roles', 'reporting_to')),
    created_at bigint not null)`,

  sql`create table profiles (
    org text not null references organisations (zgid),
    id text not null,
    name text not null,
    is_administrator integer not null check (is_administrator in (0, 1)),
    may_use_audit_log integer not null check (may_use_audit_log in (0, 1)),
    primary key (org, id),
    unique (org, name))`,

  sql`create table roles (
    org text not null references organisations (zgid),
    id text not null,
    name text not null,
    reports_to text,
    is_ceo integer not null check (is_ceo in (0, 1)),
    primary key (org, id),
    unique (org, name),
    foreign key (org, reports_to) references roles (org, id))`,

  sql`create table users (
    org text not null references organisations (zgid),
    id text not null,
    full_name text not null,
    first_name text,
    last_name text not null,
    email text unique,
    role_id text,
    profile_id text,
    manager_id text,
    status text not null check (status in ('active', 'inactive', 'deleted')),
    imported integer not null check (imported in (0, 1)),
    imported_name text,
    password_hash text,
    password_is_one_time integer not null check (password_is_one_time in (0, 1)),
    time_zone text,
    created_at bigint not null,
    primary key (org, id),
    unique (org, imported_name),
    foreign key (org, role_id) references roles (org, id),
    foreign key (org, profile_id) references profiles (org, id),
    foreign key (org, manager_id) references users (org, id))`,
  // The users list's order.
  sql`create index users_by_creation on users (org, created_at, id)`,
  // What visibility is computed from. Imported users, who may be many, mostly have neither.
  sql`create index users_with_role on users (org) where role_id is not null`,
  sql`create index users_with_manager on users (org, manager_id) where manager_id is not null`,

  sql`create table modules (
    org text not null references organisations (zgid),
    id text not null,
    api_name text not null,
    singular_label text not null,
    plural_label text not null,
    generated_type text not null check (generated_type in ('default', 'custom')),
    imported integer not null check (imported in (0, 1)),
    created_at bigint not null,
    primary key (org, id),
    unique (org, api_name))`,

  sql`create table clients (
    id text primary key,
    secret_hash text not null,
    org text not null references organisations (zgid),
    name text not null,
    user_id text,
    redirect_uris text not null,
    scopes text not null,
    created_at bigint not null,
    revoked_at bigint,
    foreign key (org, user_id) references users (org, id))`,
  sql`create index clients_by_org on clients (org, created_at)`,

  sql`create table grants (
    hash text primary key,
    kind text not null check (kind in ('code', 'refresh', 'access')),
    client_id text references clients (id),
    org text not null,
    user_id text not null,
    scopes text not null,
    redirect_uri text,
    parent_hash text,
    created_at bigint not null,
    expires_at bigint,
    used_at bigint,
    revoked_at bigint,
    foreign key (org, user_id) references users (org, id))`,
  sql`create index grants_by_parent on grants (parent_hash, expires_at) where parent_hash is not null`,
  sql`create index grants_by_client on grants (client_id, kind, expires_at) where client_id is not null`,
  sql`create index grants_by_user on grants (org, user_id)`,
  sql`create index grants_by_expiry on grants (kind, expires_at)`,

  sql`create table export_jobs (
    id text primary key,
    org text not null,
    created_by text not null,
    created_by_name text not null,
    status text not null check (status in ('scheduled', 'progress', 'finished', 'failed')),
    criteria text,
    query text not null,
    attempts integer not null,
    interruptions integer not null,
    lease_owner text,
    lease_until bigint,
    created_at bigint not null,
    started_at bigint,
    ended_at bigint,
    expires_at bigint,
    entries bigint,
    files text,
    result_key text,
    failure text)`,
  // A user has one open export at a time: a second one is ALREADY_SCHEDULED.
  sql`create unique index export_jobs_open on export_jobs (org, created_by) where status in ('scheduled', 'progress')`,
  sql`create index export_jobs_to_claim on export_jobs (status, created_at) where status in ('scheduled', 'progress')`,
  sql`create index export_jobs_newest on export_jobs (org, created_at, id)`,
  sql`create index export_jobs_newest_of_user on export_jobs (org, created_by, created_at, id)`,
  sql`create index export_jobs_to_expire on export_jobs (expires_at) where result_key is not null`,
];

export const firstTables: Migration = {
  name: '0001-first-tables',
  async up(trx) {
    for (const statement of statements) await statement.execute(trx);
  },
};
