import { readFile } from 'node:fs/promises';
import type { Download } from 'playwright-core';

/** What the browser has saved; throws with its reason when it could not. */
export async function savedBytes(download: Download): Promise<Uint8Array> {
  const failure = await download.failure();
  if (failure !== null) throw new Error(`the download failed: ${failure}`);
  return readFile(await download.path());
}
