import { Failure } from '../audit/failure.ts';
import { ThreadEnded } from './export-thread.ts';

export function isStoreDown(error: unknown): boolean {
  return error instanceof Failure && error.code === 'SERVICE_UNAVAILABLE';
}

/** Why an export failed, for the one who waits for it; the server's log has the rest. */
export function reasonInWords(error: unknown, attempts: number): string {
  const times = attempts === 1 ? 'one try' : `${attempts} tries`;
  if (isStoreDown(error)) return `After ${times}: the disk, or another part of the service, was full or down`;
  if (error instanceof ThreadEnded && error.ranOutOfMemory) return `After ${times}: the export ran out of memory`;
  return `After ${times}: an internal error, which the server's log has under the job's id`;
}
