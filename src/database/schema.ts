/**
 * The tables of organisations, access and export jobs, as Kysely sees them. SQLite and PostgreSQL alike, so: ids are text,
 * flags are 0 or 1, times are integers of epoch milliseconds (`…_at`) or seconds (in `query`), lists are JSON text.
 */
export interface Database {
  id_allocator: { name: string; next: string };
  organisations: {
    zgid: string;
    id: string;
    company_name: string;
    time_zone: string;
    hierarchy: 'roles' | 'reporting_to';
    created_at: number;
    /** Days until a finished result is removed; null: as the installation is set. */
    result_days: number | null;
  };
  profiles: { org: string; id: string; name: string; is_administrator: 0 | 1; may_use_audit_log: 0 | 1 };
  roles: { org: string; id: string; name: string; reports_to: string | null; is_ceo: 0 | 1 };
  users: {
    org: string;
    id: string;
    full_name: string;
    first_name: string | null;
    last_name: string;
    /** Lower case, unique in the installation; null for imported users. */
    email: string | null;
    role_id: string | null;
    profile_id: string | null;
    manager_id: string | null;
    status: 'active' | 'inactive' | 'deleted';
    imported: 0 | 1;
    /** The bare name that this user was imported under, unique in the organisation. */
    imported_name: string | null;
    /** scrypt, see `directory/password.ts`. */
    password_hash: string | null;
    password_is_one_time: 0 | 1;
    time_zone: string | null;
    created_at: number;
  };
  modules: {
    org: string;
    id: string;
    api_name: string;
    singular_label: string;
    plural_label: string;
    generated_type: 'default' | 'custom';
    imported: 0 | 1;
    created_at: number;
  };
  clients: {
    id: string;
    secret_hash: string;
    org: string;
    name: string;
    /** The user that a client_credentials token acts as; null: the grant is not allowed. */
    user_id: string | null;
    /** JSON array of exact URIs. */
    redirect_uris: string;
    /** JSON array. */
    scopes: string;
    created_at: number;
    revoked_at: number | null;
  };
  grants: {
    /** SHA-256 of the code or token, hex. */
    hash: string;
    kind: 'code' | 'refresh' | 'access';
    client_id: string | null;
    org: string;
    user_id: string;
    scopes: string;
    redirect_uri: string | null;
    /** The refresh token that an access token was made from; revoking the one revokes the other. */
    parent_hash: string | null;
    created_at: number;
    expires_at: number | null;
    used_at: number | null;
    revoked_at: number | null;
  };
  sessions: {
    /** SHA-256 of what the cookie holds, hex. */
    hash: string;
    org: string;
    user_id: string;
    created_at: number;
    /** When it was last used, give or take a few minutes. */
    seen_at: number;
    /** When it ends, however much it is used. */
    expires_at: number;
  };
  export_jobs: {
    id: string;
    org: string;
    created_by: string;
    created_by_name: string;
    status: 'scheduled' | 'progress' | 'finished' | 'failed';
    /** As the client sent it, JSON text; null when it sent none. */
    criteria: string | null;
    /** The resolved LedgerQuery, JSON text: everything that the worker needs. */
    query: string;
    attempts: number;
    /** How often the whole process ended under it: such a run is no attempt, up to a limit. */
    interruptions: number;
    lease_owner: string | null;
    lease_until: number | null;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
    expires_at: number | null;
    /** Rows done so far; the number exported once finished. */
    entries: number | null;
    /** JSON array of {name, bytes, sha256, entries}; null until finished. */
    files: string | null;
    /** The results key of the run that was published; null until finished and after expiry. */
    result_key: string | null;
    /** Why it failed, in words for its owner. */
    failure: string | null;
    /** By which its owner is told what to do; null: it has not failed, or it did before there were kinds. */
    failure_kind: 'store' | 'memory' | 'abandoned' | 'internal' | null;
    /** What the export is to hold, JSON text of an `ExportFilter`; null: it was made before this was kept. */
    filter: string | null;
    /** Rows in all, once they have been counted. */
    total_entries: number | null;
  };
}
