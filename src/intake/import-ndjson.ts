import type { EntryInput } from '../audit/entry.ts';
import { parseEntryText } from '../audit/entry-text.ts';
import type { OrgZone } from '../audit/time.ts';
import type { IntakeDesk } from './desk.ts';
import { Gathering, KnownNames } from './gathering.ts';
import { type NumberedLine, ndjsonLines } from './ndjson.ts';
import { type Progress, recordBatches } from './record-batches.ts';
import { type Counts, type RejectedLine, Tally } from './tally.ts';

export interface NdjsonIntake {
  readonly desk: IntakeDesk;
  /** The organisation's. */
  readonly zone: OrgZone;
  readonly maxLineBytes: number;
  readonly maxRejected: number;
  /** How deep a line may nest; 32 levels unless set. */
  readonly maxDepth?: number;
  /**
   * Looks at a valid entry before it is recorded, may complete it, and may refuse it: an import gives ids that are made of
   * the content here.
   */
  readonly complete?: (entry: EntryInput, text: string) => EntryInput | Omit<RejectedLine, 'line'>;
  /** Is there more of the source to be had at once? Then lines are gathered to larger calls. Never, unless set. */
  readonly hasMore?: () => boolean;
  /** Called as lines become durable, with the counts so far. */
  readonly onProgress?: (progress: Progress) => void;
}

/** As many as make two full commits, so that one gathers while the other is stored; 16 MiB at most. */
const gatheringsInFlight = 16;

/**
 * Records a stream of NDJSON, line by line: a bad line is reported and does not sink its neighbours. Reads no faster than
 * the ledger writes. Throws LIMIT_EXCEEDED at more than `maxRejected` bad lines, what the source throws, and what the
 * desk throws; what was recorded until then stays.
 */
export async function importNdjson(source: AsyncIterable<Uint8Array>, intake: NdjsonIntake): Promise<Counts> {
  const tally = new Tally(intake.maxRejected);
  // One after the other to the desk, in the order of the lines; what the ledger does with them overlaps.
  let turn = Promise.resolve();
  await recordBatches(tally, {
    batches: gatherings(source, intake, tally),
    inFlight: gatheringsInFlight,
    record: async (gathering: Gathering) => {
      const before = turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      turn = promise;
      await before;
      try {
        return await gathering.record(intake.desk, resolve);
      } finally {
        resolve();
      }
    },
    ...(intake.onProgress !== undefined && { onProgress: intake.onProgress }),
  });
  return tally;
}

async function* gatherings(
  source: AsyncIterable<Uint8Array>,
  intake: NdjsonIntake,
  tally: Tally,
): AsyncGenerator<Gathering> {
  const known = new KnownNames();
  let gathering = new Gathering(intake.zone, known, { rows: 0, bytes: 0 });
  for await (const batch of ndjsonLines(source, { maxLineBytes: intake.maxLineBytes })) {
    for (const numbered of batch) {
      const read = readLine(numbered, intake);
      if ('action' in read) {
        gathering.add(read, numbered.line);
        continue;
      }
      tally.reject({ ...read, line: numbered.line });
      // What comes after the last line that is told of must not be recorded: a client resumes there.
      if (tally.isOverLimit) break;
    }
    if (tally.isOverLimit) break;
    if (!gathering.isFull && intake.hasMore?.() === true) continue;
    yield gathering;
    gathering = new Gathering(intake.zone, known, gathering.size);
  }
  yield gathering;
}

function readLine(numbered: NumberedLine, intake: NdjsonIntake): EntryInput | Omit<RejectedLine, 'line'> {
  if (numbered.text === null) {
    return numbered.problem === 'too long'
      ? { code: 'REQUEST_TOO_LARGE', message: `The line is longer than ${intake.maxLineBytes} bytes`, jsonPath: '$' }
      : { code: 'INVALID_DATA', message: 'The line is not UTF-8', jsonPath: '$' };
  }
  const parsed = parseEntryText(numbered.text, intake.zone, intake.maxDepth);
  if (!parsed.ok) return parsed.problem;
  return intake.complete === undefined ? parsed.entry : intake.complete(parsed.entry, numbered.text);
}
