import type { Command } from 'commander';
import { Failure } from '../audit/failure.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import { generate } from '../intake/generate.ts';
import { chosenOrganisation, openInstallation } from './installation.ts';
import { type OrgOptions, wholeNumber, withJson, withOrg } from './options.ts';
import { withProgress } from './progress.ts';
import { note, printJson, type Terminal } from './terminal.ts';

interface GenerateFlags extends OrgOptions {
  readonly entries: number;
  readonly seed: string;
  readonly until?: string;
  readonly json?: true;
}

export function addGenerate(program: Command, terminal: Terminal): void {
  const command = program
    .command('generate')
    .summary('add sample entries')
    .description(
      'Adds sample entries: about a hundred people, eleven modules, spread over the 170 days before --until. The same ' +
        'seed and --until give the same entries in every fresh folder. Repeated, it goes on with new ones.',
    )
    .requiredOption('--entries <n>', 'how many', wholeNumber)
    .option('--seed <text>', 'what the entries are made from', '1')
    .option('--until <time>', 'all entries are older than this (default: the start of today)')
    .addHelpText(
      'after',
      `
Examples:
  annals generate --entries 250000
  annals generate --entries 1000 --seed test --until 2026-07-01 --json`,
    )
    .action((flags: GenerateFlags) => runGenerate(terminal, flags));
  withJson(withOrg(command), 'what was added');
}

async function runGenerate(terminal: Terminal, flags: GenerateFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const until = untilOf(flags.until, organisation.zone, parts.clock());
  const { run } = await withProgress(terminal, { task: 'Generating', total: flags.entries }, (progress) =>
    generate(
      {
        recorder: parts.recorder,
        ledger: parts.ledger,
        org: organisation,
        client: 'annals generate',
        onProgress: ({ accepted }) => progress.update(accepted, accepted),
        signal: terminal.interrupted,
      },
      { entries: flags.entries, seed: flags.seed, until },
    ),
  );
  if (flags.json) {
    printJson(terminal, { entries: flags.entries, run: run + 1, until: organisation.zone.format(until) });
    return;
  }
  const again = run === 0 ? '' : `, repetition ${run} of this seed`;
  note(terminal, `Added ${flags.entries} entries until ${organisation.zone.format(until)}${again}.`);
}

function untilOf(text: string | undefined, zone: OrgZone, nowMs: number): number {
  const wanted = text ?? zone.format(Math.floor(nowMs / 1000)).slice(0, 10);
  const until = parseTime(wanted, zone, 'start');
  if (until === null)
    throw new Failure('INVALID_DATA', '--until is not a time such as 2026-07-01 or 2026-07-01T12:00:00Z');
  return until;
}
