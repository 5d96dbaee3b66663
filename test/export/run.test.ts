import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { csvHeader } from '../../src/audit/line.ts';
import { apiRules, type LayoutRules, layoutOf } from '../../src/export/layout.ts';
import { type ExportOptions, type ExportOutcome, writeExport } from '../../src/export/run.ts';
import { anyQuery, type NumberedOptions, numberedLedger, tinyLine } from './numbered-ledger.ts';
import { memoryFiles } from './sinks.ts';
import { readZip } from './zip-reader.ts';

suite('what an export holds', () => {
  for (const entries of [0, 1, 99_999, 100_000, 100_001, 999_999, 1_000_000, 1_000_001]) {
    test(`${entries} entries: each line once, in order, in the files that the rules ask for`, async () => {
      const { outcome, files } = await exported(entries);
      const layout = layoutOf(entries);
      assert.equal(outcome.entries, entries);
      assert.deepEqual(
        outcome.files.map((file) => [file.name, file.entries]),
        layout.map((file) => [file.name, file.entries]),
      );
      let next = 1;
      for (const file of layout) {
        const csvs = await csvsOf(file.name, files.get(file.name));
        assert.deepEqual(
          csvs.map((csv) => csv.name),
          file.members.map((member) => member.name),
        );
        for (const [index, member] of file.members.entries()) {
          assert.equal(digest(csvs[index]?.text ?? ''), digest(csvHeader + linesFrom(next, member.entries)));
          next += member.entries;
        }
      }
      assert.equal(next, entries + 1);
    });
  }

  test('for any count, chunk size and rules the lines are the log, and every CSV starts with the header', async () => {
    const cases = fc.record({
      entries: fc.integer({ min: 0, max: 400 }),
      rowsPerChunk: fc.integer({ min: 1, max: 60 }),
      rowsPerFile: fc.integer({ min: 1, max: 40 }),
      filesPerPart: fc.integer({ min: 1, max: 5 }),
      format: fc.constantFrom('auto', 'csv', 'zip'),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ entries, rowsPerChunk, rowsPerFile, filesPerPart, format }) => {
        const rules: LayoutRules = { ...apiRules, format, rowsPerFile, rowsPerPart: rowsPerFile * filesPerPart };
        const { outcome, files } = await exported(entries, { rowsPerChunk }, { rules });
        let text = '';
        for (const { name } of outcome.files) {
          for (const csv of await csvsOf(name, files.get(name))) {
            assert.ok(csv.text.startsWith(csvHeader));
            text += csv.text.slice(csvHeader.length);
          }
        }
        assert.equal(text, linesFrom(1, entries));
      }),
      { numRuns: 60 },
    );
  });

  test('each file is told with its size, its SHA-256 and its entries', async () => {
    const { outcome, files } = await exported(100_001);
    const zip = files.get('AuditLog.zip') ?? Buffer.alloc(0);
    const sha256 = createHash('sha256').update(zip).digest('hex');
    assert.deepEqual(outcome.files, [{ name: 'AuditLog.zip', bytes: zip.length, sha256, entries: 100_001 }]);
  });

  test('a rerun gives the same bytes, of CSV and of ZIP', async () => {
    for (const entries of [5_000, 150_000]) {
      const [first, second] = [await exported(entries), await exported(entries)];
      assert.deepEqual(first.outcome, second.outcome);
    }
  });
});

suite('an export that cannot be whole', () => {
  const rules: LayoutRules = { ...apiRules, rowsPerFile: 100, rowsPerPart: 300 };

  for (const [counted, words] of [
    [1_001, /ended after 1000 of 1001/],
    [999, /(more than the 999|cross the file's end)/],
    [950, /(more than the 950|cross the file's end)/],
    [0, /more than the 0/],
  ] as const) {
    test(`is an error when ${counted} entries were counted and 1000 came`, async () => {
      await assert.rejects(exported(1_000, { counted, rowsPerChunk: 10 }, { rules }), words);
    });
  }

  test('does not finish its last file, so that the caller need only drop that one', async () => {
    const { files, open } = memoryFiles();
    await assert.rejects(exported(1_000, { counted: 400, rowsPerChunk: 100 }, { rules, open }));
    assert.deepEqual([...files.keys()], ['AuditLog.zip']);
  });

  test('is an error when the ledger did not cut where a file ends', async () => {
    const ledger = numberedLedger(1_000);
    const careless = {
      count: ledger.count,
      chunks: () => ledger.chunks(anyQuery, { rowsPerFile: 1_000_000 }),
    };
    await assert.rejects(exported(1_000, {}, { rules, ledger: careless }), /cross the file's end/);
  });

  for (const at of [0, 300, 1_000]) {
    test(`stops when it is told to after ${at} entries, and tells the ledger`, async () => {
      const controller = new AbortController();
      let isClosed = false;
      const ledger = numberedLedger(1_000, { rowsPerChunk: 50 });
      const watched = {
        count: ledger.count,
        async *chunks(...args: Parameters<typeof ledger.chunks>) {
          try {
            yield* ledger.chunks(...args);
          } finally {
            isClosed = true;
          }
        },
      };
      const onProgress = (rows: number): void => {
        if (rows === at) controller.abort();
      };
      const run = exported(1_000, {}, { rules, ledger: watched, signal: controller.signal, onProgress });
      await assert.rejects(run, { name: 'AbortError' });
      assert.equal(isClosed, at > 0, 'a reader that was started is ended');
    });
  }
});

test('progress starts at nothing, never goes back, and ends with all', async () => {
  const seen: [number, number][] = [];
  await exported(2_500, {}, { onProgress: (rows, total) => seen.push([rows, total]) });
  assert.deepEqual(seen, [
    [0, 2_500],
    [1_000, 2_500],
    [2_000, 2_500],
    [2_500, 2_500],
  ]);
});

async function exported(
  rows: number,
  log: NumberedOptions = {},
  options: Partial<ExportOptions> = {},
): Promise<{ outcome: ExportOutcome; files: Map<string, Buffer> }> {
  const { files, open } = memoryFiles();
  const outcome = await writeExport({
    ledger: numberedLedger(rows, log),
    query: anyQuery,
    open,
    modifiedAt: 1_783_935_000,
    spoolDir: tmpdir(),
    ...options,
  });
  return { outcome, files };
}

async function csvsOf(name: string, file: Buffer | undefined): Promise<{ name: string; text: string }[]> {
  assert.ok(file, `${name} was written`);
  if (name.endsWith('.csv')) return [{ name, text: file.toString() }];
  return (await readZip(file)).map((member) => ({ name: member.name, text: member.bytes.toString() }));
}

function linesFrom(first: number, count: number): string {
  let text = '';
  for (let n = first; n < first + count; n += 1) text += tinyLine(n);
  return text;
}

/** So that a difference in 700,000 bytes is told in one line. */
function digest(text: string): string {
  return `${text.length} characters, SHA-256 ${createHash('sha256').update(text).digest('hex')}`;
}
