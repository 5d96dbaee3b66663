/** A finished file, as a file server would send it: RFC 9110's conditional and range requests, RFC 9530's digest. */
import type { IncomingHttpHeaders } from 'node:http';
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import { coversQuery } from '../audit/visibility.ts';
import type { Job, JobFile } from '../export/jobs.ts';
import type { ByteRange, ResultReader } from '../results/results.ts';
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
    const isHead = call.request.method === 'HEAD';
    if (isUnchanged(call.request.headers, headers)) {
      const { 'content-type': _type, 'content-disposition': _disposition, ...kept } = headers;
      call.reply.code(304).headers(kept).send();
      return;
    }
    // RFC 9110 §14.2: a range means something for GET only.
    const range = isHead ? null : rangeOf(call, file, headers);
    const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
    // Opened before anything is said of it: a file that is gone is a 404 like every other.
    await using reader = await call.parts.results.read(resultKey, file.name, { start, end });
    const length = end - start + 1;
    call.reply
      .code(range === null ? 200 : 206)
      .headers(headers)
      .header('content-length', length);
    if (range !== null) call.reply.header('content-range', `bytes ${start}-${end}/${file.bytes}`);
    if (isHead) call.reply.send();
    else await sendBody(call, reader, length);
  },
};

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

/** RFC 9110 §13.1.2 and §13.1.3; the first, when it is there, decides alone. (The known library heeds Cache-Control too.) */
function isUnchanged(asked: IncomingHttpHeaders, headers: ReturnType<typeof fileHeaders>): boolean {
  const tags = asked['if-none-match'];
  if (tags !== undefined) {
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === headers.etag);
  }
  const since = httpDate(asked['if-modified-since']);
  return since !== null && Date.parse(headers['last-modified']) <= since;
}

/** The three forms of an HTTP date; anything else is none. */
function httpDate(text: string | undefined): number | null {
  const isDate = text !== undefined && /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}( GMT| \d{4})$/.test(text);
  const ms = isDate ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** `If-Range` compares strongly: our own ETag, or exactly our date. */
function isStill(condition: string | string[] | undefined, headers: ReturnType<typeof fileHeaders>): boolean {
  return condition === undefined || condition === headers.etag || condition === headers['last-modified'];
}
