import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isDownload, nextAddress } from '../../console/src/pages/next.ts';

const origin = 'https://audit.test';
const after = (next: string) => nextAddress(`next=${encodeURIComponent(next)}`, origin);

suite('where the log-in leads to', () => {
  test('is the address that was wanted, with its query', () => {
    assert.equal(after('/log?action=deleted&entry=1-2'), '/log?action=deleted&entry=1-2');
    assert.equal(after('/v2/crm/1/auditlog/2/AuditLog.zip'), '/v2/crm/1/auditlog/2/AuditLog.zip');
  });

  test('is the log, when nothing was wanted', () => {
    assert.equal(nextAddress('', origin), '/log');
  });

  test('is never another site, however that is written', () => {
    for (const next of [
      'https://evil.test/',
      '//evil.test/',
      '/\\evil.test/',
      '/\t/evil.test/',
      '/\n/evil.test',
      '\\\\evil.test',
      'javascript:alert(1)',
      'log',
      '/..//evil.test/',
      '/log\\..\\..\\evil',
      '/login?next=//evil.test',
    ]) {
      assert.equal(after(next), '/log', next);
    }
  });

  test('knows a download, which the server has to answer', () => {
    assert.equal(isDownload('/v2/crm/1/auditlog/2/AuditLog.csv'), true);
    assert.equal(isDownload('/log'), false);
  });
});
