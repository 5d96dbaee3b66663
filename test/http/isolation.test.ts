import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { routes } from '../../src/http/routes.ts';
import { anEntry, Fixture, type SampleOrg } from './fixture.ts';

/** What one organisation has that the other must never get, and the ids that would lead to it. */
interface Side {
  readonly org: SampleOrg;
  readonly secret: string;
  readonly jobId: string;
  readonly userId: string;
}

/** Of an entry that either has, each with its own secret in it. */
const sharedKey = `${Date.parse('2026-06-01T00:00:00Z') / 1000}-42`;

suite('two organisations on one server', () => {
  let fixture: Fixture;
  let one: Side;
  let other: Side;
  before(async () => {
    fixture = await Fixture.open();
    one = await side(fixture.org, 'first-only');
    other = await side(await fixture.addOrg('other@example.org'), 'second-only');
  });
  after(() => fixture[Symbol.asyncDispose]());

  async function side(org: SampleOrg, secret: string): Promise<Side> {
    const { token } = org;
    // Both name a person of the same id and an entry of the same key: what is another organisation's does not exist.
    const payload = anEntry({
      id: '42',
      audited_time: '2026-06-01T00:00:00Z',
      done_by: { id: '77', name: secret },
      module: { api_name: secret },
      record: { name: secret },
    });
    const stored = await fixture.inject({ method: 'POST', url: '/api/v1/entries', payload, token });
    assert.equal(stored.json().accepted, 1);
    const scheduled = await fixture.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export', token });
    await fixture.runJobs();
    return { org, secret, jobId: scheduled.json().audit_log_export[0].details.id, userId: org.adminId };
  }

  /** Every guarded GET of the route table, filled in with the ids of `target`. */
  function addresses(target: Side): string[] {
    return (
      routes
        .filter((route) => route.method === 'GET' && route.scopes !== null && route.scopes !== 'session')
        // Has no end; export-events.test.ts has this of it.
        .filter((route) => route.operationId !== 'streamExports')
        .map((route) =>
          route.path
            .replace('{version}', 'v8')
            .replace('{org}', target.org.zgid)
            .replace('{job}', target.jobId)
            .replace('{file}', 'AuditLog.csv')
            .replace('{key}', sharedKey)
            .replace('{id}', route.operationId === 'readUser' ? target.userId : target.jobId),
        )
    );
  }

  test('every address gives its own organisation its own, so that the next test can fail', async () => {
    for (const each of [one, other]) {
      const answers = await Promise.all(addresses(each).map((url) => fixture.inject({ url, token: each.org.token })));
      assert.deepEqual(
        answers.map((answer) => answer.statusCode),
        answers.map(() => 200),
      );
      assert.ok(answers.filter((answer) => answer.body.includes(each.secret)).length >= 4);
    }
  });

  test("no address gives one organisation's token anything of the other", async () => {
    for (const [caller, target] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const url of addresses(target)) {
        const { body, statusCode } = await fixture.inject({ url, token: caller.org.token });
        for (const word of [target.secret, target.org.zgid, target.userId, target.jobId]) {
          assert.ok(!body.includes(word), `${url} answers ${statusCode} with ${word}`);
        }
        const isOwn = url.endsWith(sharedKey) || !/\/\d+/.test(url.replace('/v8', ''));
        assert.equal(statusCode, isOwn ? 200 : 404, url);
      }
    }
  });

  test("an export cannot name another organisation's user or module", async () => {
    for (const [caller, target] of [
      [one, other],
      [other, one],
    ] as const) {
      const criteria = [
        { field: { api_name: 'done_by' }, comparator: 'equal', value: { id: target.userId } },
        { field: { api_name: 'module' }, comparator: 'equal', value: { api_name: target.secret } },
      ];
      for (const each of criteria) {
        const answer = await fixture.inject({
          method: 'POST',
          url: '/crm/v8/settings/audit_log_export',
          token: caller.org.token,
          payload: { audit_log_export: [{ criteria: each }] },
        });
        assert.equal(answer.json().audit_log_export[0].code, 'AMBIGUITY_DURING_PROCESSING');
      }
    }
  });

  test("a job of one organisation does not block the other's", async () => {
    const create = (token: string) =>
      fixture.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export', token });
    const answers = [await create(one.org.token), await create(other.org.token)];
    assert.deepEqual(
      answers.map((answer) => answer.statusCode),
      [200, 200],
    );
    await fixture.runJobs();
  });
});
