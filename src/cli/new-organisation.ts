/** The options that say what a new organisation is like. */
import { type Command, Option } from 'commander';
import { checkedRedirectUris } from '../access/redirect-uris.ts';
import { checkedEmail, checkedName, checkedTimeZone } from '../directory/fields.ts';
import type { NewOrganisation } from '../directory/seed.ts';
import { listOption } from './options.ts';

export interface NewOrganisationFlags {
  readonly name: string;
  readonly timeZone: string;
  readonly email: string;
  readonly adminName: string;
  readonly hierarchy: 'roles' | 'reporting_to';
  readonly redirectUri?: readonly string[];
}

export function withNewOrganisation(
  command: Command,
  defaults: { readonly name?: string; readonly email?: string },
): Command {
  const { name, email } = defaults;
  const nameText = 'what the organisation is called';
  const emailText = "the administrator's e-mail address";
  if (name === undefined) command.requiredOption('--name <name>', nameText);
  else command.option('--name <name>', nameText, name);
  if (email === undefined) command.requiredOption('--email <address>', emailText);
  else command.option('--email <address>', emailText, email);
  return command
    .option('--admin-name <name>', "the administrator's name", 'Administrator')
    .option('--time-zone <zone>', 'in which its times are shown, such as Asia/Kolkata', 'UTC')
    .addOption(
      new Option('--hierarchy <kind>', 'by what users see the entries of those below them')
        .choices(['roles', 'reporting_to'])
        .default('roles'),
    )
    .addOption(listOption('--redirect-uri <uri>', 'where the client may send users back to (code grant)'));
}

/** Throws INVALID_DATA, so that nothing need be made for an organisation that cannot be. */
export function newOrganisationOf(flags: NewOrganisationFlags): NewOrganisation {
  checkedRedirectUris(flags.redirectUri ?? []);
  return {
    name: checkedName("the organisation's name", 'company_name', flags.name),
    timeZone: checkedTimeZone(flags.timeZone),
    adminEmail: checkedEmail(flags.email),
    adminName: checkedName("the administrator's name", 'last_name', flags.adminName),
    hierarchy: flags.hierarchy,
  };
}
