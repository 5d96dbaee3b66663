import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { OpenParts } from '../app.ts';
import { Failure } from '../audit/failure.ts';
import { type OrgZone, parseTime } from '../audit/time.ts';
import { apiRules, type LayoutRules, layoutOf } from '../export/layout.ts';
import type { ExportOutcome } from '../export/run.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import { acts } from '../trail/acts.ts';
import { FileTarget, StdoutTarget } from './export-target.ts';
import { usersNamed } from './find-users.ts';
import { type ChosenOrganisation, chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { listOption, type OrgOptions, withJson, withOrg } from './options.ts';
import { withProgress } from './progress.ts';
import { tell } from './tell.ts';
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
  const rules = isStdout ? stdoutRules : fileRules(flags.output);
  if (isStdout && flags.json) throw new UsageError('--json and -o - both want standard output');
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const query = await queryOf(parts, organisation, flags);
  await tell(parts, organisation, acts.exportWritten(filterOf(flags)));
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
  if (!isStdout) report(terminal, flags, rules, outcome);
}

function report(terminal: Terminal, flags: ExportFlags, rules: LayoutRules, outcome: ExportOutcome): void {
  const folder = dirname(flags.output);
  const files = outcome.files.map((file) => ({ ...file, path: join(folder, file.name) }));
  const next = layoutOf(files.length * rules.rowsPerPart + 1, rules).at(-1)?.name ?? '';
  if (existsSync(join(folder, next))) note(terminal, `${next} was there before and is no part of this export`);
  if (flags.json) {
    printJson(terminal, { entries: outcome.entries, files });
    return;
  }
  for (const { path, entries, bytes, sha256 } of files) {
    note(terminal, `${path}: ${entries} entries, ${bytes} bytes, SHA-256 ${sha256}`);
  }
}

const stdoutRules: LayoutRules = { ...apiRules, format: 'csv', rowsPerPart: Number.MAX_SAFE_INTEGER };

function fileRules(output: string): LayoutRules {
  const [, name = '', format] = /^(.*)\.(csv|zip)$/s.exec(basename(output)) ?? [];
  if (name === '' || (format !== 'csv' && format !== 'zip')) {
    throw new UsageError('FILE must be a name that ends in .csv or .zip');
  }
  return { ...apiRules, format, name };
}

/** As it was given, for the entry that tells of the export. */
function filterOf({ from, to, action, user, module, as }: ExportFlags): object {
  return { from, to, action, user, module, as };
}

/** The last second of 9999: no entry is younger. */
const endOfTime = 253_402_300_799 + 86_400;

async function queryOf(parts: OpenParts, organisation: ChosenOrganisation, flags: ExportFlags): Promise<LedgerQuery> {
  const org = organisation.zgid;
  const from = timeOf('--from', flags.from, organisation.zone, 'start') ?? 0;
  const to = timeOf('--to', flags.to, organisation.zone, 'end') ?? endOfTime;
  if (from > to) throw new UsageError('--from is later than --to');
  return {
    org,
    from,
    to,
    actions: flags.action?.map((action) => action.toLowerCase()) ?? null,
    modules: flags.module === undefined ? null : await knownModules(parts, org, flags.module),
    doneBy: flags.user === undefined ? null : await usersNamed(parts.directory, org, flags.user),
    words: null,
    record: null,
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
  return parts.directory.visibleTo(viewer);
}
