import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  countFilters,
  maxWords,
  maxWordsLength,
  noFilters,
  pinned,
  queryOf,
  readFilters,
  writeFilters,
} from '../../console/src/pages/log/filters.ts';

const now = Date.parse('2026-07-01T12:00:00Z');

suite('the filters of the log', () => {
  test('stand in the address and are read from it again', () => {
    const filters = {
      ...noFilters,
      from: '2026-06-01T00:00:00Z',
      to: '2026-06-30T21:59:59Z',
      actions: ['added', 'signed_in'],
      modules: ['Leads', 'a&b=c'],
      doneBy: ['554023000000799326'],
      words: 'Zylker +1 100%',
      recordId: 'b8966358d1c6ce17',
    };
    assert.deepEqual(readFilters(writeFilters(filters)), filters);
    assert.equal(countFilters(filters), 6);
  });

  test('are none in an empty address, and leave none behind', () => {
    assert.deepEqual(readFilters(''), noFilters);
    assert.equal(writeFilters(noFilters), '');
    assert.equal(countFilters(noFilters), 0);
  });

  test('leave out what is none, or what the API would refuse', () => {
    const search = 'last=9y&from=yesterday&to=&action=&done_by=abc&done_by=7&record_id=&words=%20';
    assert.deepEqual(readFilters(search), { ...noFilters, doneBy: ['7'], words: ' ' });
    assert.equal(readFilters(`words=${'x'.repeat(500)}`).words.length, maxWordsLength);
    const many = Array.from({ length: 300 }, (_, index) => `module=M${index}`).join('&');
    assert.equal(readFilters(many).modules.length, 100);
  });

  test('count a preset from now, and win over a range that stands beside it', () => {
    const filters = readFilters('last=24h&from=2026-01-01T00:00:00Z');
    assert.deepEqual([filters.last, filters.from], ['24h', null]);
    assert.equal(queryOf(filters, now).from, '2026-06-30T12:00:00Z');
    assert.deepEqual(pinned(filters, now), { ...noFilters, from: '2026-06-30T12:00:00Z' });
  });

  test('keep what else stands in the address beside them', () => {
    assert.equal(
      writeFilters({ ...noFilters, words: ' Zylker ' }, { entry: '17-3', none: null }),
      'words=Zylker&entry=17-3',
    );
  });

  test('ask for no more words than the API takes', () => {
    const words = Array.from({ length: 12 }, (_, index) => `w${index}`).join('  ');
    assert.equal(String(queryOf({ ...noFilters, words }, now).words).split(' ').length, maxWords);
  });
});
