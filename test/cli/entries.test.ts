import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { openParts } from '../../src/app.ts';
import { csvHeader } from '../../src/audit/line.ts';
import { loadConfig } from '../../src/config.ts';
import { failedTry, wholeLog } from '../export/job-setup.ts';
import { type Console, openReadyConsole } from './console.ts';

interface Exported {
  readonly entries: number;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly entries: number }[];
}

const everything = {
  from: 0,
  to: 1,
  actions: null,
  modules: null,
  doneBy: null,
  words: null,
  record: null,
  visibleTo: null,
  asOf: 0,
};

function generate(console: Console, entries: number): Promise<unknown> {
  return console.json(['generate', '--entries', String(entries), '--seed', 's', '--until', '2026-07-01']);
}

/** What was recorded; without what the log tells of the commands themselves, such as the export before this one. */
async function exported(console: Console, ...args: string[]): Promise<string[]> {
  return (await exportedWhole(console, ...args)).filter((line) => !isTold(line));
}

function isTold(line: string): boolean {
  return /^Annals command line,[a-z ]+,Annals,/.test(line);
}

async function exportedWhole(console: Console, ...args: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await console.run(['export', '-o', '-', ...args]);
  assert.equal(exitCode, 0, stderr);
  assert.ok(stdout.startsWith(csvHeader));
  return stdout.slice(csvHeader.length).split('\r\n').slice(0, -1);
}

suite('annals generate', () => {
  test('adds exactly so many, says so, and gives the same in another folder', async () => {
    await using one = await openReadyConsole();
    await using other = await openReadyConsole();
    const said = { entries: 700, run: 1, until: '2026-07-01T00:00:00+00:00' };
    assert.deepEqual(await generate(one, 700), said);
    assert.deepEqual(await generate(one, 20), { ...said, entries: 20, run: 2 });
    await generate(other, 700);
    await generate(other, 20);
    const lines = await exported(one);
    assert.equal(lines.length, 720);
    assert.deepEqual(await exported(other), lines);
  });

  test('ends with yesterday unless told otherwise', async () => {
    await using console = await openReadyConsole();
    const { until } = await console.json<{ until: string }>(['generate', '--entries', '1']);
    assert.match(until, /^\d{4}-\d\d-\d\dT00:00:00\+00:00$/);
    assert.ok(Date.parse(until) <= Date.now() && Date.parse(until) > Date.now() - 2 * 86_400_000);
  });
});

suite('annals export', () => {
  test('filters by time, action, module and user', async () => {
    await using console = await openReadyConsole();
    await generate(console, 2000);
    const all = await exported(console);
    const cellsOf = (line: string) => line.split(',');
    assert.deepEqual(
      await exported(console, '--action', 'deleted,ADDED'),
      all.filter((line) => /^[^,]+,(deleted|added),/.test(line)),
    );
    assert.deepEqual(
      await exported(console, '--module', 'Leads', '--module', 'Tasks'),
      all.filter((line) => /^[^,]+,[a-z]+,(Leads|Tasks),/.test(line)),
    );
    const name = cellsOf(all[0] ?? '')[0] ?? '';
    const theirs = all.filter((line) => line.startsWith(`${name},`));
    assert.deepEqual(await exported(console, '--user', name), theirs);
    const id = /,(1000000000000\d{5}),/.exec(theirs[0] ?? '')?.[1] ?? '';
    assert.deepEqual(await exported(console, '--user', id), theirs);
    const may = await exported(console, '--from', '2026-05-01', '--to', '2026-05-31');
    assert.deepEqual(
      may,
      all.filter((line) => line.includes(',2026-05-')),
    );
    assert.ok(may.length > 300);
  });

  test('writes a CSV or a ZIP of the same lines, by the name of the file', async () => {
    await using console = await openReadyConsole();
    await generate(console, 50);
    await exported(console);
    const csv = join(console.folder, 'all.csv');
    const done = await console.json<Exported>(['export', '-o', csv]);
    const text = await readFile(csv, 'utf8');
    // With the entry that tells of the export before it, and without the one about itself.
    assert.deepEqual([done.entries, done.files[0]?.path, done.files[0]?.bytes], [51, csv, Buffer.byteLength(text)]);
    const lines = (await exportedWhole(console)).slice(0, 51);
    assert.equal(text, `${csvHeader}${lines.join('\r\n')}\r\n`);
    await console.json(['export', '-o', join(console.folder, 'all.zip')]);
    await using other = await openReadyConsole();
    await other.run(['import', join(console.folder, 'all.zip')]);
    assert.deepEqual((await exportedWhole(other)).slice(0, 51), lines);
  });

  test('is told of in the log, after what it holds', async () => {
    await using console = await openReadyConsole();
    assert.deepEqual(await exportedWhole(console), []);
    const [told, ...more] = await exportedWhole(console, '--action', 'exported', '--to', '2999-01-01');
    assert.match(told ?? '', /^Annals command line,exported,Annals,Export on the command line,/);
    assert.deepEqual(more, []);
    const [, second] = await exportedWhole(console);
    assert.match(
      second ?? '',
      /,annals,"\[{""field"":""criteria"",""new"":{""to"":""2999-01-01"",""action"":\[""exported""\]}}\]"$/,
    );
  });

  test('says so when a part of an earlier export lies beside the file', async () => {
    await using console = await openReadyConsole();
    await writeFile(join(console.folder, 'a_002.csv'), 'old');
    const { stderr } = await console.run(['export', '-o', join(console.folder, 'a.csv')]);
    assert.match(stderr, /a_002\.csv was there before and is no part of this export/);
    const backwards = await console.run(['export', '-o', '-', '--from', '2026-02-01', '--to', '2026-01-01']);
    assert.equal(backwards.exitCode, 2);
  });

  test('shows of the log what a user may see', async () => {
    await using console = await openReadyConsole();
    await generate(console, 50);
    const { id } = await console.json<{ id: string }>(['user', 'add', '--email', 'm@x.example', '--name', 'Em']);
    const line = {
      audited_time: '2026-01-01T00:00:00Z',
      action: 'added',
      done_by: { id },
      module: { api_name: 'X' },
      record: { name: 'r' },
    };
    await console.run(['import', '-'], { stdin: JSON.stringify(line) });
    const seen = await exported(console, '--as', 'm@x.example');
    assert.equal(seen.length, 1);
    assert.match(seen[0] ?? '', /^Em,added,X,r,/);
    assert.equal((await exported(console, '--as', 'admin@example.com')).length, 51);
    await console.json(['user', 'add', '--email', 'n@x.example', '--name', 'N', '--profile', 'No Audit Log']);
    assert.equal((await console.run(['export', '-o', '-', '--as', 'n@x.example'])).exitCode, 1);
  });

  test('names what it does not know', async () => {
    await using console = await openReadyConsole();
    const unknown = [
      [['--module', 'Spoons'], /no module Spoons/],
      [['--user', 'Nobody At All'], /no user Nobody At All/],
      [['--org', '1'], /no organisation 1/],
    ] as const;
    for (const [args, message] of unknown) {
      const { exitCode, stderr } = await console.run(['export', '-o', '-', ...args]);
      assert.equal(exitCode, 1);
      assert.match(stderr, message);
    }
  });

  test('that is interrupted leaves the file that was there, and no other', async () => {
    await using console = await openReadyConsole();
    await generate(console, 10);
    const path = join(console.folder, 'a.csv');
    await writeFile(path, 'before');
    const { exitCode, stderr } = await console.run(['export', '-o', path], { interrupted: AbortSignal.abort() });
    assert.deepEqual([exitCode, stderr], [130, 'annals: interrupted\n']);
    assert.equal(await readFile(path, 'utf8'), 'before');
    assert.deepEqual((await readdir(console.folder)).sort(), ['a.csv', 'data']);
  });
});

suite('annals import', () => {
  const header = 'Done By,Action,Module,Record Name,Related Module,Related Name,Account Name,Audited Time';

  test('reads a foreign file as it is told to, and sums up', async () => {
    await using console = await openReadyConsole();
    const path = join(console.folder, 'zoho.csv');
    await writeFile(path, `${header}\nAda,Added,Sales Orders,R,,,,05/21/2026 12:49 PM\nAda,Added,Leads,R,,,,soon\n`);
    const args = ['import', path, '--date-format', 'MM/dd/yyyy hh:mm a', '--time-zone', 'Asia/Kolkata'];
    const first = await console.run(args);
    assert.equal(first.exitCode, 1);
    assert.match(first.stderr, /zoho\.csv \(CSV of Zoho CRM\): 1 new, 0 there already, 1 not recorded\n {2}line 3: /);
    assert.match(first.stderr, /annals: 1 lines were not recorded/);
    const again = await console.run([...args, '--json']);
    const summary = JSON.parse(again.stdout) as {
      accepted: number;
      duplicates: number;
      files: { rejected: object[] }[];
    };
    assert.deepEqual([summary.accepted, summary.duplicates, summary.files[0]?.rejected.length], [0, 1, 1]);
    assert.match((await exported(console))[0] ?? '', /^Ada,added,Sales_Orders,R,,,,2026-05-21T07:19:00\+00:00,/);
  });

  test('without the flags that are needed says which', async () => {
    await using console = await openReadyConsole();
    const stdin = `${header}\nAda,Added,Leads,R,,,,05/21/2026 12:49 PM\n`;
    const { exitCode, stderr } = await console.run(['import', '-'], { stdin });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^annals: standard input: .*--date-format/);
  });

  test('counts equal lines of several files together only with --parts', async () => {
    await using console = await openReadyConsole();
    const text = `${header}\nAda,Added,Leads,R,,,,2026-05-21T12:49:00Z\n`;
    const paths = [join(console.folder, '1.csv'), join(console.folder, '2.csv')];
    for (const path of paths) await writeFile(path, text);
    await console.run(['import', ...paths]);
    assert.equal((await exported(console)).length, 1);
    await console.run(['import', '--parts', ...paths]);
    assert.equal((await exported(console)).length, 2);
  });
});

suite('annals jobs', () => {
  test('says so when there is none', async () => {
    await using console = await openReadyConsole();
    assert.deepEqual(await console.json(['jobs']), []);
    assert.match((await console.run(['jobs'])).stderr, /No export has been scheduled/);
  });

  test('counts the entries of a finished job, none of a failed one, and links to where a server would be', async () => {
    await using console = await openReadyConsole();
    const org = console.made.org_id;
    await using parts = await openParts(loadConfig({ ANNALS_DATA: console.dataDir }), { mode: 'command' });
    const job = {
      org,
      createdBy: { id: '1', name: 'Ada' },
      criteria: null,
      filter: wholeLog,
      query: { ...everything, org },
    };
    await parts.jobs.create(job);
    const fine = await parts.jobs.claim('fine');
    assert.ok(fine);
    const files = [{ name: 'AuditLog.csv', bytes: 1, sha256: '', entries: 7 }];
    await parts.jobs.finish({ jobId: fine.id, owner: 'fine' }, { entries: 7, files, resultKey: `${org}/1/1-fine` });
    await parts.jobs.create(job);
    for (let claimed = await parts.jobs.claim('w'); claimed !== null; claimed = await parts.jobs.claim('w')) {
      await parts.jobs.endTry({ jobId: claimed.id, owner: 'w' }, claimed, failedTry(), 0);
    }
    const { stdout } = await console.run(['jobs'], { env: { ANNALS_HOST: '0.0.0.0', ANNALS_PORT: '8123' } });
    assert.match(stdout, /failed {2}\S+ {2}by Ada: the disk is full$/m);
    assert.match(stdout, /finished {2}\S+ {2}by Ada, 7 entries$/m);
    assert.match(stdout, /curl "http:\/\/127\.0\.0\.1:8123\//);
    const listed = await console.json<{ status: string; entries: number | null }[]>(['jobs']);
    assert.deepEqual(
      new Map(listed.map((each) => [each.status, each.entries])),
      new Map([
        ['failed', null],
        ['finished', 7],
      ]),
    );
  });
});
