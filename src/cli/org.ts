import type { Command } from 'commander';
import { openInstallation } from './installation.ts';
import { type NewOrganisationFlags, newOrganisationOf, withNewOrganisation } from './new-organisation.ts';
import { type DataOptions, withData, withJson } from './options.ts';
import { makeOrganisation, tellOrganisation } from './set-up.ts';
import type { Terminal } from './terminal.ts';

interface OrgAddFlags extends DataOptions, NewOrganisationFlags {
  readonly json?: true;
}

export function addOrg(program: Command, terminal: Terminal): void {
  const add = program
    .command('org')
    .description('organisations: each has its own log, users and clients')
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
}

async function runOrgAdd(terminal: Terminal, flags: OrgAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const made = await makeOrganisation(parts, newOrganisationOf(flags), flags.redirectUri ?? []);
  tellOrganisation(terminal, made, flags.json === true);
}
