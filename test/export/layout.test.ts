import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { apiRules, layoutOf } from '../../src/export/layout.ts';

suite('the files of an export', () => {
  for (const entries of [0, 1, 99_999, 100_000]) {
    test(`${entries} entries are one CSV`, () => {
      const name = 'AuditLog.csv';
      assert.deepEqual(layoutOf(entries), [{ name, container: 'csv', entries, members: [{ name, entries }] }]);
    });
  }

  test('100,001 entries are a ZIP of two CSVs', () => {
    assert.deepEqual(layoutOf(100_001), [
      {
        name: 'AuditLog.zip',
        container: 'zip',
        entries: 100_001,
        members: [
          { name: 'AuditLog_001.csv', entries: 100_000 },
          { name: 'AuditLog_002.csv', entries: 1 },
        ],
      },
    ]);
  });

  for (const [entries, last] of [
    [999_999, 99_999],
    [1_000_000, 100_000],
  ] as const) {
    test(`${entries} entries are one ZIP of ten CSVs`, () => {
      const [file, ...more] = layoutOf(entries);
      assert.deepEqual(more, []);
      assert.equal(file?.name, 'AuditLog.zip');
      assert.equal(file?.members.length, 10);
      assert.deepEqual(file?.members.at(-1), { name: 'AuditLog_010.csv', entries: last });
    });
  }

  test('what goes beyond 1,000,000 entries follows in further ZIPs, and the numbering of the CSVs goes on', () => {
    const files = layoutOf(2_100_001);
    assert.deepEqual(
      files.map((file) => [file.name, file.entries]),
      [
        ['AuditLog.zip', 1_000_000],
        ['AuditLog_002.zip', 1_000_000],
        ['AuditLog_003.zip', 100_001],
      ],
    );
    assert.equal(files[1]?.members[0]?.name, 'AuditLog_011.csv');
    assert.deepEqual(files[2]?.members, [
      { name: 'AuditLog_021.csv', entries: 100_000 },
      { name: 'AuditLog_022.csv', entries: 1 },
    ]);
  });

  test('a format that was asked for is kept, whatever the count', () => {
    const csv = layoutOf(2_000_001, { ...apiRules, format: 'csv', name: 'audit' });
    assert.deepEqual(
      csv.map((file) => [file.name, file.entries]),
      [
        ['audit.csv', 1_000_000],
        ['audit_002.csv', 1_000_000],
        ['audit_003.csv', 1],
      ],
    );
    const zip = layoutOf(0, { ...apiRules, format: 'zip', name: 'audit' });
    assert.deepEqual(zip, [
      { name: 'audit.zip', container: 'zip', entries: 0, members: [{ name: 'AuditLog_001.csv', entries: 0 }] },
    ]);
  });

  test('for any count and any rules, no entry is left out and no limit is passed', () => {
    const rules = fc.record({
      format: fc.constantFrom('auto', 'csv', 'zip'),
      name: fc.constant('AuditLog'),
      rowsPerFile: fc.integer({ min: 1, max: 50 }),
      rowsPerPart: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), rules, (entries, { rowsPerPart, ...rest }) => {
        const limits = { ...rest, rowsPerPart: rest.rowsPerFile * rowsPerPart };
        const files = layoutOf(entries, limits);
        const members = files.flatMap((file) => file.members);
        const perMember = files[0]?.container === 'csv' ? limits.rowsPerPart : limits.rowsPerFile;
        assert.equal(sum(files), entries);
        assert.equal(sum(members), entries);
        assert.ok(files.every((file) => file.entries <= limits.rowsPerPart));
        assert.ok(members.every((member) => member.entries <= perMember && (member.entries > 0 || entries === 0)));
        assert.equal(new Set(members.map((member) => member.name)).size, members.length);
        assert.equal(new Set(files.map((file) => file.name)).size, files.length);
      }),
    );
  });

  test('a count that is no count is refused', () => {
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 60]) assert.throws(() => layoutOf(bad), RangeError);
  });
});

function sum(items: readonly { readonly entries: number }[]): number {
  return items.reduce((total, item) => total + item.entries, 0);
}
