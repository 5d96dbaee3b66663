/** A whole server on a temporary folder, without a socket: requests are injected. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import pino from 'pino';
import { allScopes, everyScope } from '../../src/access/scopes.ts';
import { type OpenParts, openParts, placesIn } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { ExportWorkers } from '../../src/export/worker.ts';
import { type Links, makeLinks } from '../../src/http/links.ts';
import { buildServer } from '../../src/http/server.ts';
import type { Parts } from '../../src/parts.ts';

export const origin = 'http://audit.test';

export interface SampleOrg {
  readonly zgid: string;
  readonly adminId: string;
  /** Every scope there is, the administrator's. */
  readonly token: string;
}

export interface FixtureOptions {
  readonly env?: Record<string, string>;
  /** Epoch milliseconds; moves only when the test says so. */
  readonly now?: number;
  readonly timeZone?: string;
  /** Puts a fault or a spy in front of a part. */
  readonly wrap?: (parts: Parts) => Parts;
  /** In place of `origin`. */
  readonly publicUrl?: string;
  /** True: whatever asks for a link fails. */
  readonly linksFail?: boolean;
}

export class Fixture implements AsyncDisposable {
  readonly parts: OpenParts;
  readonly server: FastifyInstance;
  readonly org: SampleOrg;
  now: number;
  readonly #cleanUp: AsyncDisposableStack;

  private constructor(
    parts: OpenParts,
    server: FastifyInstance,
    org: SampleOrg,
    now: number,
    cleanUp: AsyncDisposableStack,
  ) {
    this.parts = parts;
    this.server = server;
    this.org = org;
    this.now = now;
    this.#cleanUp = cleanUp;
  }

  static async open(options: FixtureOptions = {}): Promise<Fixture> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'annals-http-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const config = loadConfig({ ANNALS_DATA: folder, ...options.env });
    let fixture: Fixture | null = null;
    const start = options.now ?? Date.parse('2026-07-01T06:00:00Z');
    const clock = () => fixture?.now ?? start;
    const parts = stack.use(await openParts(config, { mode: 'command', clock, log: pino({ level: 'silent' }) }));
    const server = buildServer((options.wrap ?? ((same) => same))(parts), () => links(options));
    stack.defer(() => server.close());
    await server.ready();
    const org = await addOrg(parts, 'admin@example.com', options.timeZone);
    fixture = new Fixture(parts, server, org, start, stack.move());
    return fixture;
  }

  /** A second organisation, whose administrator has this address. */
  addOrg(email: string): Promise<SampleOrg> {
    return addOrg(this.parts, email);
  }

  /** A user of the sample organisation with a token of all scopes. */
  async addUser(
    email: string,
    user: { role?: string; profile?: string; managerId?: string } = {},
  ): Promise<{ id: string; token: string }> {
    const { directory } = this.parts;
    const org = this.org.zgid;
    const roles = await directory.roles(org);
    const profiles = await directory.profiles(org);
    const roleId = roles.find(({ name }) => name === (user.role ?? 'Member'))?.id ?? '';
    const profileId = profiles.find(({ name }) => name === (user.profile ?? 'Standard'))?.id ?? '';
    const added = await directory.addUser(org, {
      name: email,
      email,
      roleId,
      profileId,
      managerId: user.managerId ?? null,
    });
    return { id: added.user.id, token: await this.token(added.user.id) };
  }

  /** Headers of somebody who is logged in, in a page of ours; the administrator unless said otherwise. */
  async session(userId: string = this.org.adminId): Promise<{ cookie: string; 'sec-fetch-site': string }> {
    const { db, access } = this.parts;
    const org = this.org.zgid;
    const users = db.updateTable('users').set({ password_is_one_time: 0 });
    const user = users.where('org', '=', org).where('id', '=', userId).returning('password_hash');
    const { password_hash } = await user.executeTakeFirstOrThrow();
    const secret = await access.makeSession({ org, userId, passwordHash: password_hash ?? '' });
    return { cookie: `annals_session=${secret}`, 'sec-fetch-site': 'same-origin' };
  }

  /** A token of the sample organisation; of the administrator and of all scopes unless said otherwise. */
  token(userId: string = this.org.adminId, scopes: readonly string[] = allScopes): Promise<string> {
    return tokenOf(this.parts, this.org.zgid, userId, scopes);
  }

  /** A request as the sample organisation's administrator, unless it brings its own authorization. */
  inject(request: InjectOptions & { token?: string | null }) {
    const { token = this.org.token, ...rest } = request;
    const authorization = token === null ? {} : { authorization: `Zoho-oauthtoken ${token}` };
    return this.server.inject({ ...rest, headers: { ...authorization, ...rest.headers } });
  }

  /** Runs what is scheduled, with the real worker threads, until nothing is open. */
  async runJobs(): Promise<void> {
    const places = placesIn(this.parts.config.dataDir);
    const workers = new ExportWorkers({
      jobs: this.parts.jobs,
      results: this.parts.results,
      threads: 1,
      threadData: { ledgerFile: places.ledger, resultsDir: places.results },
      log: this.parts.log,
    });
    workers.start();
    try {
      while (await this.#hasOpenJobs()) await new Promise((done) => setTimeout(done, 5));
    } finally {
      await workers.stop(5000);
    }
  }

  async #hasOpenJobs(): Promise<boolean> {
    const open = await this.parts.db
      .selectFrom('export_jobs')
      .select('id')
      .where('status', 'in', ['scheduled', 'progress'])
      .executeTakeFirst();
    return open !== undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanUp.disposeAsync();
  }
}

function links(options: FixtureOptions): Links {
  if (options.linksFail === true) throw new Error('no links');
  return makeLinks(options.publicUrl ?? origin, null);
}

async function addOrg(parts: Parts, adminEmail: string, timeZone = 'Asia/Kolkata'): Promise<SampleOrg> {
  const { zgid, adminId } = await parts.directory.createOrganisation({ name: 'Zylker', timeZone, adminEmail });
  return { zgid, adminId, token: await tokenOf(parts, zgid, adminId, everyScope) };
}

async function tokenOf(parts: Parts, org: string, userId: string, scopes: readonly string[]): Promise<string> {
  const { token } = await parts.access.makeAccessToken({ org, userId, scopes });
  return token;
}

export interface ErrorBody {
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly message: string;
  readonly status: string;
}

/** A valid entry, with what the test cares about put over it. */
export function anEntry(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    action: 'updated',
    done_by: { id: '554023000000799326', name: 'Patricia Boyle' },
    module: { api_name: 'Leads' },
    record: { id: '554023000000999001', name: 'Zylker' },
    ...over,
  };
}
