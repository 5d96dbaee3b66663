import type { Command } from 'commander';
import { chosenOrganisation, openInstallation } from './installation.ts';
import { namedOne } from './named-one.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface RoleAddFlags extends OrgOptions {
  readonly name: string;
  readonly reportsTo?: string;
  readonly json?: true;
}

export function addRole(program: Command, terminal: Terminal): void {
  const add = program
    .command('role')
    .description('roles: users see the entries of those whose role is below theirs')
    .command('add')
    .description('Adds a role to the tree.')
    .requiredOption('--name <name>', 'what it is called')
    .option('--reports-to <role>', 'the role above it, by name or id (default: the CEO)')
    .addHelpText(
      'after',
      `
Example:
  annals role add --name "Sales Lead" --reports-to Manager`,
    )
    .action((flags: RoleAddFlags) => runRoleAdd(terminal, flags));
  withJson(withOrg(add), 'the role');
}

async function runRoleAdd(terminal: Terminal, flags: RoleAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const { zgid } = await chosenOrganisation(parts, flags);
  const all = await parts.directory.roles(zgid);
  const reportsTo = flags.reportsTo === undefined ? null : namedOne('role', all, flags.reportsTo).id;
  const role = await parts.directory.addRole(zgid, { name: flags.name, reportsTo });
  const above = all.find(({ id }) => id === role.reportsTo);
  if (flags.json) printJson(terminal, { id: role.id, name: role.name, reports_to: role.reportsTo });
  else print(terminal, `Role ${role.name} (${role.id}) reports to ${above?.name ?? 'nobody'}`);
}
