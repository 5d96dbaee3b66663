import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OrgZone } from '../../src/audit/time.ts';
import type { ExportFilter } from '../../src/export/export-filter.ts';
import { filterInWords, namedIn, namedValues } from '../../src/export/filter-words.ts';
import { wholeLog } from './job-setup.ts';

const zone = new OrgZone('Asia/Kolkata');
const at = (iso: string): number => Date.parse(iso) / 1000;
const names = {
  people: new Map([
    ['7', 'Ada'],
    ['8', 'Grace'],
  ]),
  modules: new Map([['Sales_Orders', 'Sales Orders']]),
};
const inWords = (filter: Partial<ExportFilter>) => filterInWords({ ...wholeLog, ...filter }, names, zone);

suite('a filter in words', () => {
  test('without any condition is everything', () => {
    assert.deepEqual(inWords({}), ['All entries']);
  });

  test('names people and modules, each kind in a sentence of its own', () => {
    const filter = {
      actions: ['added', 'updated', 'deleted'],
      modules: ['Sales_Orders', 'Leads'],
      doneBy: ['7', '9'],
      words: 'Zylker  "corp"',
      record: '42',
    };
    assert.deepEqual(inWords(filter), [
      'Action: added, updated or deleted',
      'Module: Sales Orders or Leads',
      'Done by Ada or user 9',
      'Record name has “Zylker” and “"corp"”',
      'Record 42',
    ]);
  });

  test('counts what is too much to be named, and asks for no more names than it tells', () => {
    const doneBy = Array.from({ length: namedValues + 3 }, (_, index) => String(index));
    assert.deepEqual(inWords({ doneBy }), ['Done by user 0, user 1, user 2, user 3, user 4 or 3 others']);
    assert.deepEqual(
      inWords({ doneBy: doneBy.slice(0, -2) })
        .at(0)
        ?.endsWith('or 1 other'),
      true,
    );
    assert.deepEqual(namedIn({ ...wholeLog, doneBy }).people, doneBy.slice(0, namedValues));
  });

  test('tells whole days as days, and other times to the second with their offset', () => {
    const from = at('2026-07-01T00:00:00+05:30');
    const to = at('2026-07-31T23:59:59+05:30');
    assert.deepEqual(inWords({ from, to }), ['From 1 July 2026 to 31 July 2026']);
    assert.deepEqual(inWords({ from, to: at('2026-07-01T23:59:59+05:30') }), ['On 1 July 2026']);
    assert.deepEqual(inWords({ from: from + 34_200 }), ['From 1 July 2026, 09:30:00 (+05:30) on']);
    assert.deepEqual(inWords({ to: to + 1 }), ['Until 1 August 2026, 00:00:00 (+05:30)']);
  });

  test('says when criteria leave nothing', () => {
    assert.deepEqual(inWords({ from: 10, to: 9 }), ['No time at all']);
    assert.deepEqual(inWords({ actions: [] }), ['Action: none']);
  });
});
