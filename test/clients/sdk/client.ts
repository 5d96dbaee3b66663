/** The test's side of an SDK's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnvironment } from '../environment.ts';
import type { ActionItem, JobView, SdkAnswer, SdkCall, SdkObject, SdkReply, SdkSetup } from './protocol.ts';

export class SdkClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #printed: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => this.#printed.push(part));
    }
  }

  /** `env` is added to the process's environment: a certificate to trust, a time zone. */
  static async start(setup: SdkSetup, env: Readonly<Record<string, string>> = {}): Promise<SdkClient> {
    await mkdir(setup.folder, { recursive: true });
    const child = fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(setup)], {
      cwd: setup.folder,
      env: cleanEnvironment(env),
      execArgv: [],
      serialization: 'advanced',
      silent: true,
    });
    await once(child, 'spawn');
    return new SdkClient(child);
  }

  /** One call at a time. Throws what the SDK threw. */
  async call(call: SdkCall): Promise<SdkAnswer> {
    const stop = new AbortController();
    const ended = once(this.#child, 'exit', stop).then(([status]) => {
      throw new Error(`the SDK's process ended with ${status}:\n${this.#printed.join('')}`);
    });
    const answered = once(this.#child, 'message', stop);
    this.#child.send(call);
    try {
      const [reply]: SdkReply[] = await Promise.race([answered, ended]);
      if (reply === undefined) throw new Error('the SDK answered nothing');
      if ('thrown' in reply) throw new Error(reply.thrown);
      return reply.answer;
    } finally {
      stop.abort();
      await Promise.allSettled([answered, ended]);
    }
  }

  /** Schedules an export; its id. Throws when anything but one success comes back. */
  async schedule(exports: (SdkCall & { method: 'create' })['exports']): Promise<string> {
    const { object } = await this.call({ method: 'create', exports });
    const item = onlyItem(object);
    if (item.class !== 'SuccessResponse') throw new Error(`refused: ${JSON.stringify(item)}`);
    return String(item.details.id);
  }

  async job(id: string): Promise<JobView> {
    const { object } = await this.call({ method: 'get', id });
    if (object.class !== 'ResponseWrapper') throw new Error(`no job: ${JSON.stringify(object)}`);
    const [job] = object.jobs;
    if (job === undefined || object.jobs.length > 1) throw new Error(`${object.jobs.length} jobs instead of one`);
    return job;
  }

  /** Polls until the job is over, as an application would. */
  async finished(id: string): Promise<JobView> {
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      const job = await this.job(id);
      if (job.status === 'finished') return job;
      if (job.status === 'failed') throw new Error(`export ${id} failed`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`export ${id} is not finished after two minutes`);
  }

  async download(link: string): Promise<SdkObject & { class: 'FileBodyWrapper' }> {
    const { object } = await this.call({ method: 'download', link });
    if (object.class !== 'FileBodyWrapper') throw new Error(`no file: ${JSON.stringify(object)}`);
    return object;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

export function onlyItem(object: SdkObject): ActionItem {
  if (object.class !== 'ActionWrapper') throw new Error(`not wrapped: ${JSON.stringify(object)}`);
  const [item] = object.items;
  if (item === undefined || object.items.length > 1) throw new Error(`${object.items.length} items instead of one`);
  return item;
}
