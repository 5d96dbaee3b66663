/** Everything that is measured, in this order. */
import { measureDownloads } from './downloads.ts';
import { measureFilters, measureWhole } from './export-sections.ts';
import type { Section } from './figures.ts';
import type { Ground } from './ground.ts';
import { measureGrowth } from './growth.ts';
import { measureGzipAnswers } from './gzip-answers.ts';
import { measureImports } from './imports.ts';
import { measureSingles, measureStreams } from './ingest.ts';
import { entryLoads, measureEntry, measureStatus, statusLoads } from './latency.ts';
import { measureCrowd } from './memory.ts';
import { measureRealEntries } from './real-entries.ts';
import { measureSealing } from './sealing.ts';

export interface Step {
  /** For `--only`; several steps may share one. */
  readonly name: string;
  readonly what: string;
  readonly measure: (ground: Ground) => Promise<Section>;
  /** Takes too long for `--quick`, unless it is asked for by its name. */
  readonly isLong?: true;
}

export const steps: readonly Step[] = [
  { name: 'stream', what: 'entries in: NDJSON streams', measure: measureStreams },
  { name: 'exports', what: 'exports', measure: measureWhole },
  { name: 'filters', what: 'filtered exports', measure: measureFilters },
  { name: 'memory', what: 'ten users at once', measure: measureCrowd },
  { name: 'gzip', what: 'a CSV as gzip', measure: measureGzipAnswers },
  ...statusLoads.map((load) => ({
    name: 'status',
    what: `the status call beside ${load.what}`,
    measure: (ground: Ground) => measureStatus(ground, load),
  })),
  ...entryLoads.map((load) => ({
    name: 'entry',
    what: `a single entry beside ${load.what}`,
    measure: (ground: Ground) => measureEntry(ground, load),
  })),
  { name: 'singles', what: 'entries in: single requests', measure: measureSingles },
  { name: 'sealing', what: 'sealing', measure: measureSealing },
  { name: 'downloads', what: 'downloads', measure: measureDownloads },
  { name: 'imports', what: 'entries in: imports', measure: measureImports, isLong: true },
  { name: 'real', what: 'real entries', measure: measureRealEntries, isLong: true },
  { name: 'growth', what: 'growth of the log', measure: measureGrowth },
];
