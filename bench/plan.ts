/** How much is measured, and how often. */
import { parseArgs } from 'node:util';

export interface Plan {
  readonly isQuick: boolean;
  /** Entries of one NDJSON stream and of one import. */
  readonly entries: number;
  /** What the log of the exports gets beyond that: a ZIP starts above 100,000 entries. */
  readonly moreEntries: number;
  /** Entries that arrive while the status call is timed. */
  readonly busyEntries: number;
  readonly intakeRuns: number;
  readonly realRuns: number;
  readonly exportRuns: number;
  readonly latencyRuns: number;
  /** How long single entries are sent, and how long the status call is timed where nothing else sets an end. */
  readonly steadyMs: number;
  /** A file is downloaded again and again until this many bytes have come. */
  readonly downloadBytes: number;
}

const full: Plan = {
  isQuick: false,
  entries: 1_000_000,
  moreEntries: 0,
  busyEntries: 250_000,
  intakeRuns: 3,
  realRuns: 3,
  exportRuns: 5,
  latencyRuns: 3,
  steadyMs: 5_000,
  downloadBytes: 500_000_000,
};

const quick: Plan = {
  isQuick: true,
  entries: 100_000,
  moreEntries: 100_000,
  busyEntries: 20_000,
  intakeRuns: 2,
  realRuns: 1,
  exportRuns: 3,
  latencyRuns: 2,
  steadyMs: 1_500,
  downloadBytes: 100_000_000,
};

export const connections = 64;
export const memoryLimitMb = 300;
export const statusLimitMs = 50;
/** Nothing that is waited for takes this long; if it does, it hangs. */
export const patienceMs = 600_000;

const help = `Measures Annals on this machine. See bench/README.md.

  npm run bench              1,000,000 entries
  npm run bench -- --quick   100,000 entries, fewer runs, under two minutes

Prints a table, and writes bench/out/results.json.
`;

/** Null when only help was asked for, which is then printed. */
export function planOf(args: readonly string[]): Plan | null {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    return null;
  }
  return values.quick ? quick : full;
}
