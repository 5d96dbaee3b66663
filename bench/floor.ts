/**
 * The least that a file which is hashed and survives a crash can cost: its bytes are written, hashed and synced, and
 * nothing else. floor.ts SOURCE TARGET prints the seconds; reading the source beforehand does not count.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined) throw new Error('usage: floor.ts SOURCE TARGET');
const pieceBytes = 2 ** 20;
const bytes = readFileSync(source);
rmSync(target, { force: true });

const startedAt = performance.now();
const file = openSync(target, 'wx');
const hash = createHash('sha256');
for (let at = 0; at < bytes.length; at += pieceBytes) {
  const piece = bytes.subarray(at, at + pieceBytes);
  hash.update(piece);
  writeSync(file, piece);
}
hash.digest();
fsyncSync(file);
closeSync(file);
process.stdout.write(`${(performance.now() - startedAt) / 1000}\n`);
