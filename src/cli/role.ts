import type { Command } from 'commander';
import { acts } from '../trail/acts.ts';
import { chosenOrganisation, openInstallation } from './installation.ts';
import { namedOne } from './named-one.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { tell } from './tell.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface RoleAddFlags extends OrgOptions {
  readonly name: string;
  readonly reportsTo?: string;
  readonly json?: true;
}

interface RoleMoveFlags extends OrgOptions {
  readonly role: string;
  readonly reportsTo: string;
}

export function addRole(program: Command, terminal: Terminal): void {
  const role = program.command('role').description('roles: users see the entries of those whose role is below theirs');
  const add = role
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
  const move = role
    .command('move')
    .description('Puts a role, with all that are below it, under another one.')
    .requiredOption('--role <role>', 'which, by name or id')
    .requiredOption('--reports-to <role>', 'the role above it from now on, by name or id')
    .addHelpText(
      'after',
      `
Example:
  annals role move --role "Sales Lead" --reports-to CEO`,
    )
    .action((flags: RoleMoveFlags) => runRoleMove(terminal, flags));
  withOrg(move);
}

async function runRoleAdd(terminal: Terminal, flags: RoleAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const { zgid } = organisation;
  const all = await parts.directory.roles(zgid);
  const reportsTo = flags.reportsTo === undefined ? null : namedOne('role', all, flags.reportsTo).id;
  const role = await parts.directory.addRole(zgid, { name: flags.name, reportsTo });
  await tell(parts, organisation, acts.roleAdded(role));
  const above = all.find(({ id }) => id === role.reportsTo);
  if (flags.json) printJson(terminal, { id: role.id, name: role.name, reports_to: role.reportsTo });
  else print(terminal, `Role ${role.name} (${role.id}) reports to ${above?.name ?? 'nobody'}`);
}

async function runRoleMove(terminal: Terminal, flags: RoleMoveFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const { zgid } = organisation;
  const all = await parts.directory.roles(zgid);
  const before = namedOne('role', all, flags.role);
  const above = namedOne('role', all, flags.reportsTo);
  const role = await parts.directory.moveRole(zgid, before.id, above.id);
  await tell(parts, organisation, acts.roleUpdated(before, role));
  print(terminal, `Role ${role.name} (${role.id}) reports to ${above.name}`);
}
