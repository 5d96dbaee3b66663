import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** A second process at work on the same file: `rival.ts` with a task. */
export interface Rival extends Disposable {
  readonly process: ChildProcess;
  /** Resolves when it is ready for `start`. */
  readonly ready: Promise<void>;
  start(): void;
  /** What it says after `start`, so far. */
  readonly said: readonly unknown[];
  /** Its exit code once it has ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

export function rival(file: string, task: string): Rival {
  const child = fork(join(import.meta.dirname, 'rival.ts'), [file, task], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<number | null>();
  const said: unknown[] = [];
  child.on('message', (message: unknown) => {
    if (message === 'ready') ready.resolve();
    else said.push(message);
  });
  child.on('exit', (code) => {
    ready.reject(new Error(`the other process ended with ${code} before it was ready`));
    ended.resolve(code);
  });
  return {
    process: child,
    ready: ready.promise,
    start: () => child.send('start'),
    said,
    ended: ended.promise,
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

/** Starts all at the same moment, and gives what each has said when it has ended well. */
export async function runTogether(rivals: readonly Rival[]): Promise<unknown[]> {
  await Promise.all(rivals.map((one) => one.ready));
  for (const one of rivals) one.start();
  const codes = await Promise.all(rivals.map((one) => one.ended));
  if (codes.some((code) => code !== 0)) throw new Error(`the other processes ended with ${codes.join(', ')}`);
  return rivals.map((one) => one.said.at(-1));
}
