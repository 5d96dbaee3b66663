import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { ThreadEnded } from '../../src/export/export-thread.ts';
import { reasonInWords } from '../../src/export/failure-words.ts';

test('a reason says what its owner can understand, and nothing of the inside', () => {
  const full = new Failure('SERVICE_UNAVAILABLE', 'ENOSPC: /var/lib/annals');
  assert.equal(reasonInWords(full, 3), 'After 3 tries: the disk, or another part of the service, was full or down');
  const memory = new ThreadEnded('ended', { ranOutOfMemory: true });
  assert.equal(reasonInWords(memory, 1), 'After one try: the export ran out of memory');
  for (const inside of [
    new Error('SELECT x FROM y'),
    new ThreadEnded('exit code 3', { ranOutOfMemory: false }),
    'text',
  ]) {
    assert.match(reasonInWords(inside, 2), /^After 2 tries: an internal error, which the server's log has/);
  }
});
