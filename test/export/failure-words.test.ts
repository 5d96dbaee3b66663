import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { ThreadEnded } from '../../src/export/export-thread.ts';
import { adviceFor, failedTry, failureKinds } from '../../src/export/failure-words.ts';

test('a reason says what its owner can understand, and nothing of the inside', () => {
  const full = new Failure('SERVICE_UNAVAILABLE', 'ENOSPC: /var/lib/annals');
  assert.deepEqual(failedTry(full, 3), {
    kind: 'store',
    reason: 'After 3 tries: the disk, or another part of the service, was full or down',
  });
  const memory = new ThreadEnded('ended', { ranOutOfMemory: true });
  assert.deepEqual(failedTry(memory, 1), { kind: 'memory', reason: 'After one try: the export ran out of memory' });
  for (const inside of [
    new Error('SELECT x FROM y'),
    new ThreadEnded('exit code 3', { ranOutOfMemory: false }),
    'text',
  ]) {
    const { kind, reason } = failedTry(inside, 2);
    assert.equal(kind, 'internal');
    assert.match(reason, /^After 2 tries: an internal error, which the server's log has/);
  }
});

test('every kind of failure has advice of its own, and a failure of no kind the most general', () => {
  const texts = failureKinds.map((kind) => adviceFor(kind));
  assert.equal(new Set(texts).size, failureKinds.length);
  for (const text of texts) assert.match(text, /^[A-Z].*\.$/);
  assert.equal(adviceFor(null), adviceFor('internal'));
});
