import type { Command } from 'commander';
import { allScopes, parseScopes } from '../access/scopes.ts';
import { chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { listOption, type OrgOptions, withJson, withOrg } from './options.ts';
import { makeClient, tellClient } from './set-up.ts';
import { printJson, type Terminal } from './terminal.ts';

interface ClientAddFlags extends OrgOptions {
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly scope?: string;
  readonly user?: string;
  readonly json?: true;
}

export function addClient(program: Command, terminal: Terminal): void {
  const add = program
    .command('client')
    .description('OAuth clients: programs that use the API')
    .command('add')
    .description('Adds a client, with a refresh token for the user on whose behalf it acts. Prints the secrets once.')
    .requiredOption('--name <name>', 'what users know it by')
    .addOption(listOption('--redirect-uri <uri>', 'where it may send users back to (code grant)'))
    .option('--scope <scopes>', 'what it may be granted (default: everything)')
    .option('--user <email>', 'whom it acts for by itself (default: the administrator)')
    .addHelpText(
      'after',
      `
Example:
  annals client add --name Archive --scope ZohoCRM.settings.audit_logs.ALL,ZohoFiles.files.READ`,
    )
    .action((flags: ClientAddFlags) => runClientAdd(terminal, flags));
  withJson(withOrg(add), 'ids and secrets');
}

async function runClientAdd(terminal: Terminal, flags: ClientAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await chosenUser(parts, organisation, flags.user);
  const made = await makeClient(parts, {
    org: organisation.zgid,
    userId: user.id,
    name: flags.name,
    redirectUris: flags.redirectUri ?? [],
    scopes: flags.scope === undefined ? allScopes : parseScopes(flags.scope),
  });
  if (flags.json) printJson(terminal, { client: made.client, refresh_token: made.refreshToken });
  else tellClient(terminal, made);
}
