/** What the tests of the criteria share: one organisation, one moment, and ways to write a request. */
import assert from 'node:assert/strict';
import { type EntryFilter, parseExportRequest, resolveExportRequest } from '../../src/audit/criteria.ts';
import { Failure } from '../../src/audit/failure.ts';
import { OrgZone } from '../../src/audit/time.ts';

export const zone = new OrgZone('Asia/Kolkata');
export const now = seconds('2026-07-01T12:00:00Z');
export const day = 86_400;

export const known = {
  users: new Set(['11', '22', '554023000000799326']),
  modules: [
    { id: '1', api_name: 'Leads' },
    { id: '2', api_name: 'Contacts' },
    { id: '554023000000000125', api_name: 'Deals' },
  ],
};

/** Epoch seconds. */
export function seconds(iso: string): number {
  return Temporal.Instant.from(iso).epochMilliseconds / 1000;
}

/** The body with this criteria in it. */
export function bodyOf(criteria: unknown): unknown {
  return { audit_log_export: [{ criteria }] };
}

export function condition(field: string, comparator: string, value: unknown): object {
  return { field: { api_name: field }, comparator, value };
}

export function group(...criteria: unknown[]): object {
  return { group_operator: 'and', group: criteria };
}

/** The filter that a body comes to. */
export function filterOf(body: unknown): EntryFilter {
  return resolveExportRequest(parseExportRequest(body, { now, zone }), known);
}

/** What a body is refused with, as far as the wire shows it. */
export function refusalOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, wrapped, details } = error;
    return { code, message, wrapped, details };
  }
  return assert.fail('it was not refused');
}
