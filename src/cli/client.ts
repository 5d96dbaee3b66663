import type { Command } from 'commander';
import { allScopes, parseScopes } from '../access/scopes.ts';
import { Failure } from '../audit/failure.ts';
import { acts } from '../trail/acts.ts';
import { chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { listOption, type OrgOptions, withJson, withOrg } from './options.ts';
import { makeClient, tellClient } from './set-up.ts';
import { tell, tellToken } from './tell.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface ClientAddFlags extends OrgOptions {
  readonly name: string;
  readonly redirectUri?: readonly string[];
  readonly scope?: string;
  readonly user?: string;
  readonly json?: true;
}

interface ClientRevokeFlags extends OrgOptions {
  readonly id: string;
}

export function addClient(program: Command, terminal: Terminal): void {
  const client = program.command('client').description('OAuth clients: programs that use the API');
  const add = client
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
  const revoke = client
    .command('revoke')
    .description('Ends a client and every token that was granted through it, at once and for good.')
    .requiredOption('--id <client_id>', 'which, as it was printed when it was added')
    .addHelpText(
      'after',
      `
Example:
  annals client revoke --id 1000.0123456789ABCDEF0123456789ABCDEF`,
    )
    .action((flags: ClientRevokeFlags) => runClientRevoke(terminal, flags));
  withOrg(revoke);
}

async function runClientAdd(terminal: Terminal, flags: ClientAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await chosenUser(parts, organisation, flags.user);
  const wanted = {
    org: organisation.zgid,
    userId: user.id,
    name: flags.name,
    redirectUris: flags.redirectUri ?? [],
    scopes: flags.scope === undefined ? allScopes : parseScopes(flags.scope),
  };
  const made = await makeClient(parts, wanted);
  await tell(parts, organisation, acts.clientAdded({ ...wanted, id: made.client.id }));
  const { refreshToken: secret } = made;
  await tellToken(parts, organisation, { kind: 'Refresh token', secret, user, scopes: wanted.scopes });
  if (flags.json) printJson(terminal, { client: made.client, refresh_token: made.refreshToken });
  else tellClient(terminal, made);
}

async function runClientRevoke(terminal: Terminal, flags: ClientRevokeFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const { zgid } = organisation;
  const client = (await parts.access.clients(zgid)).find(({ id }) => id === flags.id);
  if (client === undefined || !(await parts.access.revokeClient(zgid, flags.id))) {
    throw new Failure('INVALID_DATA', `organisation ${zgid} has no client ${flags.id}`);
  }
  await tell(parts, organisation, acts.clientRevoked(client));
  print(terminal, `Client ${flags.id} is revoked, and every token of it`);
}
