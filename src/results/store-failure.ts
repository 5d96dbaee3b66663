import { Failure } from '../audit/failure.ts';

/** What the operating system says when a store is full, broken or out of handles: later the same call may work. */
const storeIsDown = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT']);

export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** SERVICE_UNAVAILABLE for a store that is full or down; every other error stays what it is. */
export function storeFailure(error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof Failure || code === null || !storeIsDown.has(code)) return error;
  return new Failure('SERVICE_UNAVAILABLE', `The store of results is full or cannot be written (${code})`, {
    cause: error,
    retryAfterSeconds: 60,
  });
}

/** Runs one step of a store's work, so that its errors come out in the store's words. */
export async function inStoreWords<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw storeFailure(error);
  }
}
