/** What the documented endpoints answer, as far as the console reads it. */

/** ISO 8601 to the second, with the organisation's offset. */
export type WireTime = string;

export interface NamedId {
  readonly id: string;
  readonly name: string;
}

export interface Session {
  readonly user: {
    readonly id: string;
    readonly full_name: string;
    readonly first_name: string | null;
    readonly last_name: string | null;
    readonly email: string | null;
    readonly time_zone: string | null;
    readonly role: NamedId | null;
    readonly profile: NamedId | null;
  };
  readonly organisation: {
    readonly id: string;
    readonly zgid: string;
    readonly company_name: string;
    readonly time_zone: string;
  };
  readonly may: {
    readonly administer: boolean;
    readonly see_everything: boolean;
    readonly use_audit_log: boolean;
  };
  readonly password_is_one_time: boolean;
  readonly expires_at: WireTime;
}

export interface Entry {
  readonly id: string;
  readonly audited_time: WireTime;
  readonly action: string;
  readonly done_by: { readonly id?: string | null; readonly name?: string | null };
  readonly module: { readonly api_name: string; readonly id?: string | null };
  readonly record: { readonly id?: string | null; readonly name: string };
  readonly related_record?: { readonly module?: string | null; readonly name?: string | null } | null;
  readonly account_name?: string | null;
  readonly source?: string | null;
  /** Field changes as a list of {field, old, new}; what another program has sent may have any form. */
  readonly changes?: unknown;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly info: {
    readonly count: number;
    readonly more_records: boolean;
    readonly next_cursor: string | null;
    /** How far back a long search has come; null: all of the page is found. */
    readonly searched_to?: WireTime | null;
  };
}

export interface EntryDetails {
  readonly entry: Entry;
  readonly arrival: string | number | null;
  readonly received_at: WireTime | null;
  readonly client: string | null;
}

export interface Histogram {
  readonly from: WireTime | null;
  readonly to: WireTime | null;
  readonly bucket_seconds: number;
  readonly total: number;
  readonly is_estimate: boolean;
  readonly buckets: readonly { readonly start: WireTime; readonly actions: Readonly<Record<string, number>> }[];
}

export interface Module {
  readonly id: string;
  readonly api_name: string;
  readonly plural_label: string;
}

export interface Person extends NamedId {
  readonly status: string;
}
