/** The temporary folder of a bench, and every process that it starts: both are gone when it ends, however it ends. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'annals-bench-')));
  }

  /** Of the processes that run now. */
  get pids(): number[] {
    return [...this.#children].flatMap((child) => child.pid ?? []);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Another user may then reach what lies in the folder under a name that is known, and belongs to that user. */
  letOthersThrough(): void {
    chmodSync(this.folder, 0o711);
  }

  async remove(...names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.path(name), { recursive: true, force: true });
  }

  /** In a process group of its own, so that a pipeline ends as a whole. Works in the folder. */
  spawn(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = spawn(file, args, { cwd: this.folder, ...options, detached: true });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }

  /** What lies in the folder is of no use to anyone, so nothing needs to be stopped in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map(kill));
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // It has ended just now, and the event is on its way.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  await ended;
}
