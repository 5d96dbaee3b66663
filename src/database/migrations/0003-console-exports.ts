import { sql } from 'kysely';
import type { Migration } from '../migrate.ts';

/** What the console tells of an export, and how long each organisation keeps results. */
const statements = [
  sql`alter table export_jobs add column filter text`,
  sql`alter table export_jobs add column total_entries bigint`,
  sql`alter table export_jobs add column failure_kind text`,
  sql`alter table organisations add column result_days integer check (result_days > 0)`,
];

export const consoleExports: Migration = {
  name: '0003-console-exports',
  async up(trx) {
    for (const statement of statements) await statement.execute(trx);
  },
};
