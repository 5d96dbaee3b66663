import type { RecordOutcome } from './recorder.ts';
import type { Counts, Tally } from './tally.ts';

/** Some of what the recorder takes, and the line that each stood in. */
export interface Batch<Item> {
  readonly items: readonly Item[];
  readonly lines: readonly number[];
}

export type Progress = Pick<Counts, 'accepted' | 'duplicates'>;

export interface BatchRecording<Some extends Pick<Batch<unknown>, 'lines'>> {
  readonly batches: AsyncIterable<Some>;
  /** One outcome for each of the batch's lines. */
  readonly record: (batch: Some) => Promise<readonly RecordOutcome[]>;
  /** Batches that are on their way at once; 4 unless set. */
  readonly inFlight?: number;
  /** Called as batches become durable, with the counts so far. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Batches that are on their way to the disk while the next is read: enough to keep both busy, and the memory bounded. */
const batchesInFlight = 4;

/**
 * Records batches as they come and puts what became of them into the tally. Whatever happens, it waits for those that are
 * on their way; then throws what the source or the recorder threw, or LIMIT_EXCEEDED when the tally is over its limit.
 */
export async function recordBatches<Some extends Pick<Batch<unknown>, 'lines'>>(
  tally: Tally,
  recording: BatchRecording<Some>,
): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const problems: unknown[] = [];
  try {
    for await (const batch of recording.batches) {
      const tracked = recordBatch(tally, recording, batch)
        .catch((error: unknown) => {
          problems.push(error);
        })
        .finally(() => inFlight.delete(tracked));
      inFlight.add(tracked);
      if (inFlight.size >= (recording.inFlight ?? batchesInFlight)) await Promise.race(inFlight);
      if (problems.length > 0 || tally.isOverLimit) break;
    }
  } finally {
    await Promise.all(inFlight);
  }
  if (problems.length > 0) throw problems[0];
  tally.check();
}

async function recordBatch<Some extends Pick<Batch<unknown>, 'lines'>>(
  tally: Tally,
  recording: BatchRecording<Some>,
  batch: Some,
): Promise<void> {
  if (batch.lines.length === 0) return;
  tally.add(await recording.record(batch), batch.lines);
  recording.onProgress?.(tally);
}
