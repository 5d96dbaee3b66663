import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test, removed at the end of the scope. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'annals-database-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A second process at work on the same file: `rival.ts` with a task. */
export interface Rival {
  /** Resolves when it is ready for `start`. */
  readonly ready: Promise<void>;
  start(): void;
  /** What it reports at the end; rejects with its error. */
  readonly result: Promise<unknown>;
}

export function rival(file: string, task: string): Rival {
  const child = fork(join(import.meta.dirname, 'rival.ts'), [file, task], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const ready = Promise.withResolvers<void>();
  const result = Promise.withResolvers<unknown>();
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.on('message', (message: unknown) => {
    if (message === 'ready') ready.resolve();
    else result.resolve(message);
  });
  child.on('exit', (code) => {
    const error = new Error(`the other process ended with ${code}: ${errors}`);
    // Without effect on what has been settled already.
    ready.reject(error);
    result.reject(error);
  });
  result.promise.catch(() => undefined);
  return { ready: ready.promise, result: result.promise, start: () => child.send('start') };
}
