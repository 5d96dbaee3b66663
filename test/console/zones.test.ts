import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { zonesWith } from '../../console/src/pages/admin/zones.ts';
import { zoneNamed } from '../../src/audit/zones.ts';

suite('the zones to choose from', () => {
  test('have the names of today, each once, and the server takes every one of them', () => {
    const zones = zonesWith('UTC');
    assert.ok(zones.includes('Asia/Kolkata'));
    assert.ok(!zones.includes('Asia/Calcutta'));
    assert.equal(new Set(zones).size, zones.length);
    for (const zone of zones) assert.match(zoneNamed(zone).format(0), /^19(69|70)-/, zone);
  });

  test('have the one that is set, whatever the browser knows', () => {
    assert.ok(zonesWith('Etc/GMT+5').includes('Etc/GMT+5'));
  });
});
