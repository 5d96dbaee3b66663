/** The server of a peer. It rests while it is not asked: what it does for itself would be taken from the others. */
import type { ChildProcess } from 'node:child_process';
import { processTree } from '../process-usage.ts';

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #pid: number;

  /** Started by `Stage.spawn`, so the leader of a process group; it ends with the stage. */
  constructor(child: ChildProcess) {
    if (child.pid === undefined) throw new Error('the server of a peer did not start');
    this.#child = child;
    this.#pid = child.pid;
  }

  get pids(): number[] {
    return processTree(this.#pid);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  pause(): void {
    process.kill(-this.#pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(-this.#pid, 'SIGCONT');
  }
}
