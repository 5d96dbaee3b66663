import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { Admission } from '../../src/http/admission.ts';

function isRefusal(error: unknown): boolean {
  return error instanceof Failure && error.code === 'TOO_MANY_REQUESTS' && error.retryAfterSeconds !== null;
}

suite('what all requests together may hold', () => {
  test('bytes are held until the answer is through, and no more than there is room for', () => {
    const admission = new Admission({ bodyBytesAtOnce: 100, ingestStreams: 1 });
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    admission.hold(60, first);
    assert.throws(() => admission.hold(50, second), isRefusal);
    admission.hold(40, second);
    first.emit('close');
    admission.hold(60, second);
    assert.throws(() => admission.hold(1, second), isRefusal);
    second.emit('close');
    admission.hold(100, first);
  });

  test('a stream has its place until it ends', () => {
    const admission = new Admission({ bodyBytesAtOnce: 1, ingestStreams: 2 });
    {
      using _one = admission.openStream();
      using _two = admission.openStream();
      assert.throws(() => admission.openStream(), isRefusal);
    }
    using _three = admission.openStream();
  });
});
