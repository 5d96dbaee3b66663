import { basename, dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { OpenParts } from '../app.ts';
import { Failure } from '../audit/failure.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import { apiRules, type LayoutRules } from '../export/layout.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import { FileTarget, StdoutTarget } from './export-target.ts';
import { usersNamed } from './find-users.ts';
import { type ChosenOrganisation, chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { listOption, type OrgOptions, withJson, withOrg } from './options.ts';
import { withProgress } from './progress.ts';
import { note, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface ExportFlags extends OrgOptions {
  readonly from?: string;
  readonly to?: string;
  readonly action?: readonly string[];
  readonly user?: readonly string[];
  readonly module?: readonly string[];
  readonly as?: string;
  readonly output: string;
  readonly format?: 'csv' | 'zip';
  readonly json?: true;
}

export function addExport(program: Command, terminal: Terminal): void {
  const command = program
    .command('export')
    .summary('write entries to a CSV or ZIP file')
    .description(
      'Writes the same CSV lines as an export through the API, without a server and without a limit of range. A file holds ' +
        'up to 1,000,000 entries; what goes beyond follows in FILE_002, FILE_003 and so on.',
    )
    .requiredOption('-o, --output <file>', 'FILE.csv or FILE.zip; - is standard output (one CSV of any size)')
    .option('--from <time>', 'the earliest audited time, included; a date is its first second')
    .option('--to <time>', 'the latest audited time, included; a date is its last second')
    .addOption(listOption('--action <action>', 'only these: added, updated, deleted, or any other that was recorded'))
    .addOption(listOption('--user <user>', 'only entries of these users: id, e-mail address or full name'))
    .addOption(listOption('--module <api_name>', 'only these modules'))
    .option('--as <email>', 'only what this user may see')
    .addOption(new Option('--format <format>', 'for a FILE whose name does not tell').choices(['csv', 'zip']))
    .addHelpText(
      'after',
      `
Lists take values separated by commas, and may be repeated. Times without an offset are in the organisation's zone.

Examples:
  annals export -o AuditLog.csv --from 2026-01-01 --to 2026-03-31
  annals export -o deleted.zip --action deleted --module Leads,Contacts
  annals export -o - --user 554023000000799326 | head`,
    )
    .action((flags: ExportFlags) => runExport(terminal, flags));
  withJson(withOrg(command), 'what was written');
}

async function runExport(terminal: Terminal, flags: ExportFlags): Promise<void> {
  const isStdout = flags.output === '-';
  const format = isStdout ? stdoutFormat(flags) : formatOf(flags);
  if (isStdout && flags.json) throw new UsageError('--json and -o - both want standard output');
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const query = await queryOf(parts, organisation, flags);
  const rules = isStdout ? stdoutRules : { ...apiRules, format, name: nameOf(flags.output) };
  const target = isStdout ? new StdoutTarget(terminal) : new FileTarget(dirname(resolve(flags.output)));
  const outcome = await withProgress(terminal, { task: 'Exporting', total: null }, (progress) =>
    target.fill({
      parts,
      query,
      rules,
      signal: terminal.interrupted,
      onProgress: (rows, total) => progress.update(rows, rows, total),
    }),
  );
  if (isStdout) return;
  const files = outcome.files.map((file) => ({ ...file, path: join(dirname(flags.output), file.name) }));
  if (flags.json) {
    printJson(terminal, { entries: outcome.entries, files });
    return;
  }
  for (const { path, entries, bytes, sha256 } of files) {
    note(terminal, `${path}: ${entries} entries, ${bytes} bytes, SHA-256 ${sha256}`);
  }
}

const stdoutRules: LayoutRules = { ...apiRules, format: 'csv', rowsPerPart: Number.MAX_SAFE_INTEGER };

function stdoutFormat(flags: ExportFlags): 'csv' {
  if (flags.format === 'zip') throw new UsageError('standard output takes CSV only');
  return 'csv';
}

function formatOf(flags: ExportFlags): 'csv' | 'zip' {
  const extension = /\.(csv|zip)$/i.exec(flags.output)?.[1]?.toLowerCase();
  const format = flags.format ?? extension;
  if (format !== 'csv' && format !== 'zip') throw new UsageError('FILE must end in .csv or .zip, or give --format');
  if (extension !== undefined && format !== extension) {
    throw new UsageError(`FILE ends in .${extension}, and --format says ${format}`);
  }
  return format;
}

/** The part of the file name that the numbers of further parts are put behind. */
function nameOf(output: string): string {
  const name = basename(output).replace(/\.(csv|zip)$/i, '');
  if (name === '') throw new UsageError('FILE needs a name before .csv or .zip');
  return name;
}

/** The last second of 9999: no entry is younger. */
const endOfTime = 253_402_300_799 + 86_400;

async function queryOf(parts: OpenParts, organisation: ChosenOrganisation, flags: ExportFlags): Promise<LedgerQuery> {
  const org = organisation.zgid;
  return {
    org,
    from: timeOf('--from', flags.from, organisation.zone, 'start') ?? 0,
    to: timeOf('--to', flags.to, organisation.zone, 'end') ?? endOfTime,
    actions: flags.action?.map((action) => action.toLowerCase()) ?? null,
    modules: flags.module === undefined ? null : await knownModules(parts, org, flags.module),
    doneBy: flags.user === undefined ? null : await usersNamed(parts.directory, org, flags.user),
    visibleTo: flags.as === undefined ? null : await visibleTo(parts, organisation, flags.as),
    asOf: await parts.ledger.lastArrival(org),
  };
}

function timeOf(flag: string, text: string | undefined, zone: OrgZone, which: 'start' | 'end'): number | null {
  if (text === undefined) return null;
  const time = parseTime(text, zone, which);
  if (time === null) throw new UsageError(`${flag} is not a time such as 2026-07-01 or 2026-07-01T12:00:00+05:30`);
  return time;
}

async function knownModules(parts: OpenParts, org: string, names: readonly string[]): Promise<readonly string[]> {
  const known = new Set((await parts.directory.modules(org)).map((module) => module.apiName));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return names;
  throw new Failure('INVALID_DATA', `there is no module ${unknown.join(', ')}; there is ${[...known].join(', ')}`);
}

async function visibleTo(
  parts: OpenParts,
  organisation: ChosenOrganisation,
  email: string,
): Promise<readonly string[] | null> {
  const user = await chosenUser(parts, organisation, email);
  const viewer = await parts.directory.viewer(organisation.zgid, user.id);
  if (viewer?.mayUseAuditLog !== true) {
    throw new Failure('NO_PERMISSION', `the profile of ${email} may not use the audit log`);
  }
  return viewer.visibleTo;
}
