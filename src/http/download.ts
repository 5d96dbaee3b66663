/** A finished file, as a file server would send it: RFC 9110's conditional and range requests, RFC 9530's digest. */
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import { coversQuery } from '../audit/visibility.ts';
import type { Job, JobFile } from '../export/jobs.ts';
import type { ByteRange, ResultReader } from '../results/results.ts';
import { acts } from '../trail/acts.ts';
import { actorOf } from '../trail/trail.ts';
import { failures } from './errors.ts';
import { visibleJob } from './exports.ts';
import { acceptedForms, type FileForm } from './file-forms.ts';
import { heldForm, parseRange, rangedForm } from './preconditions.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';

const binary = Type.String({ contentEncoding: 'binary' });

export const downloadResult: GuardedRoute = {
  method: 'GET',
  path: '/v2/crm/{org}/auditlog/{job}/{file}',
  operationId: 'downloadResult',
  tag: 'Exports',
  summary: 'Download a file of a finished export',
  description:
    'Answers the file itself, never a redirect. HEAD, single ranges and conditional requests are understood. ' +
    'A CSV is sent gzip-encoded to a client that accepts it.',
  parameters: [
    { name: 'org', in: 'path', required: true, description: "The organisation's zgid.", schema: Id },
    { name: 'job', in: 'path', required: true, description: 'The job.', schema: Id },
    {
      name: 'file',
      in: 'path',
      required: true,
      description: 'AuditLog.csv, AuditLog.zip, or a further part as listed in download_links.',
      schema: Type.String({ pattern: '^AuditLog(_[0-9]{3,})?\\.(csv|zip)$', examples: ['AuditLog.zip'] }),
    },
    {
      name: 'Accept-Encoding',
      in: 'header',
      description: 'With gzip in it: an encoded answer will do.',
      schema: Type.String(),
    },
    {
      name: 'Range',
      in: 'header',
      description: 'A single byte range; of the plain file, unless If-Range names the ETag of the encoded one.',
      schema: Type.String(),
    },
    { name: 'If-Range', in: 'header', description: 'The ETag of what a part is there of.', schema: Type.String() },
    { name: 'If-None-Match', in: 'header', description: 'An ETag that the client has.', schema: Type.String() },
  ],
  answers: {
    200: { description: 'The whole file.', content: { 'text/csv': binary, 'application/zip': binary } },
    206: { description: 'The bytes asked for.', content: { 'text/csv': binary, 'application/zip': binary } },
    302: { description: 'A browser that nobody is logged in with: the way to the log-in, and then back here.' },
    304: { description: 'The client has it already.' },
  },
  errors: ['NO_PERMISSION', 'INVALID_URL_PATTERN', 'RANGE_NOT_SATISFIABLE'],
  scopes: ['ZohoFiles.files.READ', 'ZohoFiles.files.ALL'],
  needsAuditLog: true,
  opensInBrowser: true,
  async handle(call) {
    const { job, file, resultKey } = await resultOf(call);
    const forms = acceptedForms(file, call.request.headers['accept-encoding']);
    const lastModified = new Date(job.endedAt ?? 0).toUTCString();
    const held = heldForm(forms, call.request.headers, lastModified);
    if (held !== null) {
      call.reply
        .code(304)
        .headers(validators(file, held, lastModified))
        .send();
      return;
    }
    const { form, range } = partOf(call, { file, forms, lastModified }) ?? { form: forms[0], range: null };
    const { start, end } = range ?? { start: 0, end: form.bytes - 1 };
    // Opened before anything is said of it: a file that is gone is a 404 like every other.
    await using reader = await call.parts.results.read(resultKey, form.storedName, { start, end });
    if (call.request.method === 'GET') await tellDownload(call, { job, file, isFirst: start === 0 });
    const length = end - start + 1;
    call.reply
      .code(range === null ? 200 : 206)
      .headers(validators(file, form, lastModified))
      .headers(contentHeaders(file, form))
      .header('content-length', length);
    if (range !== null) call.reply.header('content-range', `bytes ${start}-${end}/${form.bytes}`);
    if (call.request.method === 'HEAD') call.reply.send();
    else await sendBody(call, reader, length);
  },
};

/**
 * Durable before the first byte leaves: where the log cannot be written, nothing is given out. Whoever goes on after a break,
 * or fetches a file in several parts, has downloaded it once; who leaves out its start has, too.
 */
async function tellDownload(
  { parts, viewer, identity }: GuardedCall,
  { job, file, isFirst }: { job: Job; file: JobFile; isFirst: boolean },
): Promise<void> {
  const { name, sha256 } = file;
  const act = acts.fileDownloaded({ job: job.id, name, sha256, client: identity.clientId });
  await parts.trail.tellStep(viewer.organisation, actorOf(viewer), act, { of: `${job.id}/${name}`, isFirst });
}

/** Past Fastify, which sends streams only. */
async function sendBody(
  { reply, request, parts, files }: GuardedCall,
  reader: ResultReader,
  length: number,
): Promise<void> {
  reply.hijack();
  reply.raw.statusCode = reply.statusCode;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  try {
    await files.send(reply.raw, reader, length);
  } catch (error) {
    parts.log.error({ requestId: request.id, err: error }, 'request failed');
    reply.raw.destroy();
  }
}

async function resultOf(call: GuardedCall): Promise<{ job: Job; file: JobFile; resultKey: string }> {
  const { org, job: id, file: name } = call.params;
  if (org !== call.identity.org) throw failures.notFound();
  const job = await visibleJob(call, id ?? '');
  const isOver = job.expiresAt !== null && job.expiresAt <= call.parts.clock();
  if (job.status !== 'finished' || job.resultKey === null || isOver) throw failures.notFound();
  // Who has lost rights since must not read on by an old job.
  if (!coversQuery(await call.parts.directory.visibleTo(call.viewer), job.query)) throw failures.notFound();
  const file = job.files?.find((candidate) => candidate.name === currentName(name ?? ''));
  if (file === undefined) throw failures.notFound();
  return { job, file, resultKey: job.resultKey };
}

/** Older links called the first part by a number. */
function currentName(name: string): string {
  return name === 'AuditLog_001.csv' ? 'AuditLog.csv' : name === 'AuditLog_001.zip' ? 'AuditLog.zip' : name;
}

function validators(file: JobFile, form: FileForm, lastModified: string) {
  return {
    ...variance(file),
    'accept-ranges': 'bytes',
    etag: form.etag,
    'last-modified': lastModified,
    'repr-digest': `sha-256=:${Buffer.from(form.sha256, 'hex').toString('base64')}:`,
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
  } as const;
}

/** Said whenever the file is there: with another `Accept-Encoding` the answer might have been another. */
function variance({ gzip }: JobFile) {
  return gzip === undefined ? {} : { vary: 'Accept-Encoding' };
}

/** The name is that of the file, whatever it is encoded in: who saves it has decoded it. */
function contentHeaders({ name }: JobFile, { coding }: FileForm) {
  return {
    'content-type': name.endsWith('.csv') ? 'text/csv;charset=UTF-8' : 'application/zip',
    'content-disposition': `attachment; filename="${name}"`,
    ...(coding !== null && { 'content-encoding': coding }),
  } as const;
}

/** The one range that is to be sent, and of what; null: the whole file. */
function partOf(
  call: GuardedCall,
  { file, forms, lastModified }: { file: JobFile; forms: readonly [FileForm, ...FileForm[]]; lastModified: string },
): { form: FileForm; range: ByteRange } | null {
  const { range: asked, 'if-range': condition } = call.request.headers;
  // RFC 9110 §14.2: a range means something for GET only.
  if (asked === undefined || call.request.method === 'HEAD') return null;
  const form = rangedForm(forms, condition, lastModified);
  const range = form && parseRange(asked, form.bytes);
  if (form === null || range === null) return null;
  if (range !== 'outside') return { form, range };
  call.reply.headers({ ...variance(file), 'content-range': `bytes */${form.bytes}` });
  throw new Failure('RANGE_NOT_SATISFIABLE', `The range lies outside the file, which has ${form.bytes} bytes`, {
    details: { limit: String(form.bytes) },
  });
}
