import { type EntryInput, parseEntry } from '../audit/entry.ts';
import { Failure } from '../audit/failure.ts';
import { parseJson } from '../audit/json.ts';
import { type NumberedLine, ndjsonLines } from './ndjson.ts';
import { type Batch, type Progress, recordBatches } from './record-batches.ts';
import type { Recorder, RecordingOrg } from './recorder.ts';
import { type Counts, type RejectedLine, Tally } from './tally.ts';

export interface NdjsonIntake {
  readonly recorder: Pick<Recorder, 'record'>;
  readonly org: RecordingOrg;
  readonly client: string;
  readonly maxLineBytes: number;
  readonly maxRejected: number;
  /** How deep a line may nest; 32 levels unless set. */
  readonly maxDepth?: number;
  /**
   * Looks at a valid entry before it is recorded, may complete it, and may refuse it: an import gives ids that are made of
   * the content here.
   */
  readonly complete?: (entry: EntryInput, text: string) => EntryInput | Omit<RejectedLine, 'line'>;
  /** Called as lines become durable, with the counts so far. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Records a stream of NDJSON, line by line: a bad line is reported and does not sink its neighbours. Reads no faster than
 * the ledger writes. Throws LIMIT_EXCEEDED at more than `maxRejected` bad lines, what the source throws, and what the
 * ledger throws; what was recorded until then stays.
 */
export async function importNdjson(source: AsyncIterable<Uint8Array>, intake: NdjsonIntake): Promise<Counts> {
  const tally = new Tally(intake.maxRejected);
  const options = { client: intake.client };
  await recordBatches(tally, {
    batches: entriesOf(source, intake, tally),
    record: (entries) => intake.recorder.record(intake.org, entries, options),
    ...(intake.onProgress !== undefined && { onProgress: intake.onProgress }),
  });
  return tally;
}

async function* entriesOf(
  source: AsyncIterable<Uint8Array>,
  intake: NdjsonIntake,
  tally: Tally,
): AsyncGenerator<Batch<EntryInput>> {
  for await (const batch of ndjsonLines(source, { maxLineBytes: intake.maxLineBytes })) {
    const items: EntryInput[] = [];
    const lines: number[] = [];
    for (const numbered of batch) {
      const read = readLine(numbered, intake);
      if ('action' in read) {
        items.push(read);
        lines.push(numbered.line);
      } else {
        tally.reject({ ...read, line: numbered.line });
        // What comes after the last line that is told of must not be recorded: a client resumes there.
        if (tally.isOverLimit) break;
      }
    }
    yield { items, lines };
    if (tally.isOverLimit) return;
  }
}

function readLine(numbered: NumberedLine, intake: NdjsonIntake): EntryInput | Omit<RejectedLine, 'line'> {
  if (numbered.text === null) {
    return numbered.problem === 'too long'
      ? { code: 'REQUEST_TOO_LARGE', message: `The line is longer than ${intake.maxLineBytes} bytes`, jsonPath: '$' }
      : { code: 'INVALID_DATA', message: 'The line is not UTF-8', jsonPath: '$' };
  }
  let value: unknown;
  try {
    value = parseJson(numbered.text, intake.maxDepth);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.code, message: error.message, jsonPath: '$' };
  }
  const parsed = parseEntry(value, intake.org.zone);
  if (!parsed.ok) return parsed.problem;
  return intake.complete === undefined ? parsed.entry : intake.complete(parsed.entry, numbered.text);
}
