/** People by a part of their name: for a field that suggests while somebody types. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/schema.ts';
import type { User } from './rows.ts';

export interface PeopleSearch {
  /** A part of the name or the e-mail address; empty: anybody. */
  readonly text: string;
  readonly limit: number;
  /** Only these ids; null: everybody. */
  readonly among: readonly string[] | null;
}

export type FoundPerson = Pick<User, 'id' | 'status'> & { readonly name: string };

/** By name, whatever their status. SQLite takes no notice of the case of ASCII letters only: others are tried in a few forms. */
export async function peopleNamed(
  db: Kysely<Database>,
  org: string,
  { text, limit, among }: PeopleSearch,
): Promise<FoundPerson[]> {
  const typed = text.trim().normalize('NFC');
  const lower = typed.toLowerCase();
  const capital = lower.replace(/(^|\s)\S/gu, (start) => start.toUpperCase());
  const patterns = [...new Set([typed, lower, typed.toUpperCase(), capital])].map(
    (form) => `%${form.replace(/[\\%_]/g, '\\$&')}%`,
  );
  const named = (pattern: string) =>
    sql<boolean>`(full_name like ${pattern} escape '\\' or email like ${pattern} escape '\\')`;
  const rows = await db
    .selectFrom('users')
    .select(['id', 'full_name', 'status'])
    .where('org', '=', org)
    .where((eb) => eb.or(patterns.map(named)))
    .$if(among !== null, (query) =>
      query.where(sql<boolean>`id in (select value from json_each(${JSON.stringify(among)}))`),
    )
    .orderBy('full_name')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, full_name: name, status }) => ({ id, name, status }));
}
