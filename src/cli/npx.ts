/**
 * npx starts a shell, and the shell starts us; a signal that ends npx ends the shell at most. Without a look at the two, a
 * server that was started by `npx annals serve` would outlive the stop of what started it, and hold its folder.
 */
import { readFileSync } from 'node:fs';

const lookEveryMs = 200;

export interface NpxEnds {
  /** npx was asked to stop, and has ended the shell. */
  readonly onStop: () => void;
  /** npx was killed: nobody could ask for anything. */
  readonly onKill: () => void;
}

/** Does nothing unless npx started this process, and where there is no /proc. */
export function watchNpx(env: Readonly<Record<string, string | undefined>>, ends: NpxEnds): void {
  if (env.npm_command !== 'exec') return;
  const shell = process.ppid;
  const npx = parentOf(shell);
  if (npx === null || npx <= 1) return;
  const timer = setInterval(() => {
    const isShellGone = process.ppid !== shell;
    if (!isShellGone && parentOf(shell) === npx) return;
    clearInterval(timer);
    if (isShellGone) ends.onStop();
    else ends.onKill();
  }, lookEveryMs).unref();
}

/** The fourth field of /proc/PID/stat; the second, in brackets, may hold anything. */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return Number.isInteger(parent) ? parent : null;
  } catch {
    return null; // no such process, or no such file system
  }
}
