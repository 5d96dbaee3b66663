/** A finished file, as a file server would send it: RFC 9110's conditional and range requests, RFC 9530's digest. */
import fresh from 'fresh';
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import { coversQuery } from '../audit/visibility.ts';
import type { Job, JobFile } from '../export/jobs.ts';
import type { ByteRange } from '../results/results.ts';
import { failures } from './errors.ts';
import { visibleJob } from './exports.ts';
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
    'Answers the file itself, never a redirect. HEAD, single ranges and conditional requests are understood.',
  parameters: [
    { name: 'org', in: 'path', required: true, description: "The organisation's zgid.", schema: Id },
    { name: 'job', in: 'path', required: true, description: 'The job.', schema: Id },
    {
      name: 'file',
      in: 'path',
      required: true,
      description: 'AuditLog.csv, AuditLog.zip, or a further part as listed in download_links.',
      schema: Type.String({ pattern: '^AuditLog(_[0-9]{3,})?\\.(csv|zip)$' }),
    },
    { name: 'Range', in: 'header', description: 'A single byte range.', schema: Type.String() },
    { name: 'If-None-Match', in: 'header', description: 'An ETag that the client has.', schema: Type.String() },
  ],
  answers: {
    200: { description: 'The whole file.', content: { 'text/csv': binary, 'application/zip': binary } },
    206: { description: 'The bytes asked for.', content: { 'text/csv': binary, 'application/zip': binary } },
    304: { description: 'The client has it already.' },
  },
  errors: ['NO_PERMISSION', 'INVALID_URL_PATTERN', 'RANGE_NOT_SATISFIABLE'],
  scopes: ['ZohoFiles.files.READ', 'ZohoFiles.files.ALL'],
  needsAuditLog: true,
  async handle(call) {
    const { job, file, resultKey } = await resultOf(call);
    const headers = fileHeaders(job, file);
    call.reply.headers(headers);
    if (fresh(call.request.headers, { etag: headers.etag, 'last-modified': headers['last-modified'] })) {
      call.reply.code(304).removeHeader('content-type').send();
      return;
    }
    const range = rangeOf(call, file, headers);
    const length = range === null ? file.bytes : range.end - range.start + 1;
    call.reply.code(range === null ? 200 : 206).header('content-length', length);
    if (range !== null) call.reply.header('content-range', `bytes ${range.start}-${range.end}/${file.bytes}`);
    if (call.request.method === 'HEAD') call.reply.send();
    else call.reply.send(await call.parts.results.read(resultKey, file.name, range ?? undefined));
  },
};

async function resultOf(call: GuardedCall): Promise<{ job: Job; file: JobFile; resultKey: string }> {
  const { org, job: id, file: name } = call.params;
  if (org !== call.identity.org) throw failures.notFound();
  const job = await visibleJob(call, id ?? '');
  const isOver = job.expiresAt !== null && job.expiresAt <= call.parts.clock();
  if (job.status !== 'finished' || job.resultKey === null || isOver) throw failures.notFound();
  // Who has lost rights since must not read on by an old job.
  if (!coversQuery(call.viewer.visibleTo, job.query)) throw failures.notFound();
  const file = job.files?.find((candidate) => candidate.name === currentName(name ?? ''));
  if (file === undefined) throw failures.notFound();
  return { job, file, resultKey: job.resultKey };
}

/** Older links called the first part by a number. */
function currentName(name: string): string {
  return name === 'AuditLog_001.csv' ? 'AuditLog.csv' : name === 'AuditLog_001.zip' ? 'AuditLog.zip' : name;
}

function fileHeaders(job: Job, file: JobFile) {
  return {
    'content-type': file.name.endsWith('.csv') ? 'text/csv;charset=UTF-8' : 'application/zip',
    'content-disposition': `attachment; filename="${file.name}"`,
    'accept-ranges': 'bytes',
    etag: `"${file.sha256}"`,
    'last-modified': new Date(job.endedAt ?? 0).toUTCString(),
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
  } as const;
}

/** The one range that is to be sent, or null for the whole file: also for several ranges, and for a malformed one. */
function rangeOf(call: GuardedCall, file: JobFile, headers: ReturnType<typeof fileHeaders>): ByteRange | null {
  const asked = call.request.headers.range;
  if (asked === undefined || !isStill(call.request.headers['if-range'], headers)) return null;
  const range = parseRange(asked, file.bytes);
  if (range !== 'outside') return range;
  call.reply.removeHeader('content-disposition').removeHeader('repr-digest').removeHeader('etag');
  call.reply.header('content-range', `bytes */${file.bytes}`);
  throw new Failure('RANGE_NOT_SATISFIABLE', `The range lies outside the file, which has ${file.bytes} bytes`, {
    details: { limit: String(file.bytes) },
  });
}

/**
 * A single range as RFC 9110 §14.1.2 has it; null for what a server ignores. (The known libraries refuse a suffix that is
 * longer than the file, and answer 416 to a range that ends before it starts.)
 */
function parseRange(asked: string, size: number): ByteRange | null | 'outside' {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(asked) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') return Number(last) === 0 ? 'outside' : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'outside' : { start, end };
}

/** `If-Range` compares strongly: our own ETag, or exactly our date. */
function isStill(condition: string | string[] | undefined, headers: ReturnType<typeof fileHeaders>): boolean {
  return condition === undefined || condition === headers.etag || condition === headers['last-modified'];
}
