/** Lines of shell, as someone would type them to do the same with other programs. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { peerEnvironment } from './peers/debian.ts';
import { patienceMs } from './plan.ts';
import { MemoryWatch } from './process-usage.ts';
import type { Stage } from './stage.ts';

export interface ShellOptions {
  /** For its standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Processes whose memory counts with that of what the line starts. */
  readonly servers?: readonly number[];
}

export interface ShellRun {
  readonly seconds: number;
  /** The most memory of all its processes together. */
  readonly peakMb: number | null;
}

/** Runs a line of shell in the stage's folder; throws when a part of it fails. */
export async function shell(stage: Stage, line: string, options: ShellOptions = {}): Promise<ShellRun> {
  const { input = '', env = {}, servers = [], ...user } = options;
  const startedAt = performance.now();
  // A pipeline fails when any part of it does; POSIX shells have no word for that, bash has.
  const child = stage.spawn('bash', ['-o', 'pipefail', '-ec', line], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...peerEnvironment(), ...env },
    ...user,
  });
  if (child.stdin === null || child.stderr === null) throw new Error('the shell has no input');
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(patienceMs) });
  using memory = new MemoryWatch(child.pid, servers);
  child.stdin.on('error', () => {}); // it ended without reading; its exit code and its words tell why
  child.stdin.end(input);
  const complaints = await text(child.stderr);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${complaints}`);
  return { seconds: (performance.now() - startedAt) / 1000, peakMb: memory.peakMb };
}
