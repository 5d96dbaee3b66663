/** How much is measured, and how often. */
export interface Plan {
  readonly isQuick: boolean;
  /** Entries of one NDJSON stream and of one import. */
  readonly entries: number;
  /** What the log of the exports gets beyond that: a ZIP starts above 100,000 entries. */
  readonly moreEntries: number;
  /** Entries that arrive while the status call is timed. */
  readonly busyEntries: number;
  readonly intakeRuns: number;
  readonly importRuns: number;
  readonly realRuns: number;
  readonly exportRuns: number;
  /** Of a way that takes most of a minute each time; 0 leaves them out. */
  readonly slowRuns: number;
  readonly latencyRuns: number;
  /** How long single entries are sent, and how long the status call is timed where nothing else sets an end. */
  readonly steadyMs: number;
  /** Sizes of the files that are downloaded, and how long each is, again and again. */
  readonly downloadMegabytes: readonly number[];
  readonly downloadMs: number;
  readonly growth: {
    readonly portions: number;
    readonly entriesOfPortion: number;
    /** After which portions exports are measured. */
    readonly exportsAt: readonly number[];
  };
}

export const full: Plan = {
  isQuick: false,
  entries: 1_000_000,
  moreEntries: 0,
  busyEntries: 250_000,
  intakeRuns: 3,
  importRuns: 1,
  realRuns: 3,
  exportRuns: 3,
  slowRuns: 1,
  latencyRuns: 3,
  steadyMs: 5_000,
  downloadMegabytes: [15, 200],
  downloadMs: 1_000,
  growth: { portions: 2, entriesOfPortion: 1_000_000, exportsAt: [1, 2] },
};

export const quick: Plan = {
  isQuick: true,
  entries: 100_000,
  moreEntries: 20_000,
  busyEntries: 20_000,
  intakeRuns: 1,
  importRuns: 1,
  realRuns: 1,
  exportRuns: 2,
  slowRuns: 0,
  latencyRuns: 1,
  steadyMs: 1_000,
  downloadMegabytes: [15],
  downloadMs: 250,
  growth: { portions: 3, entriesOfPortion: 20_000, exportsAt: [1, 3] },
};

/** What `--growth` measures instead: takes some ten minutes and 8 GB of disk by itself. */
export const wholeGrowth: Plan['growth'] = { portions: 10, entriesOfPortion: 1_000_000, exportsAt: [1, 2, 5, 10] };

export const connections = 64;
/** Nothing that is waited for takes this long; if it does, it hangs. */
export const patienceMs = 600_000;
