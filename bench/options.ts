/** What is asked for on the command line. */
import { parseArgs } from 'node:util';
import { full, type Plan, quick, wholeGrowth } from './plan.ts';

export interface Options {
  readonly plan: Plan;
  /** Names of sections; null: all. */
  readonly only: readonly string[] | null;
  readonly publishes: boolean;
}

const helpOf = (names: readonly string[]): string => `Measures Annals on this machine. See bench/README.md.

  npm run bench                       1,000,000 entries, under 25 minutes
  npm run bench -- --quick            100,000 entries, fewer runs, under two minutes
  npm run bench -- --growth           with a log that grows to 10,000,000 entries: ten minutes more, 8 GB of disk
  npm run bench -- --only NAME,NAME   some sections: ${names.join(', ')}
  npm run bench -- --publish          writes bench/results too, to be committed

Prints tables, and writes bench/out/results.json and the charts. Other programs to compare with are fetched first, into
bench/.peers and bench/peers/node_modules; what cannot be had is named.
`;

/** Null when only help was asked for, which is then printed. */
export function optionsOf(args: readonly string[], names: readonly string[]): Options | null {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      growth: flag,
      publish: flag,
      only: { type: 'string', multiple: true },
      help: { ...flag, short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(helpOf(names));
    return null;
  }
  const only = values.only?.flatMap((list) => list.split(',')) ?? null;
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`there is no section ${unknown}; there are ${names.join(', ')}`);
  const plan = values.quick ? quick : full;
  return { plan: values.growth ? { ...plan, growth: wholeGrowth } : plan, only, publishes: values.publish };
}
