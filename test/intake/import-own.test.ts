import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { csvHeader, encodeLine } from '../../src/audit/line.ts';
import { type House, linesOf, now, openHouse } from './house.ts';
import { countsOf, importFile, importText } from './importing.ts';
import { zipOf } from './zips.ts';

const names = [
  'plain',
  'with, comma',
  'with "quotes"',
  'two\r\nlines',
  'a lone \r and a lone \n',
  '=1+1',
  "'=1+1",
  "''",
  '\ttab',
  '  blanks  ',
  '',
  'emoji 👩‍🚀 and עברית',
  '\u0001control',
  'x'.repeat(64 * 1024),
];

async function fill(house: House): Promise<void> {
  const inputs = names.map((name, index) => ({
    id: BigInt(index + 1),
    time: now - Math.floor(index / 3),
    action: index % 2 === 0 ? 'added' : 'signed in',
    doneBy: { id: index % 3 === 0 ? null : 77n, name: index % 3 === 0 ? 'Only, a "name"' : 'Ada' },
    module: { apiName: index % 2 === 0 ? 'Leads' : 'Own=Module', id: null },
    record: { id: null, name },
    related: null,
    accountName: '+49',
    source: '',
    changes: index % 4 === 0 ? '[{"field":"A","old":12345678901234567890,"new":"x, \\"y\\""}]' : '',
  }));
  await house.recorder.record(house, inputs, { client: 'test' });
}

suite('what Annals exported', () => {
  test('comes back from another installation, in another time zone, as the same bytes', async () => {
    await using from = await openHouse('Asia/Kolkata');
    await using to = await openHouse('America/New_York');
    await fill(from);
    const csv = await from.csv();
    const report = await importText(to, csv);
    assert.deepEqual([report.kind, ...countsOf(report)], ['CSV of Annals', names.length, 0, 0]);
    assert.ok((await to.csv()).equals(csv));
  });

  test('comes back from a ZIP as the same bytes, and again adds nothing', async () => {
    await using from = await openHouse('Asia/Kolkata');
    await using to = await openHouse();
    await fill(from);
    const zip = await zipOf(from, 4);
    assert.deepEqual(countsOf(await importFile(to, 'AuditLog.zip', zip)), [names.length, 0, 0]);
    assert.deepEqual(countsOf(await importFile(to, 'AuditLog.zip', zip)), [0, names.length, 0]);
    assert.ok((await to.csv()).equals(await from.csv()));
  });

  test('is known although a tool has changed its line ends', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await from.recorder.record(from, [simple()], { client: 'test' });
    const csv = (await from.csv()).toString();
    await importText(to, csv.replaceAll('\r\n', '\n'));
    assert.equal((await to.csv()).toString(), csv);
  });

  test('keeps its people: one who is imported by name afterwards is the same one', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from);
    await importText(to, await from.csv());
    const [known] = await to.directory.resolveUsers(to.zgid, [{ id: null, name: 'Only, a "name"' }]);
    const [original] = await from.directory.resolveUsers(from.zgid, [{ id: null, name: 'Only, a "name"' }]);
    assert.equal(known?.id, original?.id);
  });

  test('is refused line by line where it was tampered with', async () => {
    await using house = await openHouse();
    const good = 'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,1,,';
    const bad = [
      'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,1.2E+17,,',
      'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,9223372036854775808,,',
      'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,,3,,',
      'Ada,added,Leads,R,,,,07/01/2026 00:00,,7,4,,',
      'Ada,ADDED,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,5,,',
      'Ada,added,,R,,,,2026-07-01T00:00:00+00:00,,7,6,,',
      'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,7,,not JSON',
      'Ada,added,Leads,R,,,,2026-07-01T00:00:00+00:00,,7,8,',
      'Ada,added,Leads,Other,,,,2026-07-01T00:00:00+00:00,,7,1,,',
    ];
    const report = await importText(house, [csvHeader.trim(), good, ...bad, ''].join('\r\n'));
    assert.deepEqual(countsOf(report), [1, 0, bad.length]);
    assert.deepEqual(
      report.rejected.map(({ line }) => line),
      bad.map((_, index) => index + 3),
    );
    assert.equal(report.rejected.at(-1)?.code, 'DUPLICATE_DATA');
    assert.deepEqual(linesOf(await house.csv()), [good]);
  });
});

suite('the field changes of what Annals exported', () => {
  const lineOf = (changes: string, id: number) =>
    encodeLine({
      ...{ doneByName: 'Ada', action: 'added', module: 'Leads', recordName: 'R', relatedModule: '', relatedName: '' },
      ...{ accountName: '', auditedTime: '2026-07-01T00:00:00+00:00', recordId: '', doneById: '7' },
      ...{ entryId: String(id), source: '', changes },
    });
  const nested = (depth: number) => `[{"field":"a","new":${'['.repeat(depth)}${']'.repeat(depth)}}]`;

  test('keep to the rules of an entry, or their line is rejected with the reason', async () => {
    await using house = await openHouse();
    const bad: [changes: string, reason: RegExp][] = [
      ['[1]', /an object.*\$\.changes\[0\]/],
      ['[{}]', /required field.*field/],
      ['[{"field":"a","note":1}]', /unknown key/],
      ['[{"field":"a","new":"\\u0000"}]', /NUL/],
      ['[{"field":"a","new":"\\ud800"}]', /surrogate/],
      ['[{"field":"a", "new":1}]', /compact/],
      ['[{"field":"a","new":1.0}]', /compact/],
      ['[]', /compact/],
      ['{}', /an array/],
      ['[{"field":"a","new":1e999}]', /out of range/],
      [nested(31), /deeper than 32/],
      [`[{"field":"${'x'.repeat(65_536)}"}]`, /65536 bytes/],
    ];
    const lines = bad.map(([changes], index) => lineOf(changes, index + 1));
    const report = await importText(house, csvHeader + lines.join(''));
    assert.deepEqual(countsOf(report), [0, 0, bad.length]);
    for (const [index, [, reason]] of bad.entries()) assert.match(report.rejected[index]?.message ?? '', reason);
  });

  test('are kept byte for byte as Annals writes them', async () => {
    await using house = await openHouse();
    const good = [
      nested(30),
      '[{"field":"a","old":1e+21,"new":12345678901234567890}]',
      '[{"field":"a","old":"\\u0001\\n é 😀","new":{"1":0,"b":-0.5}}]',
    ].map((changes, index) => lineOf(changes, index + 1));
    assert.deepEqual(countsOf(await importText(house, csvHeader + good.join(''))), [good.length, 0, 0]);
    assert.deepEqual((await house.csv()).toString(), csvHeader + good.join(''));
  });
});

function simple() {
  return {
    id: 1n,
    time: now,
    action: 'added',
    doneBy: { id: 7n, name: 'Ada' },
    module: { apiName: 'Leads', id: null },
    record: { id: null, name: 'R' },
    related: null,
    accountName: '',
    source: '',
    changes: '',
  };
}
