/** What the program is put together from; `app.ts` makes it. */
import type { Logger } from 'pino';
import type { Access } from './access/access.ts';
import type { Config } from './config.ts';
import type { WatchedDatabase } from './database/database.ts';
import type { IdAllocator } from './database/ids.ts';
import type { Directory } from './directory/directory.ts';
import type { ExportJobs, Progress } from './export/jobs.ts';
import type { Intake } from './intake/intake.ts';
import type { Recorder } from './intake/recorder.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { ResultsStore } from './results/results.ts';
import type { Trail } from './trail/trail.ts';

export interface Parts {
  readonly config: Config;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly db: WatchedDatabase;
  readonly ids: IdAllocator;
  readonly directory: Directory;
  readonly access: Access;
  readonly ledger: Ledger;
  readonly results: ResultsStore;
  readonly jobs: ExportJobs;
  readonly recorder: Recorder;
  /** Tells what is done to Annals itself, in the log. */
  readonly trail: Trail;
  /** Reads streams of entries in a thread of its own. */
  readonly intake: Intake;
  /** Tells the workers that there is a new job. */
  readonly wakeWorkers: () => void;
  /** How far the run of a job is, if it runs in this process. */
  readonly progressOf: (jobId: string) => Progress | null;
}
