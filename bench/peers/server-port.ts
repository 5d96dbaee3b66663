/** What is needed to start a server that somebody else wrote. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

const triesEveryMs = 100;
const maxTries = 100;

/** For a server that takes no port 0. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // as it is for a port
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Waits until the server answers, which it does when `ask` does not throw. */
export async function untilUp(name: string, server: ServerProcess, ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (server.hasEnded || tries === maxTries) throw new Error(`${name} did not start`, { cause: error });
      await wait(triesEveryMs);
    }
  }
}
