import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OrgZone } from '../../src/audit/time.ts';
import { filterLimits, filterOfBody, filterOfQuery } from '../../src/http/log-filter.ts';
import { wholeLog } from '../export/job-setup.ts';

const zone = new OrgZone('Asia/Kolkata');
const refusal = (name: string, json_path?: string) => (error: unknown) => {
  const { code, details, message } = error as { code: string; details: Record<string, unknown>; message: string };
  assert.deepEqual([code, details.api_name, details.json_path], ['INVALID_DATA', name, json_path]);
  assert.match(message, new RegExp(name));
  return true;
};
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

suite('a filter', () => {
  test('that says nothing is everything, as parameters and as JSON', () => {
    assert.deepEqual(filterOfQuery(new URLSearchParams(), zone), wholeLog);
    for (const body of [undefined, {}, { from: null, actions: null, words: '  ' }]) {
      assert.deepEqual(filterOfBody(body, zone), wholeLog);
    }
  });

  test('is the same as parameters and as JSON', () => {
    const query =
      'from=2026-07-01&to=2026-07-01&action=Added&action=x&module=Leads&done_by=7&words=%20a%20B&record_id=R-1';
    const expected = {
      from: Date.parse('2026-07-01T00:00:00+05:30') / 1000,
      to: Date.parse('2026-07-01T23:59:59+05:30') / 1000,
      actions: ['added', 'x'],
      modules: ['Leads'],
      doneBy: ['7'],
      words: 'a B',
      record: 'R-1',
    };
    assert.deepEqual(filterOfQuery(new URLSearchParams(query), zone), expected);
    const body = {
      from: '2026-07-01',
      to: '2026-07-01',
      actions: ['Added', 'x', 'Added'],
      modules: ['Leads'],
      done_by: ['7'],
      words: ' a B',
      record_id: 'R-1',
    };
    assert.deepEqual(filterOfBody(body, zone), expected);
  });

  test('that cannot be is refused, and the parameter is named', () => {
    const { values, words, wordsLength } = filterLimits;
    const bad: [string, string][] = [
      ['from', 'from=yesterday'],
      ['to', 'to='],
      ['action', 'action='],
      ['action', new URLSearchParams(many(values + 1).map((each) => ['action', each])).toString()],
      ['done_by', 'done_by=ada'],
      ['words', `words=${many(words + 1).join('+')}`],
      ['words', `words=${'x'.repeat(wordsLength + 1)}`],
      ['words', 'words=a%00b'],
      ['record_id', 'record_id='],
      ['record_id', `record_id=${'x'.repeat(256)}`],
    ];
    for (const [name, query] of bad) {
      assert.throws(() => filterOfQuery(new URLSearchParams(query), zone), refusal(name), query);
    }
  });

  test('may be as large as the limits say', () => {
    const { values, words } = filterLimits;
    const filter = filterOfBody({ done_by: many(values), words: many(words).join(' ') }, zone);
    assert.deepEqual([filter.doneBy?.length, filter.words], [values, many(words).join(' ')]);
  });

  test('that is no such JSON is refused, and the place is named', () => {
    const bad: [string, object][] = [
      ['from', { from: 1_782_864_000 }],
      ['actions', { actions: 'added' }],
      ['actions', { actions: [] }],
      ['actions', { actions: ['added', 7] }],
      ['modules', { modules: [null] }],
      ['done_by', { done_by: [7] }],
      ['words', { words: ['a'] }],
      ['words', { words: '\ud800' }],
      ['record_id', { record_id: 7 }],
    ];
    for (const [name, body] of bad) assert.throws(() => filterOfBody(body, zone), refusal(name, `$.${name}`), name);
    assert.throws(
      () => filterOfBody({ action: ['added'] }, zone),
      (error: Error) => /known are from, to, actions/.test(error.message),
    );
    for (const body of [[], [{}], 'text', 7, null]) {
      assert.throws(() => filterOfBody(body, zone), {
        code: 'INVALID_DATA',
        message: 'The body must be a JSON object',
      });
    }
  });
});
