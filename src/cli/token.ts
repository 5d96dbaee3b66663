import type { Command } from 'commander';
import { everyScope, parseScopes } from '../access/scopes.ts';
import { chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { tellToken } from './tell.ts';
import { note, print, printJson, type Terminal } from './terminal.ts';

interface TokenFlags extends OrgOptions {
  readonly scope: string;
  readonly user?: string;
  readonly json?: true;
}

export function addToken(program: Command, terminal: Terminal): void {
  const command = program
    .command('token')
    .summary('make an access token')
    .description('Makes an access token, good for an hour. Works beside a running server.')
    .requiredOption('--scope <scopes>', 'what it may be used for, separated by commas')
    .option('--user <email>', 'whom it acts for (default: the administrator)')
    .addHelpText(
      'after',
      `
Scopes:
${everyScope.map((scope) => `  ${scope}`).join('\n')}

Example:
  annals token --scope ZohoCRM.settings.audit_logs.ALL,ZohoFiles.files.READ`,
    )
    .action((flags: TokenFlags) => runToken(terminal, flags));
  withJson(withOrg(command), 'token and lifetime');
}

async function runToken(terminal: Terminal, flags: TokenFlags): Promise<void> {
  const scopes = parseScopes(flags.scope);
  const unknown = scopes.filter((scope) => !everyScope.includes(scope));
  // No error: a client's own list of scopes may name what only the original has.
  if (unknown.length > 0) note(terminal, `annals: these scopes open nothing here: ${unknown.join(', ')}`);
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await chosenUser(parts, organisation, flags.user);
  const made = await parts.access.makeAccessToken({ org: organisation.zgid, userId: user.id, scopes });
  await tellToken(parts, organisation, { kind: 'Access token', secret: made.token, user, scopes });
  if (flags.json) printJson(terminal, { access_token: made.token, expires_in: made.expiresIn });
  else print(terminal, made.token);
}
