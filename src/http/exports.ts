/** Export jobs: create one, list them, look at one. */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import Type from 'typebox';
import { ExportRequestSchema, parseExportText } from '../audit/criteria.ts';
import { Failure } from '../audit/failure.ts';
import type { OrgZone } from '../audit/time.ts';
import { type Job, jobStates, listedJobs, type WholeJob } from '../export/jobs.ts';
import { scheduleExport } from '../export/schedule.ts';
import { acts } from '../trail/acts.ts';
import { actorOf } from '../trail/trail.ts';
import { readBytes, utf8 } from './body.ts';
import { failures, jsonType } from './errors.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute, RouteParameter } from './route.ts';
import { Id, NamedId, nullable, Time } from './schemas.ts';

const path = '/crm/{version}/settings/audit_log_export';

export const versionParameter: RouteParameter = {
  name: 'version',
  in: 'path',
  required: true,
  description: 'The API version. Both are served alike.',
  schema: Type.Union([Type.Literal('v7'), Type.Literal('v8')], { examples: ['v8'] }),
};

export const readScopes = [
  'ZohoCRM.settings.audit_logs.READ',
  'ZohoCRM.settings.audit_logs.ALL',
  'ZohoCRM.settings.ALL',
] as const;

export const createScopes = [
  'ZohoCRM.settings.audit_logs.CREATE',
  'ZohoCRM.settings.audit_logs.ALL',
  'ZohoCRM.settings.ALL',
] as const;

const JobBody = Type.Object({
  id: Id,
  status: Type.Union(jobStates.map((state) => Type.Literal(state))),
  job_start_time: nullable(Time),
  job_end_time: nullable(Time),
  expiry_date: nullable(Time),
  created_by: NamedId,
  criteria: Type.Unknown({ description: 'As it was sent; null when none was.' }),
  download_links: Type.Array(Type.String({ format: 'uri' }), { description: 'Empty until the job is finished.' }),
  entries: nullable(Type.Integer({ description: 'How many were exported; so far, while the job runs.' })),
});
const JobList = Type.Object({ audit_log_export: Type.Array(JobBody) });
const Scheduled = Type.Object({
  audit_log_export: Type.Array(
    Type.Object({
      status: Type.Literal('success'),
      code: Type.Literal('SCHEDULED'),
      message: Type.Literal('ExportAuditlog scheduled successfully.'),
      details: Type.Object({ id: Id }),
    }),
  ),
});

export const createExport: GuardedRoute = {
  method: 'POST',
  path,
  operationId: 'createExport',
  tag: 'Exports',
  summary: 'Schedule an export of the audit log',
  description: 'Without a body: everything of the last three years.',
  parameters: [versionParameter],
  body: {
    description: 'Read as JSON whatever its label says.',
    required: false,
    content: { 'application/json': ExportRequestSchema },
  },
  answers: { 200: { description: 'The job is scheduled.', content: { 'application/json': Scheduled } } },
  errors: [
    'INVALID_DATA',
    'MANDATORY_NOT_FOUND',
    'EXPECTED_FIELD_MISSING',
    'DEPENDENT_FIELD_MISSING',
    'DEPENDENT_MISMATCH',
    'NOT_SUPPORTED',
    'AMBIGUITY_DURING_PROCESSING',
    'LIMIT_EXCEEDED',
    'ALREADY_SCHEDULED',
    'TOO_MANY_REQUESTS',
  ],
  scopes: createScopes,
  needsAuditLog: true,
  async handle(call) {
    const { parts } = call;
    const limits = parts.config.limits;
    const text = await exportText(call);
    const { zone } = organisationOf(call);
    const request = parseExportText(text, { now: Math.floor(parts.clock() / 1000), zone }, limits.jsonDepth);
    const job = await scheduleExport(parts, call.viewer, request);
    await announceJob(call, job);
    sendJson(call.reply, {
      audit_log_export: [
        {
          status: 'success',
          code: 'SCHEDULED',
          message: 'ExportAuditlog scheduled successfully.',
          details: { id: job.id },
        },
      ],
    });
  },
};

export const listExports: GuardedRoute = {
  method: 'GET',
  path,
  operationId: 'listExports',
  tag: 'Exports',
  summary: 'List export jobs, newest first',
  description: "The newest 200 of the caller's jobs; an administrator sees the organisation's.",
  parameters: [versionParameter],
  answers: { 200: { description: 'The jobs.', content: { 'application/json': JobList } } },
  errors: ['NO_CONTENT'],
  scopes: readScopes,
  needsAuditLog: true,
  async handle(call) {
    const { viewer, parts, reply } = call;
    const createdBy = seesEveryJob(call) ? null : viewer.user.id;
    const jobs = parts.jobs.each(call.identity.org, { createdBy }, listedJobs);
    const first = await jobs.next();
    if (first.done === true) throw new Failure('NO_CONTENT', 'No audit log has been scheduled');
    reply.header('content-type', jsonType);
    if (call.request.method === 'HEAD') reply.send();
    else reply.send(Readable.from(listBody(call, first.value, jobs), { objectMode: false }));
  },
};

export const readExport: GuardedRoute = {
  method: 'GET',
  path: `${path}/{id}`,
  operationId: 'readExport',
  tag: 'Exports',
  summary: 'Look at one export job',
  parameters: [versionParameter, { name: 'id', in: 'path', required: true, description: 'The job.', schema: Id }],
  answers: { 200: { description: 'The job.', content: { 'application/json': JobList } } },
  errors: ['INVALID_URL_PATTERN'],
  scopes: readScopes,
  needsAuditLog: true,
  async handle(call) {
    const job = await visibleJob(call, call.params.id ?? '');
    const { zone } = organisationOf(call);
    call.reply.header('content-type', jsonType).send(`{"audit_log_export":[${jobText(call, job, zone)}]}`);
  },
};

/**
 * What follows when a job is made: told after the job has pinned what it exports, so that no export holds the entry about
 * itself. `criteria` is JSON text, as the entry shall show it.
 */
export async function announceJob(call: GuardedCall, job: Job, criteria: string | null = job.criteria): Promise<void> {
  const { parts, viewer, identity } = call;
  parts.wakeWorkers();
  parts.log.info({ requestId: call.request.id, jobId: job.id, org: job.org }, 'export scheduled');
  const act = acts.exportStarted({ id: job.id, criteria, client: identity.clientId });
  await parts.trail.tellDone(viewer.organisation, actorOf(viewer), act);
}

/** What is not UTF-8, and what is nothing but a byte order mark, is no JSON, and no missing body either. */
async function exportText(call: GuardedCall): Promise<string> {
  const bytes = await readBytes(call, call.parts.config.limits.jsonBodyBytes);
  if (bytes.byteLength === 0) return '';
  return (isUtf8(bytes) && utf8(bytes)) || 'no JSON';
}

/** The job, if the caller may see it. One that is not theirs to see and one that is not there answer alike. */
export async function visibleJob(call: GuardedCall, id: string): Promise<WholeJob> {
  const job = await call.parts.jobs.get(call.identity.org, id, seesEveryJob(call) ? null : call.viewer.user.id);
  if (job === null) throw failures.notFound();
  return job;
}

/** What is sent at a time; the list as a whole may hold 200 criteria of a megabyte. */
const pieceLength = 65_536;

async function* listBody(call: GuardedCall, first: Job, rest: AsyncGenerator<Job, void>): AsyncGenerator<string, void> {
  const { zone } = organisationOf(call);
  let piece = `{"audit_log_export":[${jobText(call, first, zone)}`;
  for await (const job of rest) {
    piece += `,${jobText(call, job, zone)}`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]}`;
}

export function seesEveryJob({ viewer }: Pick<GuardedCall, 'viewer'>): boolean {
  return viewer.isAdministrator || viewer.isCeo;
}

/** A job as JSON. Its criteria are put in as the text that they were stored as: nothing about them is read again. */
function jobText(call: GuardedCall, job: Job, zone: OrgZone): string {
  const time = (ms: number | null) => (ms === null ? null : zone.format(Math.floor(ms / 1000)));
  const files = job.status === 'finished' ? (job.files ?? []) : [];
  const head = JSON.stringify({
    id: job.id,
    status: job.status,
    job_start_time: time(job.startedAt),
    job_end_time: time(job.endedAt),
    expiry_date: time(job.expiresAt),
    created_by: { name: job.createdBy.name, id: job.createdBy.id },
  });
  const tail = JSON.stringify({
    download_links: files.map((file) => call.links.download(job.org, job.id, file.name)),
    entries: job.status === 'failed' ? null : job.entries,
  });
  return `${head.slice(0, -1)},"criteria":${job.criteria ?? 'null'},${tail.slice(1)}`;
}
