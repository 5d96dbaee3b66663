/** Why an export failed, for the one who waits for it, and what they can do; the server's log has the rest. */
import { Failure } from '../audit/failure.ts';
import { ThreadEnded } from './export-thread.ts';

export const failureKinds = ['store', 'memory', 'abandoned', 'internal'] as const;
export type FailureKind = (typeof failureKinds)[number];

/** A try that did not work. */
export interface FailedTry {
  readonly kind: FailureKind;
  /** In words for the job's owner. */
  readonly reason: string;
}

const advice = {
  store:
    'Ask whoever runs the server to make room on its disk, or to start the part that is down. Then export again: ' +
    'nothing was lost.',
  memory: 'Export a shorter time, or ask whoever runs the server to give it more memory.',
  abandoned:
    'The server may have been stopped or restarted. Export again; if that fails as well, export a shorter time, and tell ' +
    "whoever runs the server the export's number.",
  internal:
    "Export again. If that fails as well, tell whoever runs the server the export's number: its log says what happened.",
} as const satisfies Record<FailureKind, string>;

export function adviceFor(kind: FailureKind | null): string {
  return advice[kind ?? 'internal'];
}

export function isStoreDown(error: unknown): boolean {
  return error instanceof Failure && error.code === 'SERVICE_UNAVAILABLE';
}

export function failedTry(error: unknown, attempts: number): FailedTry {
  const after = `After ${attempts === 1 ? 'one try' : `${attempts} tries`}: `;
  if (isStoreDown(error)) {
    return { kind: 'store', reason: `${after}the disk, or another part of the service, was full or down` };
  }
  if (error instanceof ThreadEnded && error.ranOutOfMemory) {
    return { kind: 'memory', reason: `${after}the export ran out of memory` };
  }
  return { kind: 'internal', reason: `${after}an internal error, which the server's log has under the job's id` };
}

/** Of a job that was started as often as it may be, and whose runs vanished. */
export function abandoned(attempts: number): FailedTry {
  const reason = `The export was started ${attempts} times, and each time what ran it ended before it was done`;
  return { kind: 'abandoned', reason };
}
