import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { encodeLine } from '../../src/audit/line.ts';
import { recordInLine } from '../../src/audit/line-record.ts';
import { foldedWords, foldText } from '../../src/audit/words.ts';

suite('words', () => {
  test('are what stands between white space, folded, each once', () => {
    assert.deepEqual(foldedWords('  Ada\tÉTÉ\u00a0ada e\u0301te\u0301\n'), ['ada', 'été']);
    assert.deepEqual(foldedWords(' \n '), []);
  });

  test('are the same in another case, and however their accents are written', () => {
    assert.equal(foldText('ΠΈΤΡΟ'), foldText('πέτρο'.normalize('NFD')));
  });
});

suite('the record in a line', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', '=', "'", 'é', '見', ' ') });

  test('is the name and the id that were put into it, whatever stands around them', () => {
    const cells = fc.record({
      ...{ doneByName: text, action: text, module: text, recordName: text, relatedModule: text, relatedName: text },
      ...{ accountName: text, auditedTime: text, recordId: text, doneById: text, entryId: text, source: text },
      changes: text,
    });
    fc.assert(
      fc.property(cells, (fields) => {
        const found = recordInLine(Buffer.from(encodeLine(fields)));
        assert.deepEqual(found, { name: fields.recordName, id: fields.recordId });
      }),
      { numRuns: 2000 },
    );
  });

  test('is empty where a line has not as many cells', () => {
    assert.deepEqual(recordInLine(Buffer.from('a,b,c\r\n')), { name: '', id: '' });
    assert.deepEqual(recordInLine(Buffer.from('a,b,c,"d, e"\r\n')), { name: 'd, e', id: '' });
  });
});
