import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { csvHeader } from '../../src/audit/line.ts';
import { apiRules, type LayoutRules } from '../../src/export/layout.ts';
import { writeExport } from '../../src/export/run.ts';
import type { LedgerQuery, LedgerRow } from '../../src/ledger/ledger.ts';
import { LedgerModel } from '../ledger/model.ts';
import { linesOf, sent } from '../ledger/rows.ts';
import { type SealingLedger, sealingLedger } from '../ledger/sealing-ledger.ts';
import { memoryFiles } from './sinks.ts';
import { readZip } from './zip-reader.ts';

const someRow: fc.Arbitrary<LedgerRow> = fc.record({
  time: fc.integer({ min: 100, max: 400 }),
  id: fc.bigInt({ min: 1n, max: 6n }),
  action: fc.constantFrom('added', 'updated'),
  doneBy: fc.bigInt({ min: 1n, max: 5n }),
  module: fc.constantFrom('Leads', 'Deals'),
  line: fc.constantFrom('a\r\n', 'b,"x\r\ny"\r\n', 'ü😀\r\n', `${'long '.repeat(2_000)}\r\n`),
});

const someList = (values: readonly string[]) => fc.option(fc.subarray([...values], { minLength: 1 }), { freq: 3 });

const someExport = fc.record({
  from: fc.integer({ min: 90, max: 300 }),
  length: fc.integer({ min: 0, max: 400 }),
  actions: someList(['added', 'updated']),
  modules: someList(['Leads', 'Deals', 'Cases']),
  doneBy: someList(['1', '2', '3', '4', '5']),
  words: fc.constant(null),
  record: fc.constant(null),
  visibleTo: someList(['1', '2', '3', '4', '5']),
  format: fc.constantFrom('auto', 'csv', 'zip'),
  rowsPerFile: fc.integer({ min: 1, max: 60 }),
  filesPerPart: fc.integer({ min: 1, max: 4 }),
});

suite('files that are spliced from a sealed log', () => {
  test('decompress to exactly the lines that a plain scan gives, whatever was sealed, came late or is asked for', async () => {
    await using ledger = await sealingLedger({ reads: 'here' });
    let runs = 0;
    // Each call is sealed when it is stored, so what the next ones bring comes late.
    const calls = fc.array(fc.array(someRow, { maxLength: 120, size: 'max' }), { maxLength: 5 });
    const property = fc.asyncProperty(
      calls,
      fc.array(someExport, { minLength: 3, maxLength: 3 }),
      async (batches, asked) => {
        runs += 1;
        const org = String(5000 + runs);
        const model = new LedgerModel();
        for (const rows of batches) {
          model.append(org, rows, sent);
          await ledger.append(org, rows, sent);
        }
        for (const { from, length, format, rowsPerFile, filesPerPart, ...lists } of asked) {
          const query = { org, from, to: from + length, ...lists, asOf: await ledger.lastArrival(org) };
          const rules = { ...apiRules, format, rowsPerFile, rowsPerPart: rowsPerFile * filesPerPart } as const;
          assert.equal(await exportedLines(ledger, query, rules), linesOf(model.matching(query)));
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});

/** The lines of all files, in order, each file checked against what the export says of it. */
async function exportedLines(ledger: SealingLedger, query: LedgerQuery, rules: LayoutRules): Promise<string> {
  const { files, open } = memoryFiles();
  const options = { modifiedAt: 0, spoolDir: tmpdir(), gzipsCsv: true };
  const outcome = await writeExport({ ledger, query, open, rules, ...options });
  let lines = '';
  for (const file of outcome.files) {
    const bytes = files.get(file.name) ?? Buffer.alloc(0);
    assert.deepEqual([bytes.length, sha256(bytes)], [file.bytes, file.sha256]);
    const texts = file.name.endsWith('.zip') ? (await readZip(bytes)).map((member) => member.bytes) : [bytes];
    if (file.gzip) {
      const form = files.get(`${file.name}.gz`) ?? Buffer.alloc(0);
      assert.deepEqual([form.length, sha256(form)], [file.gzip.bytes, file.gzip.sha256]);
      assert.ok(gunzipSync(form).equals(bytes));
    }
    assert.equal(file.gzip !== undefined, file.name.endsWith('.csv'));
    for (const text of texts.map(String)) {
      assert.ok(text.startsWith(csvHeader));
      lines += text.slice(csvHeader.length);
    }
  }
  return lines;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
