import type { Command } from 'commander';
import type { OpenParts } from '../app.ts';
import type { User, UserChanges } from '../directory/directory.ts';
import { acts } from '../trail/acts.ts';
import {
  type ChosenOrganisation,
  chosenOrganisation,
  chosenUser,
  openInstallation,
  userOfAddress,
} from './installation.ts';
import { namedOne } from './named-one.ts';
import { type OrgOptions, withJson, withOrg } from './options.ts';
import { tell } from './tell.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface UserAddFlags extends OrgOptions {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly profile: string;
  readonly manager?: string;
  readonly json?: true;
}

interface UserStatusFlags extends OrgOptions {
  readonly email: string;
}

interface UserPasswordFlags extends UserStatusFlags {
  readonly json?: true;
}

export function addUser(program: Command, terminal: Terminal): void {
  const user = program.command('user').description('users who can log in and be given tokens');
  const add = user
    .command('add')
    .description('Adds a user, with a one-time password that is printed once.')
    .requiredOption('--email <address>', 'with which the user logs in')
    .requiredOption('--name <name>', 'the full name')
    .option('--role <role>', 'the role, by name or id', 'Member')
    .option('--profile <profile>', 'the profile, by name or id: what the user may do', 'Standard')
    .option('--manager <email>', 'whom the user reports to')
    .addHelpText(
      'after',
      `
Examples:
  annals user add --email ben@zylker.example --name "Ben Sample" --role Manager
  annals user add --email cy@zylker.example --name "Cy Sample" --manager ben@zylker.example --profile "No Audit Log"`,
    )
    .action((flags: UserAddFlags) => runUserAdd(terminal, flags));
  withJson(withOrg(add), 'id and password');
  const deactivate = user
    .command('deactivate')
    .description("Ends a user's access: the password, every token and every session. The entries stay.")
    .requiredOption('--email <address>', 'of the user')
    .addHelpText(
      'after',
      `
Example:
  annals user deactivate --email ben@zylker.example`,
    )
    .action((flags: UserStatusFlags) => runUserDeactivate(terminal, flags));
  withOrg(deactivate);
  const activate = user
    .command('activate')
    .description('Lets a deactivated user in again, with the same password. Tokens that have ended stay ended.')
    .requiredOption('--email <address>', 'of the user')
    .addHelpText(
      'after',
      `
Example:
  annals user activate --email ben@zylker.example`,
    )
    .action((flags: UserStatusFlags) => runUserActivate(terminal, flags));
  withOrg(activate);
  addPassword(user, terminal);
}

function addPassword(user: Command, terminal: Terminal): void {
  const password = user
    .command('password')
    .description('Gives a user a new one-time password, printed once, and ends their sessions. Tokens stay.')
    .requiredOption('--email <address>', 'of the user')
    .addHelpText(
      'after',
      `
Example:
  annals user password --email ben@zylker.example`,
    )
    .action((flags: UserPasswordFlags) => runUserPassword(terminal, flags));
  withJson(withOrg(password), 'id and password');
}

async function runUserAdd(terminal: Terminal, flags: UserAddFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const org = organisation.zgid;
  const { user, oneTimePassword } = await parts.directory.addUser(org, {
    email: flags.email,
    name: flags.name,
    roleId: namedOne('role', await parts.directory.roles(org), flags.role).id,
    profileId: namedOne('profile', await parts.directory.profiles(org), flags.profile).id,
    managerId: flags.manager === undefined ? null : (await chosenUser(parts, organisation, flags.manager)).id,
  });
  await tell(parts, organisation, acts.userAdded(user));
  tellPassword(terminal, user, oneTimePassword, flags);
}

async function runUserPassword(terminal: Terminal, flags: UserPasswordFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await chosenUser(parts, organisation, flags.email);
  const password = await parts.directory.resetPassword(organisation.zgid, user.id);
  await tell(parts, organisation, acts.passwordReset(user));
  tellPassword(terminal, user, password, flags);
}

function tellPassword(terminal: Terminal, user: User, password: string, flags: { readonly json?: true }): void {
  if (flags.json) {
    printJson(terminal, { id: user.id, email: user.email, password });
    return;
  }
  print(terminal, `User               ${user.email} (${user.id})`);
  print(terminal, `One-time password  ${password}`);
}

async function runUserDeactivate(terminal: Terminal, flags: UserStatusFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await chosenUser(parts, organisation, flags.email);
  await change(parts, organisation, user, { status: 'inactive' });
  print(terminal, `User ${user.email} (${user.id}) is no longer active`);
}

async function runUserActivate(terminal: Terminal, flags: UserStatusFlags): Promise<void> {
  await using parts = await openInstallation(terminal, flags);
  const organisation = await chosenOrganisation(parts, flags);
  const user = await userOfAddress(parts, organisation, flags.email);
  await change(parts, organisation, user, { status: 'active' });
  print(terminal, `User ${user.email} (${user.id}) is active`);
}

async function change(
  parts: OpenParts,
  organisation: ChosenOrganisation,
  user: User,
  changes: UserChanges,
): Promise<void> {
  const changed = await parts.directory.updateUser(organisation.zgid, user.id, changes);
  await tell(parts, organisation, acts.userUpdated(user, changed));
}
