/** What the API does is told in the log: when, of whom, and what is not worth an entry. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { Failure } from '../../src/audit/failure.ts';
import type { Parts } from '../../src/parts.ts';
import { Trail } from '../../src/trail/trail.ts';
import { anEntry, Fixture } from './fixture.ts';

const exportPath = '/crm/v8/settings/audit_log_export';

interface Told {
  readonly action: string;
  readonly done_by: { readonly id: string; readonly name: string };
  readonly record: { readonly id: string; readonly name: string };
  readonly source: string;
  readonly changes: readonly { readonly field: string; readonly new: unknown }[];
}

/** Oldest first. */
async function told(fixture: Fixture, action: string): Promise<Told[]> {
  const url = `/api/v1/entries?module=Annals&action=${action}`;
  return (await fixture.inject({ url })).json().entries.reverse();
}

async function createExport(fixture: Fixture, payload?: object, token?: string): Promise<string> {
  const asked = { method: 'POST' as const, url: exportPath, ...(payload && { payload }), ...(token && { token }) };
  const answer = await fixture.inject(asked);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().audit_log_export[0].details.id;
}

async function linkOf(fixture: Fixture, id: string): Promise<string> {
  await fixture.runJobs();
  const job = (await fixture.inject({ url: `${exportPath}/${id}` })).json().audit_log_export[0];
  return new URL(job.download_links[0]).pathname;
}

/** With a trail that fails as a full disk does. */
function withoutTrail(parts: Parts): Parts {
  const full = new Failure('SERVICE_UNAVAILABLE', 'The disk of the ledger is full', { retryAfterSeconds: 5 });
  return { ...parts, trail: new Trail({ recorder: { record: () => Promise.reject(full) }, log: parts.log }) };
}

suite('the trail of exports', () => {
  test('an export is told of with its criteria, and holds no entry about itself', async () => {
    await using fixture = await Fixture.open();
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    const first = await createExport(fixture);
    const file = await fixture.inject({ url: await linkOf(fixture, first) });
    assert.doesNotMatch(file.body, /Annals/);
    const criteria = { field: { api_name: 'module' }, comparator: 'equal', value: { api_name: 'Leads' } };
    const second = await createExport(fixture, { audit_log_export: [{ criteria }] });
    const entries = await told(fixture, 'exported');
    assert.deepEqual(
      entries.map(({ done_by, record, source, changes }) => ({ done_by, record, source, changes })),
      [
        { record: { id: first, name: `Export ${first}` }, changes: [] },
        { record: { id: second, name: `Export ${second}` }, changes: [{ field: 'criteria', new: criteria }] },
      ].map((one) => ({ ...one, done_by: { id: fixture.org.adminId, name: 'Administrator' }, source: 'annals' })),
    );
  });

  test('one that is refused is not', async () => {
    await using fixture = await Fixture.open();
    await createExport(fixture);
    const again = await fixture.inject({ method: 'POST', url: exportPath });
    assert.equal(again.json().audit_log_export[0].code, 'ALREADY_SCHEDULED');
    assert.equal((await told(fixture, 'exported')).length, 1);
  });

  test('one that cannot be told of is made all the same, for it is there already', async () => {
    await using fixture = await Fixture.open({ wrap: withoutTrail });
    await createExport(fixture);
    assert.deepEqual(await told(fixture, 'exported'), []);
  });

  test('which client asked for it is told, too', async () => {
    await using fixture = await Fixture.open();
    const { zgid: org, adminId: userId } = fixture.org;
    const scopes = ['ZohoCRM.settings.audit_logs.ALL'];
    const client = await fixture.parts.access.createClient({ org, name: 'Archive', userId, redirectUris: [], scopes });
    const asked = { client_id: client.id, client_secret: client.secret, grant_type: 'client_credentials' };
    const { access_token } = await fixture.parts.access.token(asked);
    await createExport(fixture, undefined, access_token);
    const [entry] = await told(fixture, 'exported');
    assert.deepEqual(entry?.changes, [{ field: 'client', new: client.id }]);
  });

  test('another user sees it only if they may see what that user does', async () => {
    await using fixture = await Fixture.open();
    const member = await fixture.addUser('member@example.com');
    const colleague = await fixture.addUser('colleague@example.com');
    await createExport(fixture, undefined, member.token);
    const seenBy = async (token: string) =>
      (await fixture.inject({ url: '/api/v1/entries?module=Annals', token })).json().entries.length;
    assert.deepEqual(await Promise.all([fixture.org.token, member.token, colleague.token].map(seenBy)), [1, 1, 0]);
  });
});

suite('the trail of downloads', () => {
  let fixture: Fixture;
  let url: string;
  let id: string;
  before(async () => {
    fixture = await Fixture.open();
    await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload: anEntry() });
    id = await createExport(fixture);
    url = await linkOf(fixture, id);
  });
  after(() => fixture[Symbol.asyncDispose]());

  /** The status, and how many entries it added. */
  async function entriesOf(request: Partial<InjectOptions>): Promise<[number, number]> {
    const before = (await told(fixture, 'downloaded')).length;
    const { statusCode } = await fixture.inject({ url, ...request });
    return [statusCode, (await told(fixture, 'downloaded')).length - before];
  }

  test('who leaves out the first bytes is told of as well', async () => {
    assert.deepEqual(await entriesOf({ headers: { range: 'bytes=1-' } }), [206, 1]);
  });

  test('each whole download is told of, with what was downloaded', async () => {
    assert.deepEqual(await entriesOf({}), [200, 1]);
    assert.deepEqual(await entriesOf({}), [200, 1]);
    const { headers } = await fixture.inject({ url, method: 'HEAD' });
    const sha256 = String(headers.etag).replaceAll('"', '');
    const entry = (await told(fixture, 'downloaded')).at(-1);
    assert.deepEqual(entry?.record, { id, name: `AuditLog.csv of export ${id}` });
    assert.deepEqual(entry?.done_by, { id: fixture.org.adminId, name: 'Administrator' });
    const changes = [
      { field: 'file', new: 'AuditLog.csv' },
      { field: 'sha256', new: sha256 },
    ];
    assert.deepEqual(entry?.changes, changes);
  });

  test('so is a part from the first byte on, but not the parts that follow', async () => {
    assert.deepEqual(await entriesOf({ headers: { range: 'bytes=0-9' } }), [206, 1]);
    assert.deepEqual(await entriesOf({ headers: { range: 'bytes=10-' } }), [206, 0]);
  });

  test("another user's part is no part of it", async () => {
    const other = await fixture.addUser('other@example.com', { profile: 'Administrator' });
    const headers = { range: 'bytes=10-', authorization: `Zoho-oauthtoken ${other.token}` };
    assert.deepEqual(await entriesOf({ headers }), [206, 1]);
  });

  test('nothing that gives out no bytes is told of', async () => {
    const { etag } = (await fixture.inject({ url, method: 'HEAD' })).headers;
    assert.deepEqual(await entriesOf({ method: 'HEAD' }), [200, 0]);
    assert.deepEqual(await entriesOf({ headers: { 'if-none-match': String(etag) } }), [304, 0]);
    assert.deepEqual(await entriesOf({ headers: { range: 'bytes=99999-' } }), [416, 0]);
    assert.deepEqual(await entriesOf({ url: url.replace(id, '1') }), [404, 0]);
  });

  test('where it cannot be told of, no byte leaves', async () => {
    await using full = await Fixture.open({ wrap: withoutTrail });
    const link = await linkOf(full, await createExport(full));
    const answer = await full.inject({ url: link });
    assert.deepEqual([answer.statusCode, answer.json().code], [503, 'SERVICE_UNAVAILABLE']);
    assert.equal(answer.headers['content-disposition'], undefined);
    assert.equal((await full.inject({ url: link, method: 'HEAD' })).statusCode, 200);
  });
});
