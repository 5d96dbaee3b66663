import { chmod, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { Failure } from '../audit/failure.ts';
import { configOf } from './installation.ts';
import { type NewOrganisationFlags, newOrganisationOf, withNewOrganisation } from './new-organisation.ts';
import { type DataOptions, withData, withJson } from './options.ts';
import { makeOrganisation, tellOrganisation } from './set-up.ts';
import { note, type Terminal } from './terminal.ts';

interface InitFlags extends DataOptions, NewOrganisationFlags {
  readonly json?: true;
}

export function addInit(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .summary('make a data folder with a first organisation')
    .description(
      'Makes the data folder and in it an organisation: an administrator with a one-time password, the standard CRM ' +
        'modules, profiles and roles, and an OAuth client with a refresh token. Prints the secrets once. A folder that is ' +
        'there already is made readable by its owner only; one that is in use already is left as it is.',
    )
    .addHelpText(
      'after',
      `
Examples:
  annals init
  annals init --data /srv/annals --name "Zylker" --time-zone Asia/Kolkata --email ada@zylker.example --json`,
    )
    .action((flags: InitFlags) => runInit(terminal, flags));
  withNewOrganisation(command, { name: 'My organisation', email: 'admin@example.com' });
  withJson(withData(command), 'ids and secrets');
}

async function runInit(terminal: Terminal, flags: InitFlags): Promise<void> {
  const config = configOf(terminal, flags);
  // Before anything is made, so that a mistake leaves nothing behind.
  const wanted = newOrganisationOf(flags);
  const { openParts } = await import('../app.ts');
  await using parts = await openParts(config, { mode: 'command' });
  const [first] = await parts.directory.organisations();
  if (first !== undefined) {
    throw new Failure(
      'DUPLICATE_DATA',
      `${config.dataDir} is in use already (organisation ${first.zgid}); nothing was changed. ` +
        'For another organisation: annals org add',
    );
  }
  await closeToOthers(config.dataDir);
  const made = await makeOrganisation(parts, wanted, flags.redirectUri ?? []);
  tellOrganisation(terminal, made, flags.json === true);
  if (!flags.json) note(terminal, `\nStart the server with: annals serve --data ${config.dataDir}`);
}

async function closeToOthers(folder: string): Promise<void> {
  if (((await stat(folder)).mode & 0o077) === 0) return;
  try {
    await chmod(folder, 0o700);
  } catch (cause) {
    throw new Failure('INVALID_DATA', `${folder} is open to other users, and its mode cannot be changed to 0700`, {
      cause,
    });
  }
}
