/** Roles, profiles, modules and the organisation, as an administrator manages them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Failure } from '../../src/audit/failure.ts';
import { Trail } from '../../src/trail/trail.ts';
import { type Asked, ask, done, refuses, toldBy } from './admin-setup.ts';
import { anEntry, Fixture } from './fixture.ts';

const longName = 'é'.repeat(513);

suite('roles over HTTP', () => {
  const ids = async (fixture: Fixture): Promise<Record<string, string>> => {
    const { roles } = await done(fixture, { path: 'roles' });
    return Object.fromEntries(roles.map(({ name, id }: { name: string; id: string }) => [name, id]));
  };

  test('are added under the one that is named, or the CEO, and told of', async () => {
    await using fixture = await Fixture.open();
    const { CEO, Manager } = await ids(fixture);
    let id = '';
    const entries = await toldBy(fixture, async () => {
      ({ id } = (await done(fixture, { method: 'POST', path: 'roles', payload: { name: ' Sales ' } })).role);
    });
    assert.deepEqual(
      entries.map(({ action, record, changes }) => ({ action, record, changes })),
      [
        {
          action: 'added',
          record: { id, name: 'Role Sales' },
          changes: [
            { field: 'name', new: 'Sales' },
            { field: 'reports_to', new: CEO },
          ],
        },
      ],
    );
    const payload = { name: 'Clerks', reports_to: Manager };
    const { role } = await done(fixture, { method: 'POST', path: 'roles', payload });
    assert.deepEqual(role, { id: role.id, name: 'Clerks', reports_to: Manager, is_ceo: false });
    assert.deepEqual(Object.keys(await ids(fixture)).toSorted(), ['CEO', 'Clerks', 'Manager', 'Member', 'Sales']);
  });

  test('are renamed and moved, and what was before is told', async () => {
    await using fixture = await Fixture.open();
    const { CEO, Manager = '', Member = '' } = await ids(fixture);
    const patch = (payload: object) => done(fixture, { method: 'PATCH', path: `roles/${Member}`, payload });
    const [under] = await toldBy(fixture, () => patch({ name: 'Colleague', reports_to: Manager }));
    assert.deepEqual([under?.action, under?.record], ['updated', { id: Member, name: 'Role Colleague' }]);
    assert.deepEqual(
      under?.changes.find(({ field }) => field === 'name'),
      { field: 'name', old: 'Member', new: 'Colleague' },
    );
    const [moved] = await toldBy(fixture, () => patch({ reports_to: null }));
    assert.deepEqual(moved?.changes, [{ field: 'reports_to', old: Manager, new: CEO }]);
    assert.deepEqual(await toldBy(fixture, () => patch({ name: 'Colleague' })), []);
  });

  test('are refused with the field that is wrong', async () => {
    await using fixture = await Fixture.open();
    const { CEO, Manager, Member } = await ids(fixture);
    await refuses(fixture, { method: 'POST', path: 'roles' }, [
      [{}, '400 MANDATORY_NOT_FOUND name'],
      [{ name: ' ' }, '400 INVALID_DATA name'],
      [{ name: longName }, '400 INVALID_DATA name'],
      [{ name: 'Member' }, '400 DUPLICATE_DATA name'],
      [{ name: 'New', reports_to: '1' }, '400 INVALID_DATA reports_to'],
      [{ name: 'New', is_ceo: true }, '400 INVALID_DATA is_ceo'],
    ]);
    await done(fixture, { method: 'PATCH', path: `roles/${Member}`, payload: { reports_to: Manager } });
    await refuses(fixture, { method: 'PATCH', path: `roles/${Manager}` }, [
      [{ name: 'CEO' }, '400 DUPLICATE_DATA name'],
      [{ name: null }, '400 INVALID_DATA name'],
      [{ name: 'Other', reports_to: Member }, '400 INVALID_DATA reports_to'],
      [{ reports_to: Manager }, '400 INVALID_DATA reports_to'],
    ]);
    await refuses(fixture, { method: 'PATCH', path: `roles/${CEO}` }, [
      [{ reports_to: null }, '400 INVALID_DATA reports_to'],
    ]);
    await refuses(fixture, { method: 'PATCH', path: 'roles/1' }, [[{ name: 'Other' }, '404 INVALID_URL_PATTERN']]);
  });

  test('come with the profiles, which say what they allow', async () => {
    await using fixture = await Fixture.open();
    const { profiles } = await done(fixture, { path: 'profiles' });
    const allowed = profiles.map(({ name, is_administrator, may_use_audit_log }: Record<string, unknown>) => [
      name,
      is_administrator,
      may_use_audit_log,
    ]);
    assert.deepEqual(allowed.toSorted(), [
      ['Administrator', true, true],
      ['No Audit Log', false, false],
      ['Standard', false, true],
    ]);
  });
});

suite('modules over HTTP', () => {
  const ships = { api_name: 'Ships', singular_label: 'Ship', plural_label: 'Ships' };
  const add: Asked = { method: 'POST', path: 'modules', payload: ships };

  test('are added before an entry names them, which adds none then, and told of', async () => {
    await using fixture = await Fixture.open();
    let module = { id: '' };
    const [entry] = await toldBy(fixture, async () => {
      ({ module } = await done(fixture, add));
    });
    assert.deepEqual(module, { id: module.id, ...ships, generated_type: 'custom', is_imported: false });
    assert.deepEqual([entry?.action, entry?.record], ['added', { id: module.id, name: 'Module Ships' }]);
    assert.deepEqual(
      entry?.changes,
      Object.entries(ships).map(([field, value]) => ({ field, new: value })),
    );
    const payload = [anEntry({ module: { api_name: 'Ships' } }), anEntry({ module: { api_name: 'Boats' } })];
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload });
    const { modules } = await done(fixture, { path: 'modules' });
    const named = modules.filter(({ api_name }: { api_name: string }) => /Ships|Boats/.test(api_name));
    assert.deepEqual(
      named.map(({ api_name, is_imported }: Record<string, unknown>) => [api_name, is_imported]).toSorted(),
      [
        ['Boats', true],
        ['Ships', false],
      ],
    );
  });

  test('are called otherwise, but keep the name that stands in entries', async () => {
    await using fixture = await Fixture.open();
    const { module } = await done(fixture, add);
    const asked: Asked = { method: 'PATCH', path: `modules/${module.id}`, payload: { plural_label: 'Fleet' } };
    const [entry] = await toldBy(fixture, async () => {
      assert.deepEqual((await done(fixture, asked)).module, { ...module, plural_label: 'Fleet' });
    });
    assert.deepEqual([entry?.action, entry?.record], ['updated', { id: module.id, name: 'Module Ships' }]);
    assert.deepEqual(entry?.changes, [{ field: 'plural_label', old: 'Ships', new: 'Fleet' }]);
    assert.deepEqual(await toldBy(fixture, () => done(fixture, asked)), []);
    const list = (await fixture.inject({ url: '/crm/v8/settings/modules' })).json().modules;
    assert.equal(list.find(({ id }: { id: string }) => id === module.id)?.plural_label, 'Fleet');
  });

  test('are refused with the field that is wrong', async () => {
    await using fixture = await Fixture.open();
    const { module } = await done(fixture, add);
    await refuses(fixture, { method: 'POST', path: 'modules' }, [
      [{ ...ships, api_name: undefined }, '400 MANDATORY_NOT_FOUND api_name'],
      [{ ...ships, plural_label: undefined }, '400 MANDATORY_NOT_FOUND plural_label'],
      [ships, '400 DUPLICATE_DATA api_name'],
      [{ ...ships, api_name: longName }, '400 INVALID_DATA api_name'],
      [{ ...ships, api_name: ' ' }, '400 INVALID_DATA api_name'],
      [{ ...ships, api_name: 'Boats', singular_label: 'a\u0000' }, '400 INVALID_DATA singular_label'],
      [{ ...ships, api_name: 'Boats', plural_label: 7 }, '400 INVALID_DATA plural_label'],
      [{ ...ships, api_name: 'Boats', is_imported: true }, '400 INVALID_DATA is_imported'],
    ]);
    await refuses(fixture, { method: 'PATCH', path: `modules/${module.id}` }, [
      [{ api_name: 'Boats' }, '400 INVALID_DATA api_name'],
      [{ singular_label: '' }, '400 INVALID_DATA singular_label'],
      [{ plural_label: longName }, '400 INVALID_DATA plural_label'],
    ]);
    const asked: Asked = { method: 'PATCH', path: 'modules/1' };
    await refuses(fixture, asked, [[{ plural_label: 'Other' }, '404 INVALID_URL_PATTERN']]);
  });
});

suite("the organisation's settings", () => {
  const path = 'organisation';
  const patch = (fixture: Fixture, payload: object) => done(fixture, { method: 'PATCH', path, payload });

  test('are what is named, of the own organisation only, and told of', async () => {
    await using fixture = await Fixture.open();
    const other = await fixture.addOrg('other@example.org');
    const { organisation: before } = await done(fixture, { path });
    const { organisation: theirs } = await done(fixture, { path, token: other.token });
    assert.deepEqual(before, {
      id: before.id,
      zgid: fixture.org.zgid,
      company_name: 'Zylker',
      time_zone: 'Asia/Kolkata',
      hierarchy: 'roles',
      result_days: null,
    });
    const now = {
      company_name: 'Zylker, Inc.',
      time_zone: 'Europe/Berlin',
      hierarchy: 'reporting_to',
      result_days: 30,
    };
    const [entry] = await toldBy(fixture, async () => {
      assert.deepEqual((await patch(fixture, now)).organisation, { ...before, ...now });
    });
    assert.deepEqual([entry?.action, entry?.record], ['updated', { id: before.id, name: 'Organisation Zylker, Inc.' }]);
    assert.deepEqual(entry?.changes, [
      { field: 'company_name', old: 'Zylker', new: 'Zylker, Inc.' },
      { field: 'time_zone', old: 'Asia/Kolkata', new: 'Europe/Berlin' },
      { field: 'hierarchy', old: 'roles', new: 'reporting_to' },
      { field: 'result_days', old: null, new: 30 },
    ]);
    assert.deepEqual(await toldBy(fixture, () => patch(fixture, now)), []);
    assert.deepEqual((await patch(fixture, { result_days: null })).organisation, {
      ...before,
      ...now,
      result_days: null,
    });
    assert.deepEqual((await done(fixture, { path, token: other.token })).organisation, theirs);
  });

  test('are refused with the one that is wrong', async () => {
    await using fixture = await Fixture.open();
    await refuses(fixture, { method: 'PATCH', path }, [
      [{ company_name: '' }, '400 INVALID_DATA company_name'],
      [{ company_name: longName }, '400 INVALID_DATA company_name'],
      [{ company_name: null }, '400 INVALID_DATA company_name'],
      [{ time_zone: 'Mars/Olympus' }, '400 INVALID_DATA time_zone'],
      [{ hierarchy: 'anarchy' }, '400 INVALID_DATA hierarchy'],
      [{ result_days: 0 }, '400 INVALID_DATA result_days'],
      [{ result_days: 3_651 }, '400 INVALID_DATA result_days'],
      [{ result_days: 1.5 }, '400 INVALID_DATA result_days'],
      [{ result_days: '7' }, '400 INVALID_DATA result_days'],
      [{ zgid: '1' }, '400 INVALID_DATA zgid'],
      [{ company_name: 'Good', time_zone: 'nowhere' }, '400 INVALID_DATA time_zone'],
    ]);
  });

  test('say how long results are kept that are finished from then on', async () => {
    await using fixture = await Fixture.open({ env: { ANNALS_RESULT_DAYS: '7' } });
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    /** Of a new export: in how many days it expires. */
    const kept = async (): Promise<[string, number]> => {
      const made = await fixture.inject({ method: 'POST', url: '/api/v1/exports' });
      assert.equal(made.statusCode, 201, made.body);
      await fixture.runJobs();
      const { id } = made.json().export;
      return [id, await daysOf(id)];
    };
    const daysOf = async (id: string): Promise<number> => {
      const job = (await fixture.inject({ url: `/api/v1/exports/${id}` })).json().export;
      assert.equal(job.status, 'finished');
      return (Date.parse(job.expires_at) - Date.parse(job.ended_at)) / 86_400_000;
    };
    const [first, usual] = await kept();
    await patch(fixture, { result_days: 2 });
    const [, shorter] = await kept();
    await patch(fixture, { result_days: null });
    const [, again] = await kept();
    assert.deepEqual([usual, shorter, again, await daysOf(first)], [7, 2, 7, 7]);
  });
});

suite('an act of administration that cannot be told in the log', () => {
  test('has happened, and the log of the server has it in full, but for what is secret', async () => {
    const logged: string[] = [];
    const full = new Failure('SERVICE_UNAVAILABLE', 'The disk of the ledger is full');
    const log = { error: (what: unknown) => void logged.push(JSON.stringify(what)) };
    const trail = new Trail({ recorder: { record: () => Promise.reject(full) }, log });
    await using fixture = await Fixture.open({ wrap: (parts) => ({ ...parts, trail }) });
    const payload = { company_name: 'Zylker, Inc.' };
    await done(fixture, { method: 'PATCH', path: 'organisation', payload });
    const settings = await done(fixture, { path: 'organisation' });
    assert.equal(settings.organisation.company_name, 'Zylker, Inc.');
    assert.match(logged[0] ?? '', /"old":"Zylker","new":"Zylker, Inc\."/);
    const client = { name: 'Archive', scopes: ['ZohoCRM.org.READ'] };
    const { secret } = await done(fixture, { method: 'POST', path: 'clients', payload: client });
    const user_id = fixture.org.adminId;
    const { token } = await done(fixture, {
      method: 'POST',
      path: 'tokens',
      payload: { ...client, name: undefined, user_id },
    });
    const reset = await ask(fixture, { method: 'POST', path: `users/${user_id}/password` });
    assert.deepEqual([reset.statusCode, logged.length], [200, 4]);
    for (const text of [secret, token, reset.json().one_time_password]) assert.ok(!logged.join().includes(text));
  });
});
