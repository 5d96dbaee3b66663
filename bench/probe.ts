/** Small requests at a steady pace, while something else goes on. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RequestText } from './connection.ts';
import { type Figure, quantile } from './figures.ts';
import type { ProbeTask } from './probe-thread.ts';

/** Both servers in turn: each is asked a hundred times a second. */
const everyMs = 5;

/** Milliseconds of each answer. */
export interface Answered {
  readonly own: readonly number[];
  readonly bare: readonly number[];
}

export interface ProbeTargets {
  readonly request: RequestText;
  readonly server: { readonly url: string; readonly token: string };
  readonly bareUrl: string;
}

/** Sends the request to Annals and to the bare server until it is told to stop. */
export async function startProbe({ request, server, bareUrl }: ProbeTargets): Promise<{ stop(): Promise<Answered> }> {
  const targets = [
    { ...request, url: server.url, token: server.token },
    { ...request, url: bareUrl },
  ];
  const task: ProbeTask = { targets, everyMs };
  const worker = new Worker(new URL('./probe-thread.ts', import.meta.url), { workerData: task });
  await once(worker, 'message'); // rejects when the thread fails
  return {
    stop: async () => {
      worker.postMessage('stop');
      const [[own, bare]] = await once(worker, 'message');
      await worker.terminate();
      return { own, bare };
    },
  };
}

/** The middle, the slow ones and the slowest of each run. */
export function timesOf(runs: readonly Answered[]): [p50: Figure, p99: Figure, longest: Figure] {
  const figure = (what: string, of: (times: readonly number[]) => number): Figure => ({
    what,
    unit: 'ms',
    values: runs.map(({ own }) => of(own)),
    references: [{ what: 'node:http at the same time', values: runs.map(({ bare }) => of(bare)) }],
  });
  return [
    figure('p50', (times) => quantile(times, 0.5)),
    figure('p99', (times) => quantile(times, 0.99)),
    figure('longest', (times) => Math.max(...times)),
  ];
}
