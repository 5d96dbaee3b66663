/** One `OrgZone` for each time zone, since each holds what it has looked up. */
import { OrgZone } from './time.ts';

// As many as there are time zones: bounded by the zones that `OrgZone` accepts.
const zones = new Map<string, OrgZone>();

/** Throws RangeError when it is no time zone. */
export function zoneNamed(timeZone: string): OrgZone {
  const zone = zones.get(timeZone) ?? new OrgZone(timeZone);
  zones.set(timeZone, zone);
  return zone;
}
