import { type Command, Option } from 'commander';
import type { OpenParts } from '../app.ts';
import { Failure } from '../audit/failure.ts';
import { isTimeZone, OrgZone } from '../audit/time.ts';
import { compileDatePattern, datePatternLetters } from '../intake/date-pattern.ts';
import { type ImportReport, type Intake, importInput } from '../intake/import-file.ts';
import { type Input, streamInput } from '../intake/input.ts';
import { moduleNamesOf } from '../intake/module-names.ts';
import { openInput } from '../intake/open-input.ts';
import { RepeatIds } from '../intake/repeats.ts';
import { wireRejected } from '../intake/tally.ts';
import { type ChosenOrganisation, chosenOrganisation, openInstallation } from './installation.ts';
import { byteSize, type OrgOptions, withJson, withOrg } from './options.ts';
import { withProgress } from './progress.ts';
import { note, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface ImportFlags extends OrgOptions {
  readonly dateFormat?: string;
  readonly timeZone?: string;
  readonly parts?: true;
  readonly live?: true;
  readonly maxUnpacked: number;
  readonly json?: true;
}

const shownRejections = 10;

export function addImport(program: Command, terminal: Terminal): void {
  const command = program
    .command('import')
    .summary('load exported files or NDJSON')
    .description(
      'Loads entries: CSV exported by Zoho CRM (columns are looked up by name), CSV exported by Annals (kept byte for byte), NDJSON as POST /api/v1/entries takes it, and ZIP or gzip files of these. What a file is, is seen from its beginning. It can be repeated: what is there already is left alone.',
    )
    .argument('<files...>', 'the files; - is standard input')
    .option('--date-format <pattern>', 'how the times of a foreign CSV are written, if not as ISO 8601')
    .option('--time-zone <zone>', 'the zone of times that come without an offset, such as Asia/Kolkata')
    .option('--parts', 'the files are parts of one export: an equal line in another file is another entry')
    .option('--live', 'an NDJSON line without audited_time is of now (and new each time it is imported)')
    .addOption(
      new Option('--max-unpacked <size>', 'what one packed file may unpack to, in bytes or as 500M')
        .argParser(byteSize)
        .default(20 * 2 ** 30, '20G'),
    )
    .addHelpText('after', helpText())
    .action((files: string[], flags: ImportFlags) => runImport(terminal, files, flags));
  withJson(withOrg(command), 'the summary');
}

function helpText(): string {
  const letters = datePatternLetters.map(([letter, meaning]) => `  ${letter.padEnd(10)} ${meaning}`).join('\n');
  return `
Dates: a pattern for --date-format is made of
${letters}
A time that the clock showed twice, when it was put back, is read as the first of the two.

Equal lines: Zoho's times have minutes only, so equal lines of a file are entries of their own, told apart by how many
came before. Each FILE is counted by itself (all CSVs of a ZIP together), so files that overlap do no harm; the parts of
one export, in which equal lines may be torn apart, are imported together with --parts.
A line without a user or a module gets "(none)".

Examples:
  annals import AuditLog.zip
  annals import --date-format "MM/dd/yyyy hh:mm a" --time-zone America/New_York zoho-2025.csv
  zcat entries.ndjson.gz | annals import -`;
}

async function runImport(terminal: Terminal, files: readonly string[], flags: ImportFlags): Promise<void> {
  const pattern = flags.dateFormat === undefined ? null : compileDatePattern(flags.dateFormat);
  if (flags.timeZone !== undefined && !isTimeZone(flags.timeZone)) {
    throw new UsageError('--time-zone is not a time zone such as Asia/Kolkata or UTC');
  }
  if (new Set(files).size < files.length) throw new UsageError('a file is named twice');
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  using ids = new RepeatIds();
  const zone = flags.timeZone === undefined ? null : new OrgZone(flags.timeZone);
  const intake = await intakeOf(parts, organisation, { ids, times: { pattern, zone }, isLive: flags.live === true });
  const reports: ImportReport[] = [];
  for (const path of files) {
    if (flags.parts !== true) ids.restart();
    await using input =
      path === '-' ? streamInput('standard input', terminal.stdin) : await openInput(path, flagsLimit(flags));
    await importOne(terminal, input, intake, (report) => {
      reports.push(report);
      if (!flags.json) tell(terminal, report);
    });
  }
  if (flags.json) printJson(terminal, summaryOf(reports));
  const rejected = sum(reports, (report) => report.rejected.length);
  if (rejected > 0)
    throw new Failure('INVALID_DATA', `${rejected} lines were not recorded; mend them and import again`);
}

function flagsLimit(flags: ImportFlags): { readonly maxUnpackedBytes: number } {
  return { maxUnpackedBytes: flags.maxUnpacked };
}

async function intakeOf(
  parts: OpenParts,
  organisation: ChosenOrganisation,
  settings: Pick<Intake, 'ids' | 'times' | 'isLive'>,
): Promise<Intake> {
  return {
    ...settings,
    recorder: parts.recorder,
    org: organisation,
    client: 'annals import',
    moduleNames: moduleNamesOf(await parts.directory.modules(organisation.zgid)),
    maxLineBytes: parts.config.limits.ndjsonLineBytes,
    maxRejected: parts.config.limits.rejectedLines,
    maxDepth: parts.config.limits.jsonDepth,
  };
}

async function importOne(
  terminal: Terminal,
  input: Input,
  intake: Intake,
  onReport: (report: ImportReport) => void,
): Promise<void> {
  await withProgress(terminal, { task: 'Importing', total: input.totalBytes }, async (progress) => {
    let before = 0;
    const told: ImportReport[] = [];
    const watched: Intake = {
      ...intake,
      signal: terminal.interrupted,
      onProgress: ({ accepted, duplicates }) => progress.update(input.bytesRead(), before + accepted + duplicates),
    };
    for await (const report of importInput(input, watched)) {
      before += report.accepted + report.duplicates;
      told.push(report);
    }
    progress.stop();
    for (const report of told) onReport(report);
  });
}

function tell(terminal: Terminal, report: ImportReport): void {
  const { name, kind, accepted, duplicates, rejected } = report;
  const counts = [`${accepted} new`, `${duplicates} there already`, `${rejected.length} not recorded`];
  note(terminal, `${name} (${kind}): ${counts.join(', ')}`);
  for (const text of report.notes) note(terminal, `  ${text}`);
  for (const { line, message, jsonPath } of rejected.slice(0, shownRejections)) {
    note(terminal, `  line ${line}: ${message}${jsonPath === '$' ? '' : ` (${jsonPath})`}`);
  }
  const more = rejected.length - shownRejections;
  if (more > 0) note(terminal, `  … and ${more} more; --json lists them all`);
}

function summaryOf(reports: readonly ImportReport[]): object {
  return {
    accepted: sum(reports, (report) => report.accepted),
    duplicates: sum(reports, (report) => report.duplicates),
    files: reports.map(({ rejected, ...report }) => ({ ...report, rejected: wireRejected(rejected) })),
  };
}

function sum(reports: readonly ImportReport[], value: (report: ImportReport) => number): number {
  return reports.reduce((total, report) => total + value(report), 0);
}
