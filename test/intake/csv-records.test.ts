import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { csvRecords, maxRecordBytes } from '../../src/intake/csv-records.ts';

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
}

suite('a record of a CSV', () => {
  test('may be so long and no longer, so that a quote that is never closed does not fill the memory', async () => {
    const [[record] = []] = await Array.fromAsync(csvRecords(chunksOf(`"${'a'.repeat(maxRecordBytes - 100)}"\n`)));
    assert.equal(record?.cells[0]?.length, maxRecordBytes - 100);
    let isRead = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('"');
      for (; isRead < 100 * maxRecordBytes; isRead += 65_536) yield Buffer.alloc(65_536, 'a');
    };
    await assert.rejects(Array.fromAsync(csvRecords(endless())), {
      code: 'INVALID_DATA',
      message: /not well-formed CSV/,
    });
    assert.ok(isRead < 10 * maxRecordBytes, `it was given up after ${isRead} bytes`);
  });
});
