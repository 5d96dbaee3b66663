import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Failure } from '../../src/audit/failure.ts';
import type { IntakeDesk } from '../../src/intake/desk.ts';
import { importNdjson } from '../../src/intake/import-ndjson.ts';
import { type House, now, openHouse } from './house.ts';
import { countsOf, importText } from './importing.ts';

function aLine(change: object = {}): string {
  return JSON.stringify({
    audited_time: '2026-06-01T10:00:00Z',
    action: 'added',
    done_by: { name: 'Ada' },
    module: { api_name: 'Leads' },
    record: { name: 'R' },
    ...change,
  });
}

function deskOf(house: House): IntakeDesk {
  return house.recorder.deskOf(house.zgid, 'test');
}

function stream(house: House, lines: readonly string[], maxRejected = 1000) {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (const line of lines) yield Buffer.from(`${line}\n`);
  };
  return importNdjson(source(), { desk: deskOf(house), zone: house.zone, maxLineBytes: 1000, maxRejected });
}

suite('a stream of NDJSON', () => {
  test('records its good lines and names its bad ones', async () => {
    await using house = await openHouse();
    const counts = await stream(house, [
      aLine({ id: '1' }),
      'no JSON',
      '',
      aLine({ extra: 1 }),
      aLine({ id: '1' }),
      aLine({ id: '1', action: 'deleted' }),
      aLine({ record: { name: 'x'.repeat(2000) } }),
      aLine({ id: 9007199254740993n.toString() }),
    ]);
    assert.deepEqual([counts.accepted, counts.duplicates], [2, 1]);
    assert.deepEqual(
      counts.rejected.map(({ line, code, jsonPath }) => [line, code, jsonPath]),
      [
        [2, 'INVALID_DATA', '$'],
        [4, 'INVALID_DATA', '$.extra'],
        [6, 'DUPLICATE_DATA', '$.id'],
        [7, 'REQUEST_TOO_LARGE', '$'],
      ],
    );
  });

  test('that names more modules than there is room for loses only the lines that need a new one', async () => {
    await using house = await openHouse();
    const there = (await house.directory.modules(house.zgid)).length;
    const others = Array.from({ length: 9_999 - there }, (_, n) => ({ apiName: `Module_${n}`, id: null }));
    await house.directory.resolveModules(house.zgid, others);
    const named = (api_name: string, person: string) => aLine({ module: { api_name }, done_by: { name: person } });
    const text = [named('Leads', 'A'), named('Last', 'B'), named('More', 'C'), named('Last', 'D'), named('More', 'E')];
    const report = await importText(house, text.join('\n'));
    assert.deepEqual(countsOf(report), [3, 0, 2]);
    assert.deepEqual(
      report.rejected.map(({ line, code, jsonPath }) => [line, code, jsonPath]),
      [
        [3, 'LIMIT_EXCEEDED', '$.module.api_name'],
        [5, 'LIMIT_EXCEEDED', '$.module.api_name'],
      ],
    );
    const query = { type: 'NotConfirmedUsers', page: 1, perPage: 10, currentUserId: null } as const;
    const added = (await house.directory.users(house.zgid, query)).users.map((user) => user.fullName);
    assert.deepEqual(added.sort(), ['A', 'B', 'D']);
  });

  test('nests as deep as it is told', async () => {
    await using house = await openHouse();
    const text = aLine({ extra: 0 }).replace('"extra":0', `"extra":${'['.repeat(9)}${']'.repeat(9)}`);
    const { rejected: deep } = await importText(house, text, { maxDepth: 9 });
    assert.match(deep[0]?.message ?? '', /deeper than 9 levels/);
    const { rejected: other } = await importText(house, text, { maxDepth: 10 });
    assert.equal(other[0]?.message, 'unknown key');
  });

  test('keeps every digit of an id that is a JSON number', async () => {
    await using house = await openHouse();
    await stream(house, [aLine({ id: '@' }).replace('"@"', '9223372036854775807')]);
    assert.equal((await house.ledger.page(house.query(), null, 1))[0]?.id, 2n ** 63n - 1n);
  });

  test('is stopped by too many bad lines, with an error that says how far it got', async () => {
    await using house = await openHouse();
    const lines = [aLine(), ...Array.from({ length: 2000 }, () => 'bad'), aLine()];
    await assert.rejects(stream(house, lines, 3), (error: Failure) => {
      assert.equal(error.code, 'LIMIT_EXCEEDED');
      assert.match(
        error.message,
        /^More than 3 lines were rejected; stopped at line 5\. Until then 1 entries were recorded/,
      );
      assert.deepEqual(
        [error.details.line, error.details.accepted, (error.details.rejected as object[]).length],
        [5, 1, 3],
      );
      return true;
    });
    assert.equal(await house.ledger.count(house.query()), 1);
  });

  test('reads no faster than the ledger writes', async () => {
    await using house = await openHouse();
    let read = 0;
    let recorded = 0;
    let furthest = 0;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (; read < 200; read += 1) {
        furthest = Math.max(furthest, read - recorded);
        yield Buffer.from(`${aLine()}\n`);
      }
    };
    const desk: IntakeDesk = {
      ...deskOf(house),
      append: async (columns) => {
        const { rows } = columns;
        const appended = await deskOf(house).append(columns);
        recorded += rows;
        return appended;
      },
    };
    await importNdjson(source(), { desk, zone: house.zone, maxLineBytes: 1000, maxRejected: 0 });
    assert.equal(recorded, 200);
    assert.ok(furthest <= 17, `${furthest} batches were on their way at once`);
  });

  test('that breaks off has recorded what came before, and throws what broke it', async () => {
    await using house = await openHouse();
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${aLine()}\n${aLine()}\n`);
      throw new Error('the client is gone');
    };
    const broken = importNdjson(source(), {
      desk: deskOf(house),
      zone: house.zone,
      maxLineBytes: 1000,
      maxRejected: 0,
    });
    await assert.rejects(broken, { message: 'the client is gone' });
    assert.equal(await house.ledger.count(house.query()), 2);
  });
});

suite('an imported NDJSON file', () => {
  test('adds nothing when it comes again, equal lines without ids included', async () => {
    await using house = await openHouse();
    const text = [aLine(), aLine(), aLine({ id: '5' }), ''].join('\n');
    assert.deepEqual(countsOf(await importText(house, text)), [3, 0, 0]);
    assert.deepEqual(countsOf(await importText(house, text)), [0, 3, 0]);
  });

  test('must say when things happened, unless it is live', async () => {
    await using house = await openHouse();
    const text = aLine({ audited_time: null });
    const report = await importText(house, text);
    assert.deepEqual(
      report.rejected.map(({ code, jsonPath }) => [code, jsonPath]),
      [['MANDATORY_NOT_FOUND', '$.audited_time']],
    );
    assert.deepEqual(countsOf(await importText(house, text, { isLive: true })), [1, 0, 0]);
    assert.equal((await house.ledger.page(house.query(), null, 1))[0]?.time, now);
  });

  test('that is something else is refused in words', async () => {
    await using house = await openHouse();
    await assert.rejects(importText(house, ''), { message: 'a file: it is empty' });
    await assert.rejects(importText(house, ' \n\n'), { message: 'a file: it is empty' });
    await assert.rejects(importText(house, `[${aLine()}]`), { message: /one entry a line/ });
    await assert.rejects(importText(house, 'PK\x03\x04'), { message: /a ZIP cannot be read from a pipe/ });
    await assert.rejects(importText(house, Buffer.from([0x1f, 0x8b, 8])), { message: /gzip -dc/ });
  });
});
