import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Export,
  type ExportFilter,
  type ExportPage,
  exportIn,
  filterOf,
  viewOfFilter,
  withExport,
} from '../../console/src/api/exports.ts';
import { noFilters, queryOf, readFilters } from '../../console/src/pages/log/filters.ts';

const filter: ExportFilter = {
  from: '2026-07-01T00:00:00+05:30',
  to: null,
  actions: ['added', 'deleted'],
  modules: null,
  done_by: ['554023000000799326'],
  words: 'zylker & corp',
  record_id: null,
};

suite('what an export holds', () => {
  test('a view without filters asks for everything', () => {
    assert.deepEqual(filterOf(queryOf(noFilters, Date.now())), {});
  });

  test('the view of an export asks for the same export again', () => {
    const query = queryOf(readFilters(viewOfFilter(filter).toString()), Date.now());
    assert.deepEqual(filterOf(query), {
      from: '2026-06-30T18:30:00Z',
      words: 'zylker & corp',
      actions: ['added', 'deleted'],
      done_by: ['554023000000799326'],
    });
  });
});

suite('a list of exports that is told of changes', () => {
  const one = (id: string, status: Export['status']) => ({ id, status }) as Export; // all that is looked at here
  const info = { more_records: false, next_cursor: null };
  const pages: readonly ExportPage[] = [
    { exports: [one('3', 'progress'), one('2', 'finished')], info },
    { exports: [one('1', 'failed')], info },
  ];
  const shown = (list: readonly ExportPage[]) =>
    list.map((page) => page.exports.map(({ id, status }) => `${id} ${status}`));

  test('puts one that it knows in its place', () => {
    assert.deepEqual(shown(withExport(pages, one('3', 'finished'))), [['3 finished', '2 finished'], ['1 failed']]);
  });

  test('puts one that is new first, once', () => {
    const added = withExport(pages, one('4', 'scheduled'));
    assert.deepEqual(shown(added), [['4 scheduled', '3 progress', '2 finished'], ['1 failed']]);
    assert.deepEqual(shown(withExport(added, one('4', 'progress'))).flat().length, 4);
  });

  test('takes nothing from an event that is no export', () => {
    assert.equal(exportIn('{"id":"3"'), null);
    assert.equal(exportIn('[]'), null);
    assert.equal(exportIn(new ArrayBuffer(1)), null);
    assert.equal(exportIn('{"id":"3","status":"failed"}')?.id, '3');
  });
});
