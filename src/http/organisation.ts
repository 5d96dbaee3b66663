/** The caller's organisation, with its zone ready to use. */
import type { OrgZone } from '../audit/time.ts';
import { zoneNamed } from '../audit/zones.ts';
import type { Organisation } from '../directory/rows.ts';
import type { GuardedCall } from './route.ts';

export function organisationOf(call: GuardedCall): Organisation & { readonly zone: OrgZone } {
  const { organisation } = call.viewer;
  return { ...organisation, zone: zoneNamed(organisation.timeZone) };
}
