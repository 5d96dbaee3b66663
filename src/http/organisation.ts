/** The caller's organisation, with its zone ready to use. */
import { OrgZone } from '../audit/time.ts';
import type { Organisation } from '../directory/rows.ts';
import type { GuardedCall } from './route.ts';

// As many as there are time zones: bounded by the zones that the directory accepts.
const zones = new Map<string, OrgZone>();

export function zoneNamed(timeZone: string): OrgZone {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    zone = new OrgZone(timeZone);
    zones.set(timeZone, zone);
  }
  return zone;
}

export function organisationOf(call: GuardedCall): Organisation & { readonly zone: OrgZone } {
  const { organisation } = call.viewer;
  return { ...organisation, zone: zoneNamed(organisation.timeZone) };
}
