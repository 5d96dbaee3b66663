import { once } from 'node:events';
import { join } from 'node:path';
import { patienceMs } from './plan.ts';
import type { Stage } from './stage.ts';

/** Starts bare-server.ts, which serves the files of the stage's folder. It ends with the stage. */
export async function startBareServer(stage: Stage): Promise<{ readonly url: string }> {
  const file = join(import.meta.dirname, 'bare-server.ts');
  const child = stage.spawn(process.execPath, [file, stage.folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('the bare server has no output');
  const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(patienceMs) });
  return { url: String(line).trim() };
}
