/** The data folder that a command works on. */
import { existsSync } from 'node:fs';
import type { OpenParts } from '../app.ts';
import { Failure } from '../audit/failure.ts';
import { OrgZone } from '../audit/time.ts';
import { type Config, loadConfig } from '../config.ts';
import type { Organisation, User } from '../directory/directory.ts';
import type { DataOptions, OrgOptions } from './options.ts';
import type { Terminal } from './terminal.ts';

export function configOf(terminal: Terminal, options: DataOptions): Config {
  return loadConfig(terminal.env, options.data === undefined ? {} : { ANNALS_DATA: options.data });
}

/** Throws when `annals init` has not been here. */
export async function openInstallation(terminal: Terminal, options: DataOptions): Promise<OpenParts> {
  const config = configOf(terminal, options);
  // Loaded late: with the server come many modules, which `annals --help` need not wait for.
  const { openParts, placesIn } = await import('../app.ts');
  if (!existsSync(placesIn(config.dataDir).database)) throw notInitialised(config.dataDir);
  await using parts = new AsyncDisposableStack();
  const opened = parts.use(await openParts(config, { mode: 'command' }));
  if ((await opened.directory.organisations()).length === 0) throw notInitialised(config.dataDir);
  const kept = parts.move();
  return { ...opened, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function notInitialised(dataDir: string): Failure {
  return new Failure(
    'INVALID_DATA',
    `${dataDir} is not a data folder of Annals. Make it one with: annals init --data ${dataDir}`,
  );
}

export interface ChosenOrganisation extends Organisation {
  readonly zone: OrgZone;
}

export async function chosenOrganisation(
  parts: Pick<OpenParts, 'directory'>,
  options: OrgOptions,
): Promise<ChosenOrganisation> {
  const all = await parts.directory.organisations();
  const listed = all.map(({ zgid, companyName }) => `  ${zgid}  ${companyName}`).join('\n');
  if (options.org === undefined && all.length > 1) {
    throw new Failure('INVALID_DATA', `there are several organisations; say which with --org:\n${listed}`);
  }
  const found = options.org === undefined ? all[0] : all.find(({ zgid }) => zgid === options.org);
  if (found === undefined) {
    throw new Failure('INVALID_DATA', `there is no organisation ${options.org}; there is\n${listed}`);
  }
  return { ...found, zone: new OrgZone(found.timeZone) };
}

/** The user of this address, who must be of the organisation; without an address its first administrator. */
export async function chosenUser(
  parts: Pick<OpenParts, 'directory'>,
  organisation: Organisation,
  email: string | undefined,
): Promise<User> {
  const org = organisation.zgid;
  if (email !== undefined) {
    const user = await userOfAddress(parts, organisation, email);
    if (user.status !== 'active') throw new Failure('INVALID_DATA', `the user ${email} is not active`);
    return user;
  }
  const query = { type: 'ActiveConfirmedAdmins', page: 1, perPage: 1, currentUserId: null } as const;
  const [admin] = (await parts.directory.users(org, query)).users;
  if (admin === undefined) {
    throw new Failure('INVALID_DATA', `organisation ${org} has no active administrator; name a user with --user`);
  }
  return admin;
}

/** The user of this address, active or not. */
export async function userOfAddress(
  parts: Pick<OpenParts, 'directory'>,
  organisation: Organisation,
  email: string,
): Promise<User> {
  const user = await parts.directory.userByEmail(email);
  if (user?.org === organisation.zgid) return user;
  throw new Failure('INVALID_DATA', `organisation ${organisation.zgid} has no user with the address ${email}`);
}
