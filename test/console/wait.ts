import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from './browser.ts';

/** Asks again and again; throws when it has not come true for long. */
export async function waitUntil(condition: () => Promise<boolean>, what = 'what was waited for'): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} has not come true within ${patienceMs / 1000} s`);
    await pause(20);
  }
}
