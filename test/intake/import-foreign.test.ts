import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OrgZone } from '../../src/audit/time.ts';
import { compileDatePattern } from '../../src/intake/date-pattern.ts';
import { moduleNamesOf } from '../../src/intake/module-names.ts';
import { RepeatIds } from '../../src/intake/repeats.ts';
import { type House, linesOf, openHouse } from './house.ts';
import { countsOf, importText } from './importing.ts';

const header = 'Done By,Action,Module,Record Name,Related Module,Related Name,Account Name,Audited Time';
const times = { pattern: compileDatePattern('MM/dd/yyyy hh:mm a'), zone: new OrgZone('America/New_York') };

function file(...lines: string[]): string {
  return [header, ...lines, ''].join('\r\n');
}

async function linesWithoutIds(house: House): Promise<string[]> {
  return linesOf(await house.csv()).map((line) => line.replace(/,\d{18},\d{18},/, ',USER,ID,'));
}

suite('a CSV exported by Zoho CRM', () => {
  test('is recorded with the time at its place and the action in lower case', async () => {
    await using house = await openHouse('Asia/Kolkata');
    const text = file('Patricia Boyle,Updated,Leads,"Zylker, Inc.",Accounts,Zylker,Zylker,05/21/2026 12:49 PM');
    const report = await importText(house, text, { times });
    assert.deepEqual([report.kind, ...countsOf(report)], ['CSV of Zoho CRM', 1, 0, 0]);
    assert.deepEqual(await linesWithoutIds(house), [
      'Patricia Boyle,updated,Leads,"Zylker, Inc.",Accounts,Zylker,Zylker,2026-05-21T22:19:00+05:30,,USER,ID,zoho_export,',
    ]);
  });

  test('is looked up by column name, whatever the order, case and blanks; other columns are named and left out', async () => {
    await using house = await openHouse();
    const text =
      '\ufeffAUDITED time, module ,Extra,record_name,action,done by\n2026-05-21T12:49:00Z,Leads,?,R,Added,Ada\n';
    const report = await importText(house, text);
    assert.deepEqual(await linesWithoutIds(house), [
      'Ada,added,Leads,R,,,,2026-05-21T12:49:00+00:00,,USER,ID,zoho_export,',
    ]);
    assert.deepEqual(report.notes, ['columns left out: Extra']);
  });

  test('without a column that must be there is refused, naming it and what there is', async () => {
    await using house = await openHouse();
    await assert.rejects(importText(house, 'Done By,Action,Time\nAda,Added,x\n'), {
      code: 'INVALID_DATA',
      message: /no column "Module", "Record Name", "Audited Time"; the first line has "Done By", "Action", "Time"/,
    });
  });

  test('keeps equal lines as entries of their own, and adds nothing when it comes again', async () => {
    await using house = await openHouse();
    const line = 'Ada,Added,Leads,R,,,,05/21/2026 12:49 PM';
    const other = 'Ada,Deleted,Leads,R,,,,05/20/2026 12:49 PM';
    const text = file(line, other, line, other, line);
    assert.deepEqual(countsOf(await importText(house, text, { times })), [5, 0, 0]);
    assert.deepEqual(countsOf(await importText(house, text, { times })), [0, 5, 0]);
    assert.equal(new Set(linesOf(await house.csv())).size, 5);
  });

  test('that overlaps with another file adds only what is new, unless both are parts of one export', async () => {
    const line = 'Ada,Added,Leads,R,,,,05/21/2026 12:49 PM';
    const first = file('Ada,Added,Leads,A,,,,05/21/2026 12:48 PM', line, line);
    const second = file(line, 'Ada,Added,Leads,B,,,,05/21/2026 12:50 PM');
    await using overlapping = await openHouse();
    await importText(overlapping, first, { times });
    assert.deepEqual(countsOf(await importText(overlapping, second, { times })), [1, 1, 0]);
    await using parts = await openHouse();
    using ids = new RepeatIds();
    await importText(parts, first, { times, ids });
    assert.deepEqual(countsOf(await importText(parts, second, { times, ids })), [2, 0, 0]);
  });

  test('gives the same ids in every installation', async () => {
    await using one = await openHouse();
    await using other = await openHouse();
    const text = file('Ada,Added,Leads,R,,,,05/21/2026 12:49 PM', 'Bo,Added,Leads,R,,,,05/21/2026 12:49 PM');
    for (const house of [one, other]) await importText(house, text, { times });
    assert.equal((await one.csv()).toString(), (await other.csv()).toString());
  });

  test('whose times need a setting is refused before anything is recorded, naming the flag', async () => {
    await using house = await openHouse();
    const text = file('Ada,Added,Leads,R,,,,05/21/2026 12:49 PM');
    await assert.rejects(importText(house, text), { message: /^a file: .*--date-format/ });
    await assert.rejects(importText(house, text, { times: { ...times, zone: null } }), { message: /--time-zone/ });
    assert.equal(await house.ledger.count(house.query()), 0);
  });

  test('may hold bad lines, which are named and do not sink their neighbours', async () => {
    await using house = await openHouse();
    const text = file(
      'Ada,Added,Leads,"two\nlines",,,,05/21/2026 12:49 PM',
      'Ada,Added,Leads,R,,,,21.05.2026',
      'Ada,,Leads,R,,,,05/21/2026 12:49 PM',
      'Ada,Added,Leads',
      `${'x'.repeat(1025)},Added,Leads,R,,,,05/21/2026 12:49 PM`,
      'Ada,Added,Leads,Last,,,,05/21/2026 12:49 PM',
    );
    const report = await importText(house, text, { times });
    assert.deepEqual(
      report.rejected.map(({ line, message }) => [line, message.slice(0, 22)]),
      [
        [4, '"Audited Time" is not '],
        [5, '"Action": required fie'],
        [6, 'only 3 cells, fewer th'],
        [7, '"Done By": longer than'],
      ],
    );
    assert.equal(report.accepted, 2);
  });

  test('is stopped where it is no longer CSV, with the line and what was recorded', async () => {
    await using house = await openHouse();
    const lines = Array.from({ length: 2500 }, (_, index) => `Ada,Added,Leads,R${index},,,,05/21/2026 12:49 PM`);
    await assert.rejects(importText(house, file(...lines, 'Ada,Added,Lea"ds,R,,,,x'), { times }), {
      code: 'INVALID_DATA',
      message: /not well-formed CSV: .* at line 2502.* The \d+ entries before that are recorded/,
    });
  });

  test('in another encoding is refused, not recorded with its letters replaced', async () => {
    await using house = await openHouse();
    const bytes = Buffer.from(file('Zoë,Added,Leads,R,,,,05/21/2026 12:49 PM'), 'latin1');
    await assert.rejects(importText(house, bytes, { times }), { message: /not UTF-8, after line 1/ });
  });

  test('calls modules by their labels, which are looked up; an empty user or module is (none)', async () => {
    await using house = await openHouse();
    const moduleNames = moduleNamesOf(await house.directory.modules(house.zgid));
    const text = file(
      'Ada,Added,Sales Orders,1,,,,05/21/2026 12:49 PM',
      'Ada,Added,Own Module,2,,,,05/21/2026 12:50 PM',
      ',Signed In,,3,,,,05/21/2026 12:51 PM',
    );
    await importText(house, text, { times, moduleNames });
    const cells = linesOf(await house.csv()).map((line) => line.split(',').slice(0, 3).join('|'));
    assert.deepEqual(cells, ['Ada|added|Sales_Orders', 'Ada|added|Own Module', '(none)|signed in|(none)']);
  });
});
