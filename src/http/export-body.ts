/** An export as the console's endpoints tell it: with what the wire leaves out. */
import Type from 'typebox';
import type { OrgZone } from '../audit/time.ts';
import type { Directory } from '../directory/directory.ts';
import type { ExportFilter } from '../export/export-filter.ts';
import { adviceFor } from '../export/failure-words.ts';
import { filterInWords, namedIn } from '../export/filter-words.ts';
import { progressIn } from '../export/job-watch.ts';
import { type Job, jobStates } from '../export/jobs.ts';
import type { Parts } from '../parts.ts';
import type { Links } from './links.ts';
import { Id, NamedId, nullable, Time } from './schemas.ts';

const texts = nullable(Type.Array(Type.String()));

export const CriteriaInWords = Type.Array(Type.String(), {
  description: 'What it holds: sentences all of which are true.',
  examples: [['From 1 July 2026 on', 'Action: added or updated', 'Done by Patricia Boyle']],
});

export const FilterShown = Type.Object(
  {
    from: nullable(Time),
    to: nullable(Time),
    actions: texts,
    modules: texts,
    done_by: nullable(Type.Array(Id)),
    words: nullable(Type.String()),
    record_id: nullable(Type.String()),
  },
  { description: 'What it holds, as the log is filtered. Of an export by criteria: what they come down to.' },
);

export const ExportBody = Type.Object(
  {
    id: Id,
    status: Type.Union(jobStates.map((state) => Type.Literal(state))),
    created_at: Time,
    started_at: nullable(Time),
    ended_at: nullable(Time),
    expires_at: nullable(Time),
    is_expired: Type.Boolean({ description: 'Its files have been removed.' }),
    created_by: NamedId,
    filter: Type.Optional(nullable(FilterShown)),
    criteria: Type.Optional(Type.Unknown({ description: 'Of an export by criteria: as they were sent; else null.' })),
    criteria_in_words: CriteriaInWords,
    entries: nullable(Type.Integer({ description: 'So far, while it runs; in all, once it is finished.' })),
    total_entries: nullable(Type.Integer({ description: 'In all; null until they have been counted.' })),
    bytes: nullable(Type.Integer({ description: 'Of all files together; null until it is finished.' })),
    files: Type.Array(
      Type.Object({
        name: Type.String(),
        bytes: Type.Integer(),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        entries: Type.Integer(),
        link: nullable(Type.String({ format: 'uri', description: 'Null once it has expired.' })),
      }),
    ),
    failure: nullable(
      Type.Object({
        reason: Type.String({ description: 'Why it failed.' }),
        advice: Type.String({ description: 'What can be done about it.' }),
      }),
    ),
  },
  { description: 'An export. In lists and events `filter` and `criteria` are left out where they are long.' },
);

/** In characters of JSON: what is longer stands only where one export is read. */
const longText = 8_192;

export interface ExportTeller {
  readonly parts: Pick<Parts, 'clock' | 'directory' | 'jobs' | 'progressOf'>;
  readonly links: Pick<Links, 'download'>;
  readonly zone: OrgZone;
}

/** The export as JSON without a line break. `isOneOfMany`: long criteria are left out. */
export async function exportText(
  { parts, links, zone }: ExportTeller,
  job: Job,
  { isOneOfMany }: { readonly isOneOfMany: boolean },
): Promise<string> {
  const filter = job.filter ?? (await storedFilter(parts.jobs, job));
  const time = (ms: number | null) => (ms === null ? null : zone.format(Math.floor(ms / 1000)));
  const isExpired = hasExpired(job, parts.clock());
  const head = {
    id: job.id,
    status: job.status,
    created_at: time(job.createdAt),
    started_at: time(job.startedAt),
    ended_at: time(job.endedAt),
    expires_at: time(job.expiresAt),
    is_expired: isExpired,
    created_by: { id: job.createdBy.id, name: job.createdBy.name },
  };
  const files = job.files ?? [];
  const { entries, total } = progressIn(job, parts.progressOf);
  const tail = {
    criteria_in_words: await inWords(parts.directory, job.org, filter, zone),
    entries: job.status === 'failed' ? null : entries,
    total_entries: total,
    bytes: job.files && files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: files.map((file) => ({
      name: file.name,
      bytes: file.bytes,
      sha256: file.sha256,
      entries: file.entries,
      link: isExpired ? null : links.download(job.org, job.id, file.name),
    })),
    failure: job.status === 'failed' ? { reason: job.failure ?? '', advice: adviceFor(job.failureKind) } : null,
  };
  const shown = JSON.stringify(job.filter && shownFilter(job.filter, zone));
  const criteria = job.criteria ?? 'null';
  const isKept = (text: string): boolean => !isOneOfMany || text.length <= longText;
  // The criteria are put in as the text that they were stored as: nothing about them is read again.
  const middle = [isKept(shown) && `"filter":${shown}`, isKept(criteria) && `"criteria":${criteria}`];
  return [
    JSON.stringify(head).slice(0, -1),
    ...middle.filter((part) => part !== false),
    JSON.stringify(tail).slice(1),
  ].join();
}

function hasExpired(job: Job, now: number): boolean {
  if (job.status !== 'finished') return false;
  return job.resultKey === null || (job.expiresAt !== null && job.expiresAt <= now);
}

function shownFilter({ from, to, actions, modules, doneBy, words, record }: ExportFilter, zone: OrgZone) {
  const time = (seconds: number | null) => (seconds === null ? null : zone.format(seconds));
  return { from: time(from), to: time(to), actions, modules, done_by: doneBy, words, record_id: record };
}

/** What the filter asks for, as JSON text; null when that is nothing. */
export function conditionsText(filter: ExportFilter, zone: OrgZone): string | null {
  const asked = Object.entries(shownFilter(filter, zone)).filter(([, value]) => value !== null);
  return asked.length === 0 ? null : JSON.stringify(Object.fromEntries(asked));
}

/** Of a job that is older than the column for it: from its query. */
async function storedFilter(jobs: ExportTeller['parts']['jobs'], { org, id }: Job): Promise<ExportFilter> {
  const query = (await jobs.get(org, id))?.query;
  const time = (seconds: number | undefined) =>
    Number.isSafeInteger((seconds ?? 0) * 1000) ? (seconds ?? null) : null;
  return {
    from: time(query?.from),
    to: time(query?.to),
    actions: query?.actions ?? null,
    modules: query?.modules ?? null,
    doneBy: query?.doneBy ?? null,
    words: null,
    record: null,
  };
}

/** The filter as sentences all of which are true of what it shows. */
export async function inWords(
  directory: Pick<Directory, 'namesOf' | 'moduleLabels'>,
  org: string,
  filter: ExportFilter,
  zone: OrgZone,
): Promise<readonly string[]> {
  const { people, modules } = namedIn(filter);
  const names = {
    people: people.length === 0 ? none : await directory.namesOf(org, people),
    modules: modules.length === 0 ? none : await directory.moduleLabels(org, modules),
  };
  return filterInWords(filter, names, zone);
}

const none: ReadonlyMap<string, string> = new Map();
