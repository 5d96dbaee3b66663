import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openInput } from '../../src/intake/open-input.ts';
import { maxMembers } from '../../src/intake/zip.ts';
import { type House, now, openHouse } from './house.ts';
import { countsOf, importAll, importFile } from './importing.ts';
import { zipOf } from './zips.ts';

async function fill(house: House, entries: number): Promise<void> {
  const inputs = Array.from({ length: entries }, (_, index) => ({
    id: BigInt(index + 1),
    time: now + index,
    action: 'added',
    doneBy: { id: 7n, name: 'Ada' },
    module: { apiName: 'Leads', id: null },
    record: { id: null, name: `record ${index}` },
    related: null,
    accountName: '',
    source: '',
    changes: '',
  }));
  await house.recorder.record(house, inputs, { client: 'test' });
}

suite('a packed file', () => {
  test('that is damaged is refused before anything of it is recorded', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from, 30);
    const zip = await zipOf(from, 10);
    // Somewhere in the compressed bytes of the last member; the local header is 30 bytes and the name.
    const header = zip.lastIndexOf(Buffer.from('PK\x03\x04'));
    const damaged = Buffer.from(zip);
    damaged.writeUInt8(damaged.readUInt8(header + 120) ^ 0x10, header + 120);
    await assert.rejects(importFile(to, 'damaged.zip', damaged), {
      code: 'INVALID_DATA',
      message: /AuditLog_003\.csv/,
    });
    assert.equal(await to.ledger.count(to.query()), 0);
    const gzip = gzipSync(await from.csv());
    gzip.writeUInt32LE(1, gzip.length - 8);
    await assert.rejects(importFile(to, 'damaged.csv.gz', gzip), { message: /damaged/ });
    assert.equal(await to.ledger.count(to.query()), 0);
  });

  test('may unpack to so much and no more', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from, 100);
    const limit = { code: 'LIMIT_EXCEEDED', message: /unpacks to more than 5000 bytes.*--max-unpacked/ };
    await assert.rejects(importFile(to, 'large.zip', await zipOf(from, 50), 5000), limit);
    await assert.rejects(importFile(to, 'large.csv.gz', gzipSync(await from.csv()), 5000), limit);
    assert.equal(await to.ledger.count(to.query()), 0);
  });

  test('may hold so many files and no more', async () => {
    await using house = await openHouse();
    const claiming = (members: number): Buffer => {
      const end = Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1');
      end.writeUInt16LE(members, 8);
      end.writeUInt16LE(members, 10);
      return end;
    };
    await assert.rejects(importFile(house, 'many.zip', claiming(maxMembers + 1)), {
      code: 'LIMIT_EXCEEDED',
      message: /many\.zip holds more than 10000 files/,
    });
    // As many as may be: what is wrong with it now is that they are not there.
    await assert.rejects(importFile(house, 'full.zip', claiming(maxMembers)), { code: 'INVALID_DATA' });
  });

  test('that lies about its size is refused', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from, 100);
    const zip = await zipOf(from, 100);
    zip.writeUInt32LE(100, zip.lastIndexOf(Buffer.from('PK\x01\x02')) + 24);
    await assert.rejects(importFile(to, 'lying.zip', zip), { code: 'INVALID_DATA' });
  });

  test('with gzip is known by its first bytes', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from, 5);
    assert.deepEqual(countsOf(await importFile(to, 'no-extension', gzipSync(await from.csv()))), [5, 0, 0]);
  });

  test('reports each of its files by name, in the order of their numbers', async () => {
    await using from = await openHouse();
    await using to = await openHouse();
    await fill(from, 25);
    const reports = await importFile(to, 'x.zip', await zipOf(from, 10));
    assert.deepEqual(
      reports.map(({ name, accepted }) => [name.split(': ')[1], accepted]),
      [
        ['AuditLog_001.csv', 10],
        ['AuditLog_002.csv', 10],
        ['AuditLog_003.csv', 5],
      ],
    );
  });

  test('without a CSV, or no file at all, is refused in words', async () => {
    await using house = await openHouse();
    const empty = Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1');
    await assert.rejects(importFile(house, 'empty.zip', empty), { message: /there is no CSV file in this ZIP/ });
    const open = async (path: string) => importAll(house, await openInput(path, { maxUnpackedBytes: 1 }));
    await assert.rejects(open('/no/such/file'), { message: '/no/such/file: there is no such file' });
    await assert.rejects(open(house.folder), { message: /it is a folder/ });
  });
});
