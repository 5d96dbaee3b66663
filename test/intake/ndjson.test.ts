import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type NumberedLine, ndjsonLines } from '../../src/intake/ndjson.ts';

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function linesOf(source: AsyncIterable<Uint8Array>, maxLineBytes = 100): Promise<NumberedLine[]> {
  const lines: NumberedLine[] = [];
  for await (const batch of ndjsonLines(source, { maxLineBytes })) lines.push(...batch);
  return lines;
}

function read(text: string | Buffer, size = 7, maxLineBytes = 100): Promise<NumberedLine[]> {
  return linesOf(chunked(Buffer.from(text), size), maxLineBytes);
}

suite('the lines of NDJSON', () => {
  test('keep their numbers when blank lines stand between them', async () => {
    const lines = await read('{"a":1}\n\n  \r\n{"b":2}\r\n{"c":3}');
    assert.deepEqual(
      lines.map(({ line, text }) => [line, text]),
      [
        [1, '{"a":1}'],
        [4, '{"b":2}'],
        [5, '{"c":3}'],
      ],
    );
  });

  test('are the same however the bytes are cut', async () => {
    const text = fc.array(fc.string({ unit: 'binary', maxLength: 20 }).filter((line) => !/[\r\n\ufeff]/.test(line)));
    const property = fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const bytes = Buffer.from(lines.map((line) => `x${line}\n`).join(''));
      const found = await linesOf(chunked(bytes, size));
      assert.deepEqual(
        found.map((line) => line.text),
        lines.map((line) => `x${line}`.toWellFormed()),
      );
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('that are too long are named and skipped, and the next one is read', async () => {
    const lines = await read(`${'x'.repeat(101)}\n${'y'.repeat(100)}\r\n${'é'.repeat(51)}\n{}`);
    assert.deepEqual(
      lines.map(({ line, text, problem }) => [line, text?.length ?? null, problem]),
      [
        [1, null, 'too long'],
        [2, 100, null],
        [3, null, 'too long'],
        [4, 2, null],
      ],
    );
  });

  test('that are not UTF-8 are named, and their neighbours are read', async () => {
    for (const size of [1, 4, 1000]) {
      const bytes = Buffer.concat([
        Buffer.from('{"a":1}\n'),
        Buffer.from([0x7b, 0xff, 0x7d]),
        Buffer.from('\n{"b":2}\n'),
      ]);
      const lines = await read(bytes, size);
      assert.deepEqual(
        lines.map(({ text, problem }) => text ?? problem),
        ['{"a":1}', 'not UTF-8', '{"b":2}'],
      );
    }
  });

  test('may begin with a byte order mark', async () => {
    assert.deepEqual(
      (await read('\ufeff{"a":1}\n')).map((line) => line.text),
      ['{"a":1}'],
    );
  });

  test('of a gigabyte take no memory worth naming', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 1024; index += 1) yield chunk;
      yield Buffer.from('\n{}\n');
    };
    const before = process.memoryUsage.rss();
    const lines = await linesOf(source());
    assert.deepEqual(
      lines.map((line) => line.problem ?? line.text),
      ['too long', '{}'],
    );
    assert.ok(process.memoryUsage.rss() - before < 64 * 1024 * 1024);
  });

  test('are handed on as their chunk arrives, in batches of a bounded size', async () => {
    const sizes: number[] = [];
    const source = [Buffer.from('{}\n'.repeat(2500)), Buffer.from('{}\n')];
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield* source;
    };
    for await (const batch of ndjsonLines(stream(), { maxLineBytes: 10 })) sizes.push(batch.length);
    assert.deepEqual(sizes, [1000, 1000, 500, 1]);
  });
});
