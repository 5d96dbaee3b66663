import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import type { Command } from 'commander';
import { maxLiveTokens } from '../src/access/access.ts';
import { maxClientNameLength, maxClients } from '../src/access/clients.ts';
import { accessTokenSeconds, codeSeconds } from '../src/access/grants.ts';
import { maxRedirectUriLength, maxRedirectUris } from '../src/access/redirect-uris.ts';
import { scopeLimits } from '../src/access/scopes.ts';
import { sessionDays, sessionIdleHours, sessionsOfUser } from '../src/access/sessions.ts';
import { logInAllowances } from '../src/access/throttle.ts';
import { failureCodes } from '../src/audit/failure.ts';
import { criteriaLimits, entryLimits } from '../src/audit/limits.ts';
import { programOf } from '../src/cli/program.ts';
import { busyTimeoutMs as databaseWaitMs } from '../src/database/sqlite.ts';
import { passwordLimits } from '../src/directory/credentials.ts';
import { maxResultDays } from '../src/directory/fields.ts';
import { maxModules } from '../src/directory/named-modules.ts';
import { hashing } from '../src/directory/password.ts';
import { maxRoles } from '../src/directory/roles.ts';
import { searchedUsers } from '../src/directory/users-list.ts';
import { listedJobs } from '../src/export/jobs.ts';
import { rowsPerFile, rowsPerPart } from '../src/export/layout.ts';
import { maxInterruptions } from '../src/export/leases.ts';
import { mostOnPage } from '../src/http/admin.ts';
import { maxSearchLength } from '../src/http/admin-users.ts';
import { countLimits } from '../src/http/admission.ts';
import { maxStateLength } from '../src/http/consent.ts';
import { countMs, maxExportsPerPage } from '../src/http/console-exports.ts';
import { statusOf } from '../src/http/errors.ts';
import { streamLimits } from '../src/http/event-streams.ts';
import { maxFieldsBytes } from '../src/http/json-fields.ts';
import { filterLimits } from '../src/http/log-filter.ts';
import { maxRecordBytes } from '../src/intake/csv-records.ts';
import { maxMembers } from '../src/intake/zip.ts';
import { busyTimeoutMs as ledgerWaitMs } from '../src/ledger/sqlite/file.ts';
import { maxWaitMs } from '../src/ledger/sqlite/store.ts';

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The rows of docs/settings.md whose limit is a constant: how the row begins, and its second column. */
const limitRows: readonly (readonly [string, string])[] = [
  ['names in an entry', `${words(entryLimits.nameBytes)} bytes (the record's: ${words(entryLimits.recordNameBytes)})`],
  ['`record.id`', `${words(entryLimits.recordIdBytes)} bytes`],
  [
    '`changes` of an entry; a whole entry',
    `${words(entryLimits.changesBytes)} bytes; ${words(entryLimits.entryBytes)} bytes of compact JSON`,
  ],
  ['how deep `changes` nest', `${entryLimits.changesDepth} levels`],
  ['`action`', `${entryLimits.actionChars} characters`],
  ['modules of an organisation', words(maxModules)],
  ['roles; clients of an organisation', `${words(maxRoles)}; ${words(maxClients)} that are not revoked`],
  ['users whom one search looks at', words(searchedUsers)],
  [
    'criteria: depth; group; values of `in`; time range',
    `${criteriaLimits.maxDepth}; ${criteriaLimits.groupSize}; ${words(criteriaLimits.maxValues)}; ${criteriaLimits.windowDays} days`,
  ],
  ['runs of a job that ended because the server was killed', words(maxInterruptions)],
  ['wait for another process', `${databaseWaitMs / 1000} s`],
  ['wait for another process', `${ledgerWaitMs / 1000} s`],
  ['wait for another process', `${maxWaitMs / 1000} s`],
  ['entries in one CSV; in one ZIP', `${words(rowsPerFile)}; ${words(rowsPerPart)}`],
  ['jobs in a list', `${listedJobs}, the newest`],
  ['exports on one page', words(maxExportsPerPage)],
  ['`words`: how many', `${filterLimits.words}; ${filterLimits.wordsLength} characters`],
  ['streams of events', `${streamLimits.perUser}; ${words(streamLimits.inAll)}`],
  ['counts for a preview', `${countLimits.perUser}; ${countLimits.inAll}`],
  ['how long a preview counts', `${countMs / 1000} s`],
  ['people, or tokens, on one page', `${mostOnPage}; ${maxSearchLength} characters`],
  ['the body of a log-in', `${words(maxFieldsBytes)} bytes`],
  ['days that an organisation keeps', `1 to ${words(maxResultDays)}`],
  ['live access tokens of one refresh token', words(maxLiveTokens)],
  [
    'life of an authorization code; of an access token',
    `${codeSeconds / 60} minutes; ${accessTokenSeconds / 3600} hour`,
  ],
  [
    'scopes of a client',
    `${scopeLimits.scopes}; ${scopeLimits.scopeLength} characters; ${words(scopeLimits.textLength)} characters`,
  ],
  [
    'redirect URIs of a client',
    `${maxRedirectUris}; ${words(maxRedirectUriLength)} characters; ${maxClientNameLength} characters`,
  ],
  ['a session without use; in all', `${sessionIdleHours} hours; ${sessionDays} days`],
  ['sessions of one user', words(sessionsOfUser)],
  ['a password that is chosen', `${passwordLimits.min} to ${passwordLimits.max} characters`],
  ['wrong passwords: one address for one account', triesOf('pair')],
  ['wrong passwords: all addresses for one account', triesOf('account')],
  ['wrong passwords: one address for all accounts', triesOf('address')],
  ['passwords that are checked at once', `${hashing.atOnce}; ${hashing.waiting}`],
  ['`state` of a consent', `${words(maxStateLength)} characters`],
  ['files in a ZIP', words(maxMembers)],
  ['one record of a CSV', `${maxRecordBytes / 1024} KiB`],
];

function triesOf(kind: keyof typeof logInAllowances): string {
  const { burst, refillMs } = logInAllowances[kind];
  const every =
    refillMs === 60_000
      ? 'a minute'
      : refillMs < 60_000
        ? `in ${refillMs / 1_000} s`
        : `in ${refillMs / 60_000} minutes`;
  return `${burst}, then one ${every}`;
}

function words(count: number): string {
  return count.toLocaleString('en');
}

/** `init`, `org add` and so on: every command that does something. */
function commandsOf(parent: Command, before = ''): readonly string[] {
  return parent.commands.flatMap((command) => {
    const name = `${before}${command.name()}`;
    return command.commands.length === 0 ? [name] : commandsOf(command, `${name} `);
  });
}

const silent = new PassThrough();
const commands = commandsOf(
  programOf({ env: {}, stdin: silent, stdout: silent, stderr: silent, interrupted: AbortSignal.abort() }),
).toSorted();

suite('the documents', () => {
  test('list every error code under its status, and no other', () => {
    const rows = [...read('docs/api.md').matchAll(/^\| (\d{3}) \| ([A-Z_, ]+) \|$/gm)];
    const listed = rows.flatMap(([, status, codes = '']) => codes.split(', ').map((code) => `${status} ${code}`));
    assert.deepEqual(listed.sort(), failureCodes.map((code) => `${statusOf[code]} ${code}`).sort());
  });

  test('tell the limits as they are in the code', () => {
    const text = read('docs/settings.md');
    for (const [label, limit] of limitRows) {
      const row = text.split('\n').find((line) => line.startsWith(`| ${label}`));
      assert.equal(row?.split(' | ')[1], limit, label);
    }
  });

  test('tell of every command, and of no other', () => {
    const table = [...read('README.md').matchAll(/^\| (`annals .*?) \|/gm)].map(([, cell = '']) => cell).join(', ');
    // Without what stands for an argument.
    const told = [...table.matchAll(/`annals ([a-z ]+[a-z])/g)].map(([, name]) => name);
    assert.deepEqual(told.toSorted(), commands);
    const [, listed = ''] = /^- The commands ([^.]*)\.$/m.exec(read('CHANGELOG.md')) ?? [];
    assert.deepEqual([...listed.matchAll(/`([^`]+)`/g)].map(([, name]) => name).toSorted(), commands);
  });

  test('link to files that are there', () => {
    for (const name of documents.filter((each) => each.endsWith('.md'))) {
      for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(name), target)), `${name} -> ${target}`);
      }
    }
  });

  test('name commands that there are', () => {
    const scripts = JSON.parse(read('package.json')).scripts;
    for (const name of documents) {
      for (const [, script = ''] of read(name).matchAll(/npm run ([a-z:]+)/g))
        assert.ok(script in scripts, `${name}: ${script}`);
    }
  });
});
