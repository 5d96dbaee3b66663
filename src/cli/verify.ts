import type { Command } from 'commander';
import { Failure } from '../audit/failure.ts';
import type { LedgerProblem, Verification } from '../ledger/ledger.ts';
import { openInstallation } from './installation.ts';
import { type DataOptions, withData, withJson } from './options.ts';
import { withProgress } from './progress.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface VerifyFlags extends DataOptions {
  readonly json?: true;
}

/** Beyond these they are counted, not told one by one: a broken disk would tell of millions. */
const toldProblems = 100;

export function addVerify(program: Command, terminal: Terminal): void {
  const command = program
    .command('verify')
    .summary('check every entry')
    .description(
      'Reads the whole log and holds every entry against the hash that was stored with it, its columns against its line, ' +
        'the number of entries against the number that arrived, and every sealed block against its entries. A block that ' +
        'is wrong is dropped and made anew; the entries are left as they are. Works beside a running server.',
    )
    .addHelpText(
      'after',
      `
Examples:
  annals verify
  annals verify --json

The exit code is 1 when something is wrong.`,
    )
    .action((flags: VerifyFlags) => runVerify(terminal, flags));
  withJson(withData(command), 'what was found');
}

async function runVerify(terminal: Terminal, flags: VerifyFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const told: LedgerProblem[] = [];
  const found = await withProgress(terminal, { task: 'Verifying', total: null }, (progress) =>
    parts.ledger.verify({
      onProblem: (problem) => {
        if (told.length < toldProblems) told.push(problem);
      },
      onProgress: (entries, total) => progress.update(entries, entries, total),
      signal: terminal.interrupted,
    }),
  );
  if (flags.json) {
    const problems = told.map(({ org, key, message }) => ({ org, ...wireKey(key), message }));
    const { organisations, entries, withoutHash, sealed } = found;
    const counts = { organisations, entries, without_hash: withoutHash, sealed, problem_count: found.problems };
    printJson(terminal, { ...counts, problems });
  } else {
    for (const problem of told) print(terminal, wordsOf(problem));
    print(terminal, summaryOf(found));
  }
  if (found.problems > 0) throw new Failure('INTERNAL_ERROR', `${counted(found.problems, 'problem')} in the log`);
}

function wireKey(key: LedgerProblem['key']): { entry_id: string | null; audited_time: string | null } {
  if (key === null) return { entry_id: null, audited_time: null };
  return { entry_id: String(key.id), audited_time: new Date(key.time * 1000).toISOString() };
}

function wordsOf({ org, key, message }: LedgerProblem): string {
  const where = key === null ? '' : `, entry ${key.id} of ${new Date(key.time * 1000).toISOString()}`;
  return `organisation ${org}${where}: ${message}`;
}

function summaryOf({ organisations, entries, withoutHash, sealed, problems }: Verification): string {
  const parts = [
    `${counted(entries, 'entry', 'entries')} of ${counted(organisations, 'organisation')} read`,
    `${sealed.toLocaleString('en')} of them in sealed blocks that agree with them`,
    ...(withoutHash > 0 ? [`${withoutHash.toLocaleString('en')} from before there were hashes`] : []),
    problems === 0 ? 'nothing is wrong' : `${counted(problems, 'thing')} wrong`,
  ];
  return `${parts.join(', ')}.`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
