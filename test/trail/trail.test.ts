import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { decodeLine, entryOf } from '../../src/audit/line.ts';
import type { Recorder } from '../../src/intake/recorder.ts';
import { type Act, commandLine, Trail, trailClient } from '../../src/trail/trail.ts';
import { type House, openHouse } from '../intake/house.ts';

const ada = { userId: '554023000000799326', name: 'Ada Sample' };
const signedIn: Act = { action: 'signed in', record: { id: ada.userId, name: 'Ada Sample' } };

/** With what it writes to the server's own log. */
function trailOf(recorder: Pick<Recorder, 'record'>): { trail: Trail; logged: unknown[] } {
  const logged: unknown[] = [];
  const log = { error: (what: unknown) => void logged.push(what) };
  return { trail: new Trail({ recorder, log }), logged };
}

async function told(house: House) {
  const rows = await house.ledger.page(house.query(), null, 100);
  return rows.map((row) => ({ ...entryOf(decodeLine(row.line)), client: row.client }));
}

suite('the trail', () => {
  test('tells an act as an entry of the module Annals, done by who acted', async () => {
    await using house = await openHouse('Asia/Kolkata');
    const { trail } = trailOf(house.recorder);
    const org = { zgid: house.zgid, timeZone: 'Asia/Kolkata' };
    const changes = [{ field: 'company_name', old: 'Zylker', new: 'Zylker, Inc.' }];
    await trail.tell(org, ada, { action: 'updated', record: { id: '7', name: 'Organisation "Zylker"' }, changes });
    const [entry] = await told(house);
    assert.deepEqual(
      { ...entry, id: null },
      {
        id: null,
        audited_time: '2026-07-01T05:30:00+05:30',
        action: 'updated',
        done_by: { id: ada.userId, name: 'Ada Sample' },
        module: { api_name: 'Annals' },
        record: { id: '7', name: 'Organisation "Zylker"' },
        related_record: null,
        account_name: '',
        source: 'annals',
        changes,
        client: trailClient,
      },
    );
  });

  test('knows the command line as one user, whom it adds as imported', async () => {
    await using house = await openHouse();
    const { trail } = trailOf(house.recorder);
    const org = { zgid: house.zgid, timeZone: 'UTC' };
    await trail.tell(org, commandLine, signedIn);
    await trail.tell(org, commandLine, signedIn);
    const ids = new Set((await told(house)).map((entry) => entry.done_by.id));
    assert.equal(ids.size, 1);
    const user = await house.directory.user(house.zgid, [...ids][0] ?? '');
    assert.deepEqual([user?.fullName, user?.isImported, user?.email], ['Annals command line', true, null]);
  });

  test('throws what recording throws, so that what cannot be told can be left undone', async () => {
    const { trail, logged } = trailOf({ record: () => Promise.reject(diskIsFull) });
    await assert.rejects(trail.tell({ zgid: '1', timeZone: 'UTC' }, ada, signedIn), diskIsFull);
    assert.deepEqual(logged, []);
  });

  test('logs what was done and cannot be told, and does not throw', async () => {
    const { trail, logged } = trailOf({ record: () => Promise.reject(diskIsFull) });
    await trail.tellDone({ zgid: '1', timeZone: 'UTC' }, ada, signedIn);
    assert.deepEqual(logged, [{ err: diskIsFull, org: '1', userId: ada.userId, act: signedIn }]);
  });

  test('does not take it for told when the recorder did not store it', async () => {
    const { trail } = trailOf({ record: async () => ['duplicate'] });
    await assert.rejects(trail.tell({ zgid: '1', timeZone: 'UTC' }, ada, signedIn), /not recorded/);
  });
});

const diskIsFull = new Failure('SERVICE_UNAVAILABLE', 'The disk of the ledger is full');
