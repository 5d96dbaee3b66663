import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { stringifyJson } from '../../src/audit/json.ts';
import {
  csvColumns,
  csvHeader,
  decodeLine,
  encodeLine,
  entryOf,
  type LineFields,
  unguardCell,
} from '../../src/audit/line.ts';

const keys = [
  'doneByName',
  'action',
  'module',
  'recordName',
  'relatedModule',
  'relatedName',
  'accountName',
  'auditedTime',
  'recordId',
  'doneById',
  'entryId',
  'source',
  'changes',
] as const satisfies readonly (keyof LineFields)[];

const zylker: LineFields = {
  doneByName: 'Patricia Boyle',
  action: 'updated',
  module: 'Leads',
  recordName: 'Zylker',
  relatedModule: 'Accounts',
  relatedName: 'Zylker Corp, Inc',
  accountName: '',
  auditedTime: '2026-07-13T09:30:00+05:30',
  recordId: '554023000000999001',
  doneById: '554023000000799326',
  entryId: '554023000001234567',
  source: 'crm_ui',
  changes: '[{"field":"Lead_Status","old":"New","new":"Contacted"}]',
};

/** Strings of any UTF-16 units, half surrogate pairs too, and often of what the format treats in a special way. */
const anyText = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        "'",
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        '"',
        ',',
        ' ',
        'a',
        '0',
        '\0',
        '\ud83d',
        '\ude00',
        'א',
        '\u202e',
      ),
    )
    .map((units) => units.join('')),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    "'",
    "''''=x",
    "'=",
    "'x",
    '=1+1',
    '-1',
    '+49 30',
    '@SUM(A1)',
    '\r\n',
    '\r',
    '"',
    '""',
    ' lead',
    'trail ',
    '😀',
    'مرحبا',
  ),
);

const anyFields: fc.Arbitrary<LineFields> = fc.record(
  {
    doneByName: anyText,
    action: anyText,
    module: anyText,
    recordName: anyText,
    relatedModule: anyText,
    relatedName: anyText,
    accountName: anyText,
    auditedTime: anyText,
    recordId: anyText,
    doneById: anyText,
    entryId: anyText,
    source: anyText,
    changes: anyText,
  },
  { noNullPrototype: true },
);

const cellsOf = (fields: LineFields) => keys.map((key) => fields[key]);
const withName = (recordName: string): LineFields => ({ ...zylker, relatedName: '', changes: '', recordName });
const encodedName = (name: string) => encodeLine(withName(name)).split('Leads,')[1]?.split(',Accounts')[0];

suite('the header', () => {
  test('is the one that readers of the exported file look for', () => {
    assert.equal(
      csvHeader,
      'Done By,Action,Module,Record Name,Related Module,Related Name,Account Name,Audited Time,Record Id,Done By Id,Entry Id,Source,Changes\r\n',
    );
    assert.equal(csvColumns.length, keys.length);
  });
});

const forms: [name: string, cell: string][] = [
  ['', ''],
  ['plain', 'plain'],
  [' blank ', ' blank '],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['"', '""""'],
  ['a\nb', '"a\nb"'],
  ['a\rb', '"a\rb"'],
  ['=1+1', "'=1+1"],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ['+49', "'+49"],
  ['-1', "'-1"],
  ['@x', "'@x"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ["'=x", "''=x"],
  ["'''\r", "\"''''\r\""],
  ["'x", "'x"],
  ["'", "'"],
  ["''", "''"],
  ['\nx', '"\nx"'],
  [' =x', ' =x'],
  ['a=b', 'a=b'],
  ['\v\f\u0085\u2028', '\v\f\u0085\u2028'],
  ['😀 مرحبا', '😀 مرحبا'],
];

suite('a line', () => {
  test('has its cells in the order of the header, quoted only where they must be', () => {
    assert.equal(
      encodeLine(zylker),
      'Patricia Boyle,updated,Leads,Zylker,Accounts,"Zylker Corp, Inc",,2026-07-13T09:30:00+05:30,554023000000999001,' +
        '554023000000799326,554023000001234567,crm_ui,"[{""field"":""Lead_Status"",""old"":""New"",""new"":""Contacted""}]"\r\n',
    );
  });

  for (const [name, cell] of forms) {
    test(`writes ${JSON.stringify(name)} as ${JSON.stringify(cell)}, and reads it back`, () => {
      assert.equal(encodedName(name), cell);
      assert.deepEqual(decodeLine(encodeLine(withName(name))), withName(name));
    });
  }

  test('decodes to what was encoded, whatever the cells hold', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        assert.deepEqual(decodeLine(encodeLine(fields)), fields);
      }),
      { numRuns: 2000 },
    );
  });

  test('holds cells of 64 KB', () => {
    for (const unit of ['x', '"', ',', '\r\n', "'", '😀', '=']) {
      const long = unit.repeat(65_536 / unit.length);
      const fields = { ...zylker, recordName: long, changes: long };
      assert.deepEqual(decodeLine(encodeLine(fields)), fields);
    }
  });

  test('is read alike by an independent CSV reader, and never runs as a formula', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const records = parse(csvHeader + encodeLine(fields), { record_delimiter: '\r\n' });
        assert.equal(records.length, 2);
        const cells: string[] = records[1] ?? [];
        // It reads UTF-8, which has no half surrogate pairs; entries have none either.
        assert.deepEqual(
          cells.map(unguardCell),
          cellsOf(fields).map((cell) => cell.toWellFormed()),
        );
        for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
      }),
      { numRuns: 500 },
    );
  });

  test('is one line to a reader when no cell has a line break', () => {
    const lines = (csvHeader + encodeLine(zylker) + encodeLine(zylker)).split('\r\n');
    assert.equal(lines.length, 4);
  });
});

suite('decodeLine refuses', () => {
  const good = encodeLine(zylker);
  const plain = encodeLine(withName('x'));
  const bad: [string, string][] = [
    ['nothing', ''],
    ['a line without its end', plain.slice(0, -2)],
    ['a quoted line without its end', good.slice(0, -2)],
    ['a line that ends with LF alone', `${plain.slice(0, -2)}\n`],
    ['a quoted line that ends with LF alone', `${good.slice(0, -2)}\n`],
    ['two lines', plain + plain],
    ['two quoted lines', good + good],
    ['twelve cells', `${','.repeat(11)}\r\n`],
    ['fourteen cells', `${','.repeat(13)}\r\n`],
    ['fourteen cells, one quoted', `"a"${','.repeat(13)}\r\n`],
    ['a quote that does not end', `"a${','.repeat(12)}\r\n`],
    ['text after a quote', `"a"b${','.repeat(12)}\r\n`],
    ['a quote inside a plain cell', `a"b"${','.repeat(12)}\r\n`],
    ['a bare CR', `a\rb${','.repeat(12)}\r\n`],
    ['a bare LF beside a quoted cell', `"a",a\nb${','.repeat(11)}\r\n`],
  ];
  for (const [what, line] of bad) {
    test(what, () => {
      assert.throws(() => decodeLine(line), /line/);
    });
  }
});

suite('unguardCell', () => {
  test('takes one apostrophe off a guarded cell only', () => {
    const cells = ["'=x", "''=x", "'x", "'", '', '=x', "'\tx", "'\rx", "'\nx"];
    assert.deepEqual(cells.map(unguardCell), ['=x', "'=x", "'x", "'", '', '=x', '\tx', '\rx', "'\nx"]);
  });
});

suite('entryOf', () => {
  test('gives the JSON form of an entry', () => {
    assert.deepEqual(entryOf(zylker), {
      id: '554023000001234567',
      audited_time: '2026-07-13T09:30:00+05:30',
      action: 'updated',
      done_by: { id: '554023000000799326', name: 'Patricia Boyle' },
      module: { api_name: 'Leads' },
      record: { id: '554023000000999001', name: 'Zylker' },
      related_record: { module: 'Accounts', name: 'Zylker Corp, Inc' },
      account_name: '',
      source: 'crm_ui',
      changes: [{ field: 'Lead_Status', old: 'New', new: 'Contacted' }],
    });
  });

  test('shows what is not there as null or empty', () => {
    const bare = entryOf({ ...zylker, recordId: '', relatedModule: '', relatedName: '', changes: '' });
    assert.equal(bare.record.id, null);
    assert.equal(bare.related_record, null);
    assert.deepEqual(bare.changes, []);
  });

  test('shows a related record that has only one of its two', () => {
    assert.deepEqual(entryOf({ ...zylker, relatedName: '' }).related_record, { module: 'Accounts', name: '' });
    assert.deepEqual(entryOf({ ...zylker, relatedModule: '' }).related_record, {
      module: '',
      name: 'Zylker Corp, Inc',
    });
  });

  test('keeps the digits of big integers in the changes', () => {
    const { changes } = entryOf({ ...zylker, changes: '[{"field":"Owner","new":554023000001234567}]' });
    assert.deepEqual(changes, [{ field: 'Owner', new: 554023000001234567n }]);
  });

  test('shows changes whatever was accepted when they were stored', () => {
    const shown = (changes: string) => stringifyJson(entryOf({ ...zylker, changes }).changes);
    for (const changes of [
      '[{"field":"n","new":[1e999,-1e400,12345678901234567890.5,0.1,1.50,554023000001234567]}]',
      `[{"field":"deep","new":${'['.repeat(900)}1e999${']'.repeat(900)}}]`,
      '{}',
    ]) {
      assert.equal(shown(changes), changes);
    }
    for (const unwritable of [`${'['.repeat(32_000)}1e999${']'.repeat(32_000)}`, '[']) {
      assert.equal(shown(unwritable), JSON.stringify(unwritable));
    }
  });
});
