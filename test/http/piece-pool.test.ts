import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PiecePool } from '../../src/http/piece-pool.ts';

const mebibyte = 1024 * 1024;

suite('the buffers that downloads share', () => {
  test('a few are large, and the more are out the smaller they get', () => {
    const pool = new PiecePool(16 * mebibyte);
    const sizes = Array.from({ length: 1000 }, () => pool.take().byteLength);
    assert.equal(sizes[0], mebibyte / 2);
    assert.equal(sizes.at(-1), mebibyte / 16);
    for (const [index, size] of sizes.entries()) assert.ok(index === 0 || size <= (sizes[index - 1] ?? 0));
  });

  test('all together stay within the budget, but for the smallest, which nobody is denied', () => {
    const pool = new PiecePool(16 * mebibyte);
    for (let count = 1; count <= 64; count += 1) pool.take();
    assert.ok(pool.usedBytes <= 16 * mebibyte);
    for (let count = 1; count <= 1000; count += 1) pool.take();
    assert.ok(pool.usedBytes <= 16 * mebibyte + 1000 * (mebibyte / 16));
  });

  test('what is given back is used again, what is forgotten is not, and neither counts as used', () => {
    const pool = new PiecePool(16 * mebibyte);
    const buffer = pool.take();
    pool.giveBack(buffer);
    assert.equal(pool.usedBytes, 0);
    assert.equal(pool.take(), buffer);
    pool.forget(buffer);
    assert.equal(pool.usedBytes, 0);
    assert.notEqual(pool.take(), buffer);
  });

  test('two who have a buffer never have the same', () => {
    const pool = new PiecePool(mebibyte);
    for (let round = 0; round < 3; round += 1) {
      const out = Array.from({ length: 50 }, () => pool.take());
      assert.equal(new Set(out.map((buffer) => buffer.buffer)).size, 50);
      for (const buffer of out) pool.giveBack(buffer);
    }
  });

  test('what waits for its next use counts against the budget too', () => {
    const pool = new PiecePool(16 * mebibyte);
    const known = new Set<Buffer>();
    for (let round = 0; round < 10; round += 1) {
      const out = Array.from({ length: 10 + round * 30 }, () => pool.take());
      for (const buffer of out) known.add(buffer);
      for (const buffer of out) pool.giveBack(buffer);
    }
    const kept = Array.from({ length: 300 }, () => pool.take()).filter((buffer) => known.has(buffer));
    assert.ok(kept.length > 0 && bytesIn(kept) <= 16 * mebibyte);
  });

  test('at rest a few megabytes are kept for the next', () => {
    const pool = new PiecePool(16 * mebibyte);
    const before = new Set(Array.from({ length: 20 }, () => pool.take()));
    for (const buffer of before) pool.giveBack(buffer);
    pool.rest();
    const kept = Array.from({ length: 20 }, () => pool.take()).filter((buffer) => before.has(buffer));
    assert.ok(kept.length > 0 && bytesIn(kept) <= 4 * mebibyte, String(bytesIn(kept)));
  });

  test('who wants little gets little', () => {
    const pool = new PiecePool(16 * mebibyte);
    assert.equal(pool.take(mebibyte / 8).byteLength, mebibyte / 8);
    assert.equal(pool.take(1).byteLength, mebibyte / 16);
  });
});

function bytesIn(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
}
