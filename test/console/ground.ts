/**
 * What all suites stand on: one real server with a large, sealed log, an administrator who has not logged in yet, and
 * people who have. Made once per run; the suites are processes of their own and are told of it by their environment.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { rowsPerBlock } from '../../src/ledger/sqlite/sealer.ts';
import { accessToken, annals, type DataFolder, dataFolder, type Initialised, type Server } from '../clients/annals.ts';
import { allScopes, Rest } from '../clients/rest.ts';

/** Somebody with a password of their own and a session. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** Name and value of the session's cookie. */
  readonly cookies: readonly (readonly [name: string, value: string])[];
}

/** A server and who uses it. JSON, so that it can be handed on. */
export interface Ground {
  readonly origin: string;
  readonly dataPath: string;
  /** That were generated. */
  readonly entries: number;
  readonly initialised: Initialised;
  /** Of the administrator of `annals init`, whose one-time password is still unused, with all scopes. */
  readonly token: string;
  /** An administrator. */
  readonly ada: Person;
  /** A manager: sees her own entries and Ben's, nothing else. */
  readonly mona: Person;
  /** Has the lowest role. */
  readonly ben: Person;
}

export const benEntries = 30;

/** Adds people and Ben's entries to a folder that is served. */
export async function settle(server: Server, entries: number): Promise<Ground> {
  const { folder, origin } = server;
  const token = await accessToken(folder, allScopes);
  const ada = await addPerson(server, { name: 'Ada Auditor', role: 'CEO', profile: 'Administrator' });
  const mona = await addPerson(server, { name: 'Mona Manager', role: 'Manager', profile: 'Standard' });
  const ben = await addPerson(server, { name: 'Ben Member', role: 'Member', profile: 'Standard' });
  const ground = { origin, dataPath: folder.path, entries, initialised: folder.initialised, token, ada, mona, ben };
  await record(ground, entriesOf(ben));
  return ground;
}

export interface NewPerson {
  readonly name: string;
  readonly role: string;
  readonly profile: string;
}

interface Place {
  readonly origin: string;
  readonly folder: Pick<DataFolder, 'path'>;
}

/** Adds somebody, who logs in for the first time and chooses a password. */
export async function addPerson({ origin, folder }: Place, { name, role, profile }: NewPerson): Promise<Person> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
  const who = ['--email', email, '--name', name, '--role', role, '--profile', profile];
  const printed = await annals('user', 'add', '--data', folder.path, ...who, '--json');
  const { id, password: oneTime }: { id: string; password: string } = JSON.parse(printed);
  const password = `quiet harbour of ${name}`;
  const first = await newSession(origin, { email, password: oneTime });
  const change = { current_password: oneTime, new_password: password };
  const cookies = await sendSession(origin, 'PUT', '/password', change, first);
  return { id, name, email, password, cookies };
}

/** Logs in. */
export function newSession(origin: string, { email, password }: Pick<Person, 'email' | 'password'>): Promise<Cookies> {
  return sendSession(origin, 'POST', '', { email, password });
}

type Cookies = Person['cookies'];

async function sendSession(
  origin: string,
  method: string,
  path: string,
  body: object,
  cookies: Cookies = [],
): Promise<Cookies> {
  const response = await fetch(`${origin}/api/v1/session${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin, cookie: cookieHeader(cookies) },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(`${method} session${path}: ${response.status} ${await response.text()}`);
  return response.headers.getSetCookie().map((line) => {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    return [name, value] as const;
  });
}

export function cookieHeader(cookies: Cookies): string {
  return cookies.map(([name, value]) => `${name}=${value}`).join('; ');
}

/** The API as a program uses it. */
export function restOf({ origin, token, dataPath, initialised }: Ground): Rest {
  const folder = { path: dataPath, initialised, [Symbol.asyncDispose]: async () => {} };
  const server = { origin, port: Number(new URL(origin).port), folder, [Symbol.asyncDispose]: async () => {} };
  return Rest.with(server, token);
}

/** Records entries as an application does. */
export async function record(ground: Ground, entries: readonly object[]): Promise<void> {
  const answer = (await restOf(ground).json('/api/v1/entries', JSON.stringify(entries))) as { accepted: number };
  if (answer.accepted !== entries.length) throw new Error(`not all recorded: ${JSON.stringify(answer)}`);
}

function entriesOf({ id, name }: Person): readonly object[] {
  const now = Math.floor(Date.now() / 1000);
  return Array.from({ length: benEntries }, (_, number) => ({
    action: number % 3 === 0 ? 'added' : 'updated',
    done_by: { id, name },
    module: { api_name: 'Leads' },
    record: { id: `77${number}`, name: `Harbour lead ${number}` },
    audited_time: new Date((now - 7_200 - number * 60) * 1000).toISOString(),
    changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
  }));
}

/** A folder with so many generated entries. */
export function groundFolder(entries: number): Promise<DataFolder> {
  return dataFolder(entries);
}

const sealMs = 300_000;

/** Waits until the server has sealed all but the newest, which do not fill a block yet. */
export async function untilSealed(dataPath: string): Promise<void> {
  using db = opened(join(dataPath, 'ledger.sqlite'));
  const open = db.file.prepare('SELECT (SELECT total(last) FROM arrivals) - (SELECT total(rows) FROM blocks)');
  const deadline = Date.now() + sealMs;
  while (Number(open.pluck().get()) >= 2 * rowsPerBlock) {
    if (Date.now() > deadline) throw new Error(`the log is not sealed after ${sealMs} ms`);
    await wait(100);
  }
}

function opened(path: string): { readonly file: BetterSqlite3.Database; [Symbol.dispose](): void } {
  const file = new BetterSqlite3(path, { readonly: true });
  return { file, [Symbol.dispose]: () => void file.close() };
}

const variable = 'CONSOLE_GROUND';

/** For the environment of the suites. */
export function handOn(ground: Ground): Record<string, string> {
  return { [variable]: JSON.stringify(ground) };
}

/** In a suite: what the run has made. */
export function givenGround(): Ground {
  const given = process.env[variable];
  if (given === undefined) throw new Error('the suites are run by npm run test:console');
  return JSON.parse(given) as Ground; // what handOn has written
}
