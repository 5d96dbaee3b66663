/**
 * Sends two servers in turn the same small request at a fixed pace, whether or not the one before was answered, and keeps
 * how long each answer took. In a thread of its own, so that what else the bench does is not in the times.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Connection, type RequestText, requestBytes } from './connection.ts';

export interface ProbeTask {
  readonly targets: readonly (RequestText & { readonly url: string })[];
  readonly everyMs: number;
}

const task: ProbeTask = workerData; // from probe.ts, which alone starts it
const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

const targets = task.targets.map(({ url, ...request }) => ({
  url,
  bytes: requestBytes(request),
  free: [] as Connection[],
  latenciesMs: [] as number[],
}));
const asked = new Set<Promise<void>>();
const problems: unknown[] = [];
let turn = 0;
for (const target of targets) target.free.push(await Connection.open(target.url));

const timer = setInterval(() => {
  const target = targets[turn++ % targets.length];
  if (target === undefined) return;
  const asking = ask(target)
    .catch((error: unknown) => {
      problems.push(error);
    })
    .finally(() => asked.delete(asking));
  asked.add(asking);
}, task.everyMs);

async function ask(target: (typeof targets)[number]): Promise<void> {
  const askedAt = performance.now();
  target.free = target.free.filter((free) => free.isOpen);
  const connection = target.free.pop() ?? (await Connection.open(target.url));
  const { status, body } = await connection.request(target.bytes);
  target.latenciesMs.push(performance.now() - askedAt);
  target.free.push(connection);
  if (status !== 200) throw new Error(`HTTP ${status}: ${body}`);
}

port.once('message', () => {
  clearInterval(timer);
  void Promise.all(asked).then(() => {
    for (const connection of targets.flatMap(({ free }) => free)) connection[Symbol.dispose]();
    if (problems.length > 0) throw problems[0];
    port.postMessage(targets.map(({ latenciesMs }) => latenciesMs));
  });
});
port.postMessage('ready');
