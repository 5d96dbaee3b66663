/** What a process uses, as Linux tells it. Elsewhere the answers are null, and the table says so. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory (resident, all threads together) that the process has held since it began or `resetPeak`, in MB. */
export function peakMb(pid: number): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : (Number(kilobytes) * 1024) / 1e6;
}

/** From here on the peak is that of what comes. What is held already counts, for the system would miss it elsewhere. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not Linux, or not allowed: then the peak stays that of the whole life, which is no less.
  }
}

/** Seconds of processor that all its threads have used so far. */
export function processorSeconds(pid: number): number | null {
  // The name, in parentheses, may hold blanks. After it come: state, and ten fields before utime and stime.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  const [user, system] = fields?.slice(11, 13) ?? [];
  return user === undefined || system === undefined ? null : (Number(user) + Number(system)) / ticksPerSecond;
}

/** USER_HZ: 100 in every Linux that Node runs on. */
const ticksPerSecond = 100;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not Linux, or the process has ended
  }
}
