import type { EntryInput } from '../audit/entry.ts';
import { encodeLine } from '../audit/line.ts';
import type { OrgZone } from '../audit/time.ts';
import type { LedgerRow } from '../ledger/ledger.ts';

/** What an entry lacked, or the directory knows. */
export interface Given {
  readonly id: bigint;
  readonly time: number;
  readonly user: { readonly id: bigint; readonly name: string };
}

export function rowOf(zone: OrgZone, input: EntryInput, given: Given): LedgerRow {
  const line = encodeLine({
    doneByName: given.user.name,
    action: input.action,
    module: input.module.apiName,
    recordName: input.record.name,
    relatedModule: input.related?.module ?? '',
    relatedName: input.related?.name ?? '',
    accountName: input.accountName,
    auditedTime: zone.format(given.time),
    recordId: input.record.id ?? '',
    doneById: String(given.user.id),
    entryId: String(given.id),
    source: input.source,
    changes: input.changes,
  });
  return {
    time: given.time,
    id: given.id,
    action: input.action,
    doneBy: given.user.id,
    module: input.module.apiName,
    line,
  };
}
