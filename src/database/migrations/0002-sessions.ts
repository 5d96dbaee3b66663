import { sql } from 'kysely';
import type { Migration } from '../migrate.ts';

const statements = [
  sql`create table sessions (
    hash text primary key,
    org text not null,
    user_id text not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    foreign key (org, user_id) references users (org, id))`,
  sql`create index sessions_by_user on sessions (org, user_id, created_at)`,
  sql`create index sessions_by_expiry on sessions (expires_at)`,
  sql`create index sessions_by_use on sessions (seen_at)`,
];

/** Who is logged in to the console. A session that has ended is deleted. */
export const sessions: Migration = {
  name: '0002-sessions',
  async up(trx) {
    for (const statement of statements) await statement.execute(trx);
  },
};
