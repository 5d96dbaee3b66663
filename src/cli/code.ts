import type { Command } from 'commander';
import { parseScopes } from '../access/scopes.ts';
import { Failure } from '../audit/failure.ts';
import { chosenOrganisation, chosenUser, openInstallation } from './installation.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { tellToken } from './tell.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface CodeFlags extends OrgOptions {
  readonly scope: string;
  readonly client?: string;
  readonly redirectUri?: string;
  readonly user?: string;
  readonly json?: true;
}

export function addCode(program: Command, terminal: Terminal): void {
  const command = program
    .command('code')
    .summary('make a code for the code grant')
    .description('Makes an authorization code, as a user would by consenting. It works once, within two minutes.')
    .requiredOption('--scope <scopes>', 'what is granted, separated by commas')
    .option('--client <id>', 'the client that may use it; needed only when there are several')
    .option('--redirect-uri <uri>', 'one of the client’s, which it must then send along')
    .option('--user <email>', 'who grants it (default: the administrator)')
    .addHelpText(
      'after',
      `
Example:
  annals code --scope ZohoCRM.settings.audit_logs.ALL --redirect-uri https://app.example.com/callback`,
    )
    .action((flags: CodeFlags) => runCode(terminal, flags));
  withJson(withOrg(command), 'the code');
}

async function runCode(terminal: Terminal, flags: CodeFlags): Promise<void> {
  const scopes = parseScopes(flags.scope);
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const org = organisation.zgid;
  const user = await chosenUser(parts, organisation, flags.user);
  const live = (await parts.access.clients(org)).filter((client) => client.revokedAt === null);
  const client = flags.client === undefined && live.length === 1 ? live[0] : live.find(({ id }) => id === flags.client);
  if (client === undefined) {
    const listed = live.map(({ id, name }) => `  ${id}  ${name}`).join('\n');
    throw new Failure('INVALID_DATA', `say which client with --client; there is\n${listed}`);
  }
  const wanted = { org, userId: user.id, scopes, clientId: client.id, redirectUri: flags.redirectUri ?? null };
  const { code } = await parts.access.makeCode(wanted);
  await tellToken(parts, organisation, { kind: 'Code', secret: code, user, scopes });
  if (flags.json) printJson(terminal, { code });
  else print(terminal, code);
}
