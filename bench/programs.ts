/** Other programs, for comparison: those that are there are used, the others are named. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { patienceMs } from './plan.ts';
import type { Stage } from './stage.ts';

/** The first of the programs that this machine does not have. */
export function missingProgram(names: readonly string[]): string | null {
  return names.find((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status !== 0) ?? null;
}

/** Runs a line of shell in the stage's folder, with `input` on its standard input; answers how many seconds it took. */
export async function shell(stage: Stage, line: string, input = ''): Promise<number> {
  const startedAt = performance.now();
  const child = stage.spawn('sh', ['-ec', line], { stdio: ['pipe', 'ignore', 'pipe'] });
  if (child.stdin === null || child.stderr === null) throw new Error('the shell has no input');
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(patienceMs) });
  child.stdin.end(input);
  const complaints = await text(child.stderr);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${complaints}`);
  return (performance.now() - startedAt) / 1000;
}
