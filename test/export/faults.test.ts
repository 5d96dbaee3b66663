import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { apiRules, type LayoutRules } from '../../src/export/layout.ts';
import { type ExportOutcome, runExport } from '../../src/export/run.ts';
import { FilesystemResults } from '../../src/results/filesystem.ts';
import { bytesOf, keysOf } from '../results/contract.ts';
import { failAt } from './fail-at.ts';
import { anyQuery, numberedLedger } from './numbered-ledger.ts';

const key = '10001/1/1-a';
/** Small files, so that each step of an export comes a few times. */
const shapes: readonly [string, number, LayoutRules][] = [
  ['one CSV', 250, { ...apiRules, rowsPerFile: 300, rowsPerPart: 600 }],
  ['two ZIPs of CSVs', 250, { ...apiRules, rowsPerFile: 60, rowsPerPart: 120 }],
];

for (const [shape, rows, rules] of shapes) {
  const ledger = numberedLedger(rows, { rowsPerChunk: 50 });

  suite(`an export of ${shape}`, () => {
    test('leaves nothing half done, whichever call to the results fails', async (t) => {
      let calls = 0;
      for (let n = 1; ; n += 1) {
        const { dir, results } = await freshResults(t);
        const fault = failAt(n, results);
        const run = runExport(
          { ledger, results: fault.port },
          { key, query: anyQuery, modifiedAt: 0 },
          { spoolDir: dir, rules },
        );
        if (!(await failed(run))) {
          assert.ok(!fault.fired());
          await assertWhole(results, await run);
          break;
        }
        calls = n;
        assert.deepEqual(await keysOf(results), [], `after fault ${n}`);
        assert.deepEqual(await readdir(dir), [], `after fault ${n}`);
      }
      assert.ok(calls >= 5, `${calls} calls were made to fail`);
    });

    test('leaves nothing half done, whichever call to the ledger fails', async (t) => {
      let calls = 0;
      for (let n = 1; ; n += 1) {
        const { dir, results } = await freshResults(t);
        const fault = failAt(n, ledger);
        const run = runExport(
          { ledger: fault.port, results },
          { key, query: anyQuery, modifiedAt: 0 },
          { spoolDir: dir, rules },
        );
        if (!(await failed(run))) {
          assert.ok(!fault.fired());
          await assertWhole(results, await run);
          break;
        }
        calls = n;
        assert.deepEqual(await readdir(dir), [], `after fault ${n}`);
      }
      assert.ok(calls >= 7, `${calls} calls were made to fail`);
    });

    test('leaves nothing half done when it is stopped after any chunk', async (t) => {
      for (let stopAt = 0; stopAt <= rows; stopAt += 10) {
        const { dir, results } = await freshResults(t);
        const controller = new AbortController();
        const onProgress = (done: number): void => {
          if (done >= stopAt) controller.abort();
        };
        const options = { spoolDir: dir, rules, signal: controller.signal, onProgress };
        const run = runExport({ ledger, results }, { key, query: anyQuery, modifiedAt: 0 }, options);
        await assert.rejects(run, { name: 'AbortError' });
        assert.deepEqual(await readdir(dir), [], `stopped at ${stopAt}`);
      }
    });
  });
}

test('when the undoing fails as well, the first error is the one that is told', async (t) => {
  const { dir, results } = await freshResults(t);
  const stubborn = {
    create: async (at: string) => {
      const writer = await results.create(at);
      return {
        file: (name: string) => writer.file(name),
        publish: () => Promise.reject(new Error('first')),
        abort: () => Promise.reject(new Error('second')),
      };
    },
  };
  const job = { key, query: anyQuery, modifiedAt: 0 };
  const run = runExport({ ledger: numberedLedger(3), results: stubborn }, job, { spoolDir: dir });
  await assert.rejects(run, (error: Error) => error.message === 'first' && /second/.test(String(error.cause)));
});

async function freshResults(t: { after(fn: () => Promise<void>): void }) {
  const dir = await mkdtemp(join(tmpdir(), 'annals-faults-'));
  t.after(() => rm(dir, { recursive: true }));
  return { dir, results: await FilesystemResults.open(dir) };
}

async function failed(run: Promise<unknown>): Promise<boolean> {
  return await run.then(
    () => false,
    () => true,
  );
}

async function assertWhole(results: FilesystemResults, outcome: ExportOutcome): Promise<void> {
  assert.deepEqual(await keysOf(results), [key]);
  for (const { name, bytes } of outcome.files) {
    assert.equal((await bytesOf(await results.read(key, name))).length, bytes);
  }
}
