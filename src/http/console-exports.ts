/** Exports of what a view of the log shows: how much that is, start one, list them, look at one. */
import { Readable } from 'node:stream';
import Type from 'typebox';
import { Failure } from '../audit/failure.ts';
import type { Job, JobKey } from '../export/jobs.ts';
import { layoutOf } from '../export/layout.ts';
import { pinnedQuery, scheduleFiltered } from '../export/schedule.ts';
import type { LedgerQuery } from '../ledger/ledger.ts';
import { readJson } from './body.ts';
import { jsonType } from './errors.ts';
import { CriteriaInWords, conditionsText, ExportBody, type ExportTeller, exportText, inWords } from './export-body.ts';
import { announceJob, createScopes, readScopes, seesEveryJob, visibleJob } from './exports.ts';
import { FilterBody, filterOfBody, filterOfQuery, filterParameters } from './log-filter.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';
import { badParameter, wholeParameter, withClient } from './view-query.ts';

const path = '/api/v1/exports';
const tag = 'Console';

const OneExport = Type.Object({ export: ExportBody });
const Preview = Type.Object({
  entries: Type.Integer(),
  is_estimate: Type.Boolean(),
  format: Type.Union([Type.Literal('csv'), Type.Literal('zip')]),
  files: Type.Array(Type.Object({ name: Type.String(), entries: Type.Integer() }), {
    description: 'The files that there will be to download.',
  }),
  members: Type.Integer({ description: 'How many CSV files that makes, those inside ZIP files counted one by one.' }),
  criteria_in_words: CriteriaInWords,
});

/** How long anybody may wait for a count. */
export const countMs = 30_000;

export const previewExport: GuardedRoute = {
  method: 'GET',
  path: `${path}/preview`,
  operationId: 'previewExport',
  tag,
  summary: 'See how much an export would hold',
  description: 'Counts what the filter shows at this moment. Nothing is scheduled.',
  parameters: filterParameters,
  answers: { 200: { description: 'What there would be.', content: { 'application/json': Preview } } },
  errors: ['INVALID_DATA', 'TOO_MANY_REQUESTS'],
  scopes: createScopes,
  needsAuditLog: true,
  async handle(call) {
    const { zone } = organisationOf(call);
    const filter = filterOfQuery(call.query, zone);
    using _place = call.admission.counts.take(call.identity.userId);
    const query = await pinnedQuery(call.parts, call.viewer, filter);
    const layout = layoutOf(await countInTime(call, query));
    sendJson(call.reply, {
      entries: layout.reduce((sum, { entries }) => sum + entries, 0),
      is_estimate: false,
      format: layout[0]?.container,
      files: layout.map(({ name, entries }) => ({ name, entries })),
      members: layout.reduce((sum, { members }) => sum + members.length, 0),
      criteria_in_words: await inWords(call.parts.directory, query.org, filter, zone),
    });
  },
};

/** Stops counting when nobody waits for it any more. */
function countInTime(call: GuardedCall, query: LedgerQuery): Promise<number> {
  return withClient(call, async (gone) => {
    const stop = new AbortController();
    const late = `Counting took over ${countMs / 1000} s; an export may still be started`;
    const timer = setTimeout(() => stop.abort(new Failure('SERVICE_UNAVAILABLE', late)), countMs).unref();
    try {
      return await call.parts.ledger.count(query, AbortSignal.any([gone, stop.signal]));
    } finally {
      clearTimeout(timer);
    }
  });
}

export const createFilteredExport: GuardedRoute = {
  method: 'POST',
  path,
  operationId: 'createFilteredExport',
  tag,
  summary: 'Export what a view of the log shows',
  description:
    'Any range, any action, and words, which criteria cannot say; without a body: everything. It is a job like those that ' +
    'are created by criteria: one open for each user, the same files, the same links.',
  body: { description: 'The filter, read as JSON.', required: false, content: { 'application/json': FilterBody } },
  answers: { 201: { description: 'The export is scheduled.', content: { 'application/json': OneExport } } },
  errors: ['INVALID_DATA', 'ALREADY_SCHEDULED', 'TOO_MANY_REQUESTS'],
  scopes: createScopes,
  needsAuditLog: true,
  async handle(call) {
    const { parts, viewer } = call;
    const body = await readJson(call, parts.config.limits.jsonBodyBytes);
    const { zone } = organisationOf(call);
    const filter = filterOfBody(body, zone);
    const job = await scheduleFiltered(parts, viewer, filter).catch(throwBare);
    await announceJob(call, job, conditionsText(filter, zone));
    await sendExport(call, job, 201);
  },
};

/** The wire wraps what is wrong with an export; nothing is wrapped here. */
function throwBare(error: unknown): never {
  if (!(error instanceof Failure) || !error.wrapped) throw error;
  throw new Failure(error.code, error.message, { cause: error, details: error.details });
}

export const listFilteredExports: GuardedRoute = {
  method: 'GET',
  path,
  operationId: 'listFilteredExports',
  tag,
  summary: 'List exports, newest first',
  description: "The caller's; an administrator sees the organisation's. Those by criteria are among them.",
  parameters: [
    { name: 'cursor', in: 'query', description: 'From the page before.', schema: Type.String() },
    {
      name: 'per_page',
      in: 'query',
      description: '20 unless given.',
      schema: Type.Integer({ minimum: 1, maximum: 100 }),
    },
  ],
  answers: {
    200: {
      description: 'A page of exports.',
      content: {
        'application/json': Type.Object({
          exports: Type.Array(ExportBody),
          info: Type.Object({
            count: Type.Integer(),
            more_records: Type.Boolean(),
            next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass it as `cursor` to read on.' }),
          }),
        }),
      },
    },
  },
  errors: ['INVALID_DATA'],
  scopes: readScopes,
  needsAuditLog: true,
  async handle(call) {
    const { identity, viewer, parts, reply } = call;
    const createdBy = seesEveryJob(call) ? null : viewer.user.id;
    const limit = wholeParameter(call.query, 'per_page', { otherwise: defaultPageSize, max: maxExportsPerPage });
    const before = readCursor(call.query.get('cursor'));
    const page = await parts.jobs.page(identity.org, { createdBy, before, limit });
    reply.header('content-type', jsonType);
    if (call.request.method === 'HEAD') reply.send();
    else reply.send(Readable.from(pageBody(call, page), { objectMode: false }));
  },
};

export const readFilteredExport: GuardedRoute = {
  method: 'GET',
  path: `${path}/{id}`,
  operationId: 'readFilteredExport',
  tag,
  summary: 'Look at one export',
  parameters: [{ name: 'id', in: 'path', required: true, description: 'The export.', schema: Id }],
  answers: { 200: { description: 'The export.', content: { 'application/json': OneExport } } },
  errors: ['INVALID_URL_PATTERN'],
  scopes: readScopes,
  needsAuditLog: true,
  async handle(call) {
    await sendExport(call, await visibleJob(call, call.params.id ?? ''), 200);
  },
};

async function sendExport(call: GuardedCall, job: Job, status: number): Promise<void> {
  const text = await exportText(tellerOf(call), job, { isOneOfMany: false });
  call.reply.code(status).header('content-type', jsonType).send(`{"export":${text}}`);
}

function tellerOf(call: GuardedCall): ExportTeller {
  return { parts: call.parts, links: call.links, zone: organisationOf(call).zone };
}

/** One after the other: a page of them is never held. */
async function* pageBody(
  call: GuardedCall,
  { keys, hasMore }: { readonly keys: readonly JobKey[]; readonly hasMore: boolean },
): AsyncGenerator<string, void> {
  const teller = tellerOf(call);
  let count = 0;
  yield '{"exports":[';
  for (const { id } of keys) {
    const job = await call.parts.jobs.listed(call.identity.org, id);
    if (job === null) continue;
    const text = await exportText(teller, job, { isOneOfMany: true });
    yield count === 0 ? text : `,${text}`;
    count += 1;
  }
  const last = keys.at(-1);
  const info = { count, more_records: hasMore, next_cursor: hasMore && last !== undefined ? writeCursor(last) : null };
  yield `],"info":${JSON.stringify(info)}}`;
}

const defaultPageSize = 20;
export const maxExportsPerPage = 100;

function writeCursor({ createdAt, id }: JobKey): string {
  return Buffer.from(`${createdAt}.${id}`).toString('base64url');
}

function readCursor(text: string | null): JobKey | null {
  if (text === null) return null;
  const [, createdAt, id] =
    /^(\d{1,15})\.(\d{1,19})$/.exec(text.length > 60 ? '' : Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (createdAt === undefined || id === undefined) return badParameter('cursor', 'a cursor of an earlier page');
  return { createdAt: Number(createdAt), id };
}
