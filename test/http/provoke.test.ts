import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { suite, test } from 'node:test';
import { maxClients } from '../../src/access/clients.ts';
import { everyScope } from '../../src/access/scopes.ts';
import { Failure, type FailureCode } from '../../src/audit/failure.ts';
import { maxModules } from '../../src/directory/named-modules.ts';
import { maxRoles } from '../../src/directory/roles.ts';
import { countLimits } from '../../src/http/admission.ts';
import { statusOf } from '../../src/http/errors.ts';
import { streamLimits } from '../../src/http/event-streams.ts';
import { beforeRoutes, errorsOf } from '../../src/http/openapi.ts';
import type { Route } from '../../src/http/route.ts';
import { routes } from '../../src/http/routes.ts';
import type { Parts } from '../../src/parts.ts';
import { anEntry, Fixture } from './fixture.ts';

interface Asked {
  readonly route: Route;
  readonly fixture: Fixture;
  /** An address of the route whose parts are in order. */
  readonly url: string;
}
type Answer = Awaited<ReturnType<Fixture['inject']>>;
type Provocation = (asked: Asked) => Promise<Answer>;

const criterion = (criteria: unknown): Provocation => sending({ audit_log_export: [{ criteria }] });

function sending(payload: object | string): Provocation {
  return async ({ fixture, route, url }) =>
    fixture.inject({ method: route.method, url, payload, ...(await asCaller(fixture, route)) });
}

/** A token, or for what is about sessions a session. */
async function asCaller(fixture: Fixture, route: Route) {
  const needsSession = route.scopes === 'session' || route.tag === 'Session';
  return needsSession ? { token: null, headers: await fixture.session() } : { token: fixture.org.token };
}

/** Bodies that are in order, of the routes that look at theirs before they come to anything that may fail. */
const bodies: Readonly<Record<string, object>> = {
  logIn: { email: 'admin@example.com', password: 'any' },
  changePassword: { current_password: 'any', new_password: 'any of twelve' },
  giveConsent: { client_id: 'any', redirect_uri: 'any', scope: 'any.one', decision: 'deny' },
};

/** What is answered from nothing but the program itself. */
const withoutParts = ['readOpenApi', 'listScopes'];

/** With an id in the path that there is: the one that is put there else is nobody's. */
function onExisting(provoke: Provocation): Provocation {
  return async (provoked) => {
    const { fixture, route, url } = provoked;
    const { directory } = fixture.parts;
    const ids: Record<string, string | undefined> = {
      changeUser: fixture.org.adminId,
      changeRole: (await directory.roles(fixture.org.zgid))[0]?.id,
      changeModule: (await directory.modules(fixture.org.zgid))[0]?.id,
    };
    return provoke({ ...provoked, url: url.replace(/\/1$/, `/${ids[route.operationId] ?? 1}`) });
  };
}

async function adminOf({ parts, org }: Fixture): Promise<{ role_id: string; profile_id: string }> {
  const admin = await parts.directory.user(org.zgid, org.adminId);
  return { role_id: admin?.role?.id ?? '', profile_id: admin?.profile?.id ?? '' };
}

async function fill(
  { org }: Fixture,
  count: number,
  insert: (row: { org: string; id: string; name: string }) => { execute(): Promise<unknown> },
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await insert({ org: org.zgid, id: `9${index}`, name: `Filling ${index}` }).execute();
  }
}

/** Every method of these parts fails in this way. */
function withFault(error: () => unknown): Provocation {
  return async ({ route, fixture, url }) => {
    const broken = <T extends object>(part: T): T => new Proxy(part, { get: () => () => Promise.reject(error()) }) as T; // a fault has the shape of what it stands for
    const wrap = (parts: Parts): Parts => ({
      ...parts,
      directory: broken(parts.directory),
      access: broken(parts.access),
    });
    await using faulty = await Fixture.open({ wrap, linksFail: withoutParts.includes(route.operationId) });
    const payload = bodies[route.operationId] ?? '';
    return await faulty.inject({ method: route.method, url, payload, ...(await asCaller(fixture, route)) });
  };
}

async function tooManyOpenJobs({ url }: Asked): Promise<Answer> {
  await using narrow = await Fixture.open({ env: { ANNALS_MAX_OPEN_JOBS: '1' } });
  await narrow.inject({ method: 'POST', url });
  const { token } = await narrow.addUser('second@example.com');
  return await narrow.inject({ method: 'POST', url, token });
}

/** What a client, or a fault of ours, does to get each error. Those of `beforeRoutes` are provoked in raw.test.ts. */
const provocations: Partial<Record<FailureCode, Provocation | Partial<Record<string, Provocation>>>> = {
  INVALID_REQUEST_METHOD: ({ fixture, url }) => fixture.inject({ method: 'OPTIONS', url }),
  API_NOT_SUPPORTED: ({ route, fixture, url }) =>
    fixture.inject({ method: route.method, url: url.replace('/v8/', '/v6/') }),
  URI_TOO_LONG: ({ route, fixture, url }) =>
    fixture.inject({ method: route.method, url: `${url}?${'x'.repeat(9000)}` }),
  REQUEST_TOO_LARGE: onExisting(sending(' '.repeat(17 * 2 ** 20))),
  AUTHENTICATION_FAILURE: ({ route, fixture, url }) => fixture.inject({ method: route.method, url, token: null }),
  OAUTH_SCOPE_MISMATCH: async ({ route, fixture, url }) =>
    fixture.inject({
      method: route.method,
      url,
      token: await fixture.token(fixture.org.adminId, ['ZohoCRM.modules.READ']),
    }),
  INVALID_CREDENTIALS: sending({ email: 'admin@example.com', password: 'not this one' }),
  CROSS_SITE_REQUEST: async ({ route, fixture, url }) =>
    fixture.inject({
      method: route.method,
      url,
      token: null,
      headers: { ...(await fixture.session()), 'sec-fetch-site': 'cross-site' },
    }),
  PASSWORD_CHANGE_REQUIRED: async ({ route, fixture, url }) => {
    const headers = await fixture.session();
    await fixture.parts.db.updateTable('users').set({ password_is_one_time: 1 }).execute();
    return fixture.inject({ method: route.method, url, token: null, headers });
  },
  NO_PERMISSION: async ({ route, fixture, url }) => {
    if (route.scopes !== null && route.scopes !== 'session' && route.needsAdministrator === true) {
      // Only an administrator can be given such a token, and this one is none any more.
      const { id } = await fixture.addUser('demoted@example.com', { profile: 'Administrator' });
      const token = await fixture.token(id, everyScope);
      const profileId = (await fixture.parts.directory.profiles(fixture.org.zgid))[1]?.id ?? '';
      await fixture.parts.directory.updateUser(fixture.org.zgid, id, { profileId });
      return fixture.inject({ method: route.method, url, token });
    }
    const { token } = await fixture.addUser('barred@example.com', { profile: 'No Audit Log' });
    return fixture.inject({ method: route.method, url, token });
  },
  INVALID_URL_PATTERN: ({ route, fixture, url }) => fixture.inject({ method: route.method, url }),
  INTERNAL_ERROR: withFault(() => new Error('boom')),
  SERVICE_UNAVAILABLE: withFault(() => new Failure('SERVICE_UNAVAILABLE', 'The disk is full')),
  MANDATORY_NOT_FOUND: sending({}),
  EXPECTED_FIELD_MISSING: criterion({}),
  DEPENDENT_FIELD_MISSING: criterion({ field: { api_name: 'action' }, comparator: 'equal' }),
  DEPENDENT_MISMATCH: criterion({ field: { api_name: 'action' }, comparator: 'in', value: 'added' }),
  NOT_SUPPORTED: criterion({ field: { api_name: 'source' }, comparator: 'equal', value: 'x' }),
  AMBIGUITY_DURING_PROCESSING: criterion({ field: { api_name: 'done_by' }, comparator: 'equal', value: { id: '1' } }),
  ALREADY_SCHEDULED: async ({ fixture, url }) => {
    await fixture.inject({ method: 'POST', url });
    return fixture.inject({ method: 'POST', url });
  },
  NO_CONTENT: ({ fixture, url }) => fixture.inject({ url }),
  DUPLICATE_DATA: {
    addUser: async ({ fixture, url }) => {
      const { role_id, profile_id } = await adminOf(fixture);
      const payload = { last_name: 'Second', email: 'admin@example.com', role_id, profile_id };
      return fixture.inject({ method: 'POST', url, payload });
    },
    changeUser: async ({ fixture, url }) => {
      const { id } = await fixture.addUser('second@example.com');
      return fixture.inject({
        method: 'PATCH',
        url: url.replace('/1', `/${id}`),
        payload: { email: 'admin@example.com' },
      });
    },
    addRole: sending({ name: 'CEO' }),
    changeRole: onExisting(sending({ name: 'Member' })),
    addModule: sending({ api_name: 'Leads', singular_label: 'Lead', plural_label: 'Leads' }),
  },
  LIMIT_EXCEEDED: {
    addRole: async (provoked) => {
      const { db } = provoked.fixture.parts;
      await fill(provoked.fixture, maxRoles, (row) =>
        db.insertInto('roles').values({ ...row, reports_to: null, is_ceo: 0 }),
      );
      return sending({ name: 'One more' })(provoked);
    },
    addClient: async (provoked) => {
      const { db } = provoked.fixture.parts;
      const rest = {
        secret_hash: '',
        user_id: null,
        redirect_uris: '[]',
        scopes: '[]',
        created_at: 0,
        revoked_at: null,
      };
      await fill(provoked.fixture, maxClients, (row) => db.insertInto('clients').values({ ...row, ...rest }));
      return sending({ name: 'One more', scopes: ['ZohoCRM.users.READ'] })(provoked);
    },
    addModule: async (provoked) => {
      const refs = Array.from({ length: maxModules }, (_, index) => ({ apiName: `Module ${index}`, id: null }));
      await provoked.fixture.parts.directory.resolveModulesInRoom(provoked.fixture.org.zgid, refs);
      return sending({ api_name: 'One more', singular_label: 'x', plural_label: 'x' })(provoked);
    },
    createExport: sending({ audit_log_export: [{}, {}] }),
    recordEntries: ({ fixture, url }) =>
      fixture.inject({
        method: 'POST',
        url,
        payload: 'x\n'.repeat(1001),
        headers: { 'content-type': 'application/x-ndjson' },
      }),
  },
  TOO_MANY_REQUESTS: {
    logIn: async ({ fixture, url }) => {
      const payload = { email: 'nobody@example.com', password: 'any' };
      for (let n = 0; n < 5; n += 1) await fixture.inject({ method: 'POST', url, payload });
      return fixture.inject({ method: 'POST', url, payload });
    },
    changePassword: async ({ fixture, url }) => {
      const payload = bodies.changePassword ?? {};
      const headers = await fixture.session();
      const put = () => fixture.inject({ method: 'PUT', url, payload, token: null, headers });
      for (let n = 0; n < 10; n += 1) await put();
      return put();
    },
    createExport: tooManyOpenJobs,
    createFilteredExport: tooManyOpenJobs,
    previewExport: async ({ url }) => {
      const counted = Promise.withResolvers<number>();
      const full = Promise.withResolvers<void>();
      let counts = 0;
      const count = (): Promise<number> => {
        counts += 1;
        if (counts === countLimits.perUser) full.resolve();
        return counted.promise;
      };
      const wrap = (parts: Parts): Parts => ({
        ...parts,
        ledger: { ...parts.ledger, lastArrival: async () => 0, count },
      });
      await using slow = await Fixture.open({ wrap });
      const waiting = Array.from({ length: countLimits.perUser }, async () => await slow.inject({ url }));
      await full.promise;
      const answer = await slow.inject({ url });
      counted.resolve(0);
      await Promise.all(waiting);
      return answer;
    },
    streamExports: async ({ fixture, url }) => {
      const address = await fixture.server.listen({ host: '127.0.0.1', port: 0 });
      const headers = { authorization: `Bearer ${fixture.org.token}` };
      // Held on to: of an answer that nobody has any more, fetch ends the stream.
      const open: Response[] = [];
      while (open.length < streamLimits.perUser) open.push(await fetch(`${address}${url}`, { headers }));
      const answer = await fixture.inject({ url });
      for (const each of open) {
        assert.equal(each.status, 200);
        await each.body?.cancel();
      }
      return answer;
    },
    recordEntries: async ({ url }) => {
      await using narrow = await Fixture.open({ env: { ANNALS_MAX_INGEST_STREAMS: '1' } });
      const headers = { 'content-type': 'application/x-ndjson' };
      const address = await narrow.server.listen({ host: '127.0.0.1', port: 0 });
      const open = httpRequest(`${address}${url}`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${narrow.org.token}` },
      });
      open.on('error', () => {}); // hung up below
      open.write(`${JSON.stringify(anEntry())}\n`);
      // Once its first entry is there, the stream has been taken.
      let stored = 0;
      while (stored === 0) {
        await new Promise((done) => setImmediate(done)); // injected requests alone would never let the socket be read
        stored = (await narrow.inject({ url })).json().entries.length;
      }
      const answer = await narrow.inject({ method: 'POST', url, payload: '\n', headers });
      open.destroy();
      return answer;
    },
  },
  RANGE_NOT_SATISFIABLE: async ({ fixture }) => {
    const made = await fixture.inject({ method: 'POST', url: '/crm/v8/settings/audit_log_export' });
    await fixture.runJobs();
    const url = `/v2/crm/${fixture.org.zgid}/auditlog/${made.json().audit_log_export[0].details.id}/AuditLog.csv`;
    return fixture.inject({ url, headers: { range: 'bytes=99999999-' } });
  },
};

for (const route of routes) {
  suite(`${route.method} ${route.path}`, () => {
    for (const code of errorsOf(route).filter((each) => !beforeRoutes.includes(each))) {
      test(`answers ${code} when it should`, async () => {
        await using fixture = await Fixture.open();
        const url = route.path
          .replace('{version}', 'v8')
          .replace('{org}', fixture.org.zgid)
          .replace('{file}', 'AuditLog.csv')
          .replace(/\{\w+\}/, '1');
        const found = provocations[code];
        const provoke = typeof found === 'function' ? found : found?.[route.operationId];
        assert.ok(provoke, 'the error is documented, and nobody knows how to get it');
        const answer = await provoke({ route, fixture, url });
        assert.equal(answer.statusCode, statusOf[code], answer.body);
        const body = answer.json();
        const { code: answered, status } = body.audit_log_export?.[0] ?? body;
        assert.deepEqual([answered, status], [code, 'error']);
      });
    }
  });
}
