import { type Command, Option } from 'commander';
import type { OrganisationChanges } from '../directory/directory.ts';
import { acts } from '../trail/acts.ts';
import { chosenOrganisation, openInstallation } from './installation.ts';
import { type NewOrganisationFlags, newOrganisationOf, withNewOrganisation } from './new-organisation.ts';
import { type DataOptions, type OrgOptions, withData, withJson, withOrg } from './options.ts';
import { makeOrganisation, tellOrganisation } from './set-up.ts';
import { tell } from './tell.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface OrgAddFlags extends DataOptions, NewOrganisationFlags {
  readonly json?: true;
}

interface OrgSetFlags extends OrgOptions {
  readonly name?: string;
  readonly timeZone?: string;
  readonly hierarchy?: 'roles' | 'reporting_to';
  readonly json?: true;
}

export function addOrg(program: Command, terminal: Terminal): void {
  const org = program.command('org').description('organisations: each has its own log, users and clients');
  const add = org
    .command('add')
    .description('Adds an organisation, with all that init gives the first one. Prints the secrets once.')
    .addHelpText(
      'after',
      `
Example:
  annals org add --name "Zylker" --email ada@zylker.example --time-zone Asia/Kolkata`,
    )
    .action((flags: OrgAddFlags) => runOrgAdd(terminal, flags));
  withNewOrganisation(add, {});
  withJson(withData(add), 'ids and secrets');
  const set = org
    .command('set')
    .description('Changes what an organisation is called, its time zone, or by what users see entries.')
    .option('--name <name>', 'what the organisation is called')
    .option(
      '--time-zone <zone>',
      'in which the times of later entries are shown; those that are there stay as they are',
    )
    .addOption(
      new Option('--hierarchy <kind>', 'by what users see the entries of those below them').choices([
        'roles',
        'reporting_to',
      ]),
    )
    .addHelpText(
      'after',
      `
Example:
  annals org set --time-zone Europe/Berlin`,
    )
    .action((flags: OrgSetFlags) => runOrgSet(terminal, flags));
  withJson(withOrg(set), 'the organisation');
}

async function runOrgAdd(terminal: Terminal, flags: OrgAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const made = await makeOrganisation(parts, newOrganisationOf(flags), flags.redirectUri ?? []);
  tellOrganisation(terminal, made, flags.json === true);
}

async function runOrgSet(terminal: Terminal, flags: OrgSetFlags): Promise<void> {
  const changes: OrganisationChanges = {
    ...(flags.name !== undefined && { companyName: flags.name }),
    ...(flags.timeZone !== undefined && { timeZone: flags.timeZone }),
    ...(flags.hierarchy !== undefined && { hierarchy: flags.hierarchy }),
  };
  if (Object.keys(changes).length === 0) throw new UsageError('say what to set: --name, --time-zone or --hierarchy');
  await using parts = await openInstallation(terminal, flags);
  const before = await chosenOrganisation(parts, flags);
  const after = await parts.directory.updateOrganisation(before.zgid, changes);
  await tell(parts, after, acts.organisationUpdated(before, after));
  const { zgid, companyName, timeZone, hierarchy } = after;
  if (flags.json) printJson(terminal, { org_id: zgid, name: companyName, time_zone: timeZone, hierarchy });
  else print(terminal, `Organisation ${zgid}: ${companyName}, ${timeZone}, hierarchy by ${hierarchy}`);
  if (timeZone !== before.timeZone) {
    note(terminal, `The new time zone holds for later entries; those that are there keep the times that they show.`);
  }
}
