/** Asking the endpoints for administrators, and looking at what they leave behind. */
import assert from 'node:assert/strict';
import type { Fixture, SampleOrg } from './fixture.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Answer = Awaited<ReturnType<Fixture['inject']>>;

export interface Asked {
  readonly method?: Method;
  /** Behind `/api/v1/admin/`. */
  readonly path: string;
  readonly payload?: object;
  /** The sample organisation's administrator's unless given; null: none. */
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

export function ask(fixture: Fixture, { path, method = 'GET', ...rest }: Asked): Promise<Answer> {
  return fixture.inject({ method, url: `/api/v1/admin/${path}`, ...rest });
}

/** What a request that must do well answers; null without a body. */
export async function done(fixture: Fixture, asked: Asked) {
  const answer = await ask(fixture, asked);
  assert.ok(answer.statusCode < 300, `${asked.path} ${answer.statusCode} ${answer.body}`);
  return answer.body === '' ? null : answer.json();
}

/** `400 INVALID_DATA field`, as far as it has them. */
export async function refusal(fixture: Fixture, asked: Asked): Promise<string> {
  const answer = await ask(fixture, asked);
  const { code = '', details } = answer.body === '' ? {} : answer.json();
  return `${answer.statusCode} ${code} ${details?.api_name ?? ''}`.trimEnd();
}

export interface Places {
  readonly role_id: string;
  readonly profile_id: string;
}

/** Of the first organisation's, by the names that every organisation begins with. */
export async function placesOf(
  fixture: Fixture,
  profile = 'Standard',
  { zgid }: Pick<SampleOrg, 'zgid'> = fixture.org,
): Promise<Places> {
  const { directory } = fixture.parts;
  const role = (await directory.roles(zgid)).find(({ name }) => name === 'Member');
  const found = (await directory.profiles(zgid)).find(({ name }) => name === profile);
  assert.ok(role && found);
  return { role_id: role.id, profile_id: found.id };
}

const tables = ['organisations', 'users', 'roles', 'profiles', 'clients', 'grants', 'modules', 'sessions'] as const;

/** All that the directory and the access tables hold, as text. */
export async function stored(fixture: Fixture): Promise<string> {
  const all = [];
  for (const table of tables) all.push([table, await fixture.parts.db.selectFrom(table).selectAll().execute()]);
  return JSON.stringify(all, null, 1);
}

export interface Told {
  readonly action: string;
  readonly done_by: { readonly id: string; readonly name: string };
  readonly record: { readonly id: string | null; readonly name: string };
  readonly source: string;
  readonly changes: readonly { readonly field: string; readonly old?: unknown; readonly new?: unknown }[];
}

/** What the trail of the sample organisation holds. */
export async function told(fixture: Fixture): Promise<Told[]> {
  const answer = await fixture.inject({ url: '/api/v1/entries?module=Annals&per_page=200' });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json().entries;
}

/** The entries that the work has left, each of which the administrator has done. */
export async function toldBy(fixture: Fixture, work: () => Promise<unknown>): Promise<Told[]> {
  const before = new Set((await told(fixture)).map((entry) => JSON.stringify(entry)));
  await work();
  const left = (await told(fixture)).filter((entry) => !before.has(JSON.stringify(entry)));
  for (const { done_by, source } of left) {
    assert.deepEqual([done_by, source], [{ id: fixture.org.adminId, name: 'Administrator' }, 'annals']);
  }
  return left;
}

/** Each body at one address is refused as it says there, and then nothing is other and nothing told. */
export async function refuses(
  fixture: Fixture,
  asked: Asked,
  cases: readonly (readonly [payload: object, expected: string])[],
): Promise<void> {
  const before = await stored(fixture);
  const entries = await toldBy(fixture, async () => {
    for (const [payload, expected] of cases) {
      assert.equal(await refusal(fixture, { ...asked, payload }), expected, JSON.stringify(payload));
    }
  });
  assert.deepEqual(entries, []);
  assert.equal(await stored(fixture), before);
}
