import type { Selectable } from 'kysely';
import type { Database } from '../database/schema.ts';
import type { Job, JobStateRow, NewJob, WholeJob } from './jobs.ts';

/** What the table says of a job that was just created. */
export function newRow(id: string, job: NewJob, now: number): Database['export_jobs'] {
  return {
    id,
    org: job.org,
    created_by: job.createdBy.id,
    created_by_name: job.createdBy.name,
    status: 'scheduled',
    criteria: job.criteria,
    query: JSON.stringify(job.query),
    attempts: 0,
    interruptions: 0,
    lease_owner: null,
    lease_until: null,
    created_at: now,
    started_at: null,
    ended_at: null,
    expires_at: null,
    entries: null,
    files: null,
    result_key: null,
    failure: null,
    failure_kind: null,
    filter: JSON.stringify(job.filter),
    total_entries: null,
  };
}

type JobRow = Selectable<Database['export_jobs']>;

/** What `jobOf` reads. */
export const jobColumns = [
  'id',
  'org',
  'created_by',
  'created_by_name',
  'status',
  'criteria',
  'attempts',
  'created_at',
  'started_at',
  'ended_at',
  'expires_at',
  'entries',
  'files',
  'result_key',
  'failure',
  'failure_kind',
  'filter',
  'total_entries',
] as const;

/** Conditions that there were none of when the oldest jobs were stored. */
const absentInOldRows = { words: null, record: null };

export function wholeJobOf(row: Pick<JobRow, (typeof jobColumns)[number] | 'query'>): WholeJob {
  return { ...jobOf(row), query: { ...absentInOldRows, ...JSON.parse(row.query) } }; // written by `newRow`, by nobody else
}

/** What `stateOf` reads. */
export const stateColumns = [
  'id',
  'created_by',
  'status',
  'entries',
  'total_entries',
  'started_at',
  'result_key',
] as const;

export function stateOf(row: Pick<JobRow, (typeof stateColumns)[number]>): JobStateRow {
  return {
    id: row.id,
    createdBy: row.created_by,
    status: row.status,
    entries: row.entries,
    totalEntries: row.total_entries,
    startedAt: row.started_at,
    hasResult: row.result_key !== null,
  };
}

export function jobOf(row: Pick<JobRow, (typeof jobColumns)[number]>): Job {
  return {
    id: row.id,
    org: row.org,
    createdBy: { id: row.created_by, name: row.created_by_name },
    status: row.status,
    criteria: row.criteria,
    attempts: row.attempts,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    expiresAt: row.expires_at,
    entries: row.entries,
    totalEntries: row.total_entries,
    files: row.files === null ? null : JSON.parse(row.files), // written by `finish`
    resultKey: row.result_key,
    failure: row.failure,
    failureKind: row.failure_kind,
    filter: row.filter === null ? null : JSON.parse(row.filter), // written by `newRow`
  };
}
