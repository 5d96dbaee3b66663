/** Entries in, and back out. */
import Type from 'typebox';
import { parseEntry } from '../audit/entry.ts';
import { EntrySchema } from '../audit/entry-schema.ts';
import { Failure } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import { decodeLine, entryOf } from '../audit/line.ts';
import { parseTime } from '../audit/time.ts';
import { Tally, wireRejected } from '../intake/tally.ts';
import type { LedgerQuery, RowKey, StoredRow } from '../ledger/ledger.ts';
import { labelOf, readJson } from './body.ts';
import { BodyFeed } from './body-feed.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Id } from './schemas.ts';

const isNdjson = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i;

const Counts = Type.Object({
  accepted: Type.Integer({ description: 'Entries that are new and durable.' }),
  duplicates: Type.Integer({ description: 'Entries that were there already: harmless.' }),
  rejected: Type.Array(
    Type.Object({
      line: Type.Integer({ description: 'The line, or the place in the array, from 1.' }),
      code: Type.String(),
      message: Type.String(),
      json_path: Type.String(),
    }),
    { description: 'Entries that were not stored, and why. Look at it also when the status is 200.' },
  ),
});

export const recordEntries: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/entries',
  operationId: 'recordEntries',
  tag: 'Entries',
  summary: 'Record entries',
  description:
    'One entry or an array as JSON, stored whole or not at all; or NDJSON of any length, stored line by line. The answer ' +
    'comes when the entries are durable. An entry that carries an id of its own can be sent again without harm.',
  body: {
    description: 'NDJSON when the label says application/x-ndjson, else JSON.',
    required: true,
    content: {
      'application/json': Type.Union([EntrySchema, Type.Array(EntrySchema)]),
      'application/x-ndjson': Type.String({ description: 'One entry a line.' }),
    },
  },
  answers: { 200: { description: 'What became of the entries.', content: { 'application/json': Counts } } },
  errors: ['INVALID_DATA', 'LIMIT_EXCEEDED', 'TOO_MANY_REQUESTS'],
  scopes: ['Annals.entries.CREATE', 'Annals.entries.ALL'],
  needsAuditLog: false,
  handle: (call) => (isNdjson.test(labelOf(call.request.raw)) ? recordStream(call) : recordArray(call)),
};

async function recordStream(call: GuardedCall): Promise<void> {
  const { parts, identity, admission } = call;
  const limits = parts.config.limits;
  using _place = admission.openStream();
  const { zgid, zone } = organisationOf(call);
  let recorded = { accepted: 0, duplicates: 0 };
  try {
    const counts = await parts.intake.record(new BodyFeed(call.request.raw, limits.bodyIdleMs), {
      desk: parts.recorder.deskOf(zgid, identity.clientId ?? 'token'),
      timeZone: zone.timeZone,
      maxLineBytes: limits.ndjsonLineBytes,
      maxRejected: limits.rejectedLines,
      maxDepth: limits.jsonDepth,
      onProgress: ({ accepted, duplicates }) => {
        recorded = { accepted, duplicates };
      },
    });
    sendCounts(call, counts);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw withProgress(error, recorded);
  }
}

/** A stream that stops half way says how far it got: what was recorded until then stays. */
function withProgress(failure: Failure, recorded: { accepted: number; duplicates: number }): Failure {
  const { retryAfterSeconds } = failure;
  return new Failure(failure.code, failure.message, {
    cause: failure,
    details: { ...recorded, ...failure.details },
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  });
}

async function recordArray(call: GuardedCall): Promise<void> {
  const { parts, identity } = call;
  const limits = parts.config.limits;
  const body = await readJson(call, limits.entriesBodyBytes);
  const values: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (body === undefined) {
    throw new Failure('INVALID_DATA', 'The request has no body', {
      details: { expected_data_type: 'jsonobject', json_path: '$' },
    });
  }
  if (values.length > limits.entriesPerArray) {
    throw new Failure('LIMIT_EXCEEDED', `The array holds over ${limits.entriesPerArray} entries; send NDJSON instead`, {
      details: { limit: String(limits.entriesPerArray), json_path: '$' },
    });
  }
  const { zgid, zone } = organisationOf(call);
  const tally = new Tally(limits.entriesPerArray);
  const entries = [];
  for (const [index, value] of values.entries()) {
    const parsed = parseEntry(value, zone);
    if (parsed.ok) entries.push(parsed.entry);
    else tally.reject({ ...parsed.problem, line: index + 1 });
  }
  if (tally.rejected.length === 0) {
    const org = { zgid, zone };
    const client = identity.clientId ?? 'token';
    const outcomes = await parts.recorder.record(org, entries, { client, atomic: true });
    const isStored = !outcomes.includes('conflict');
    // An array is stored whole or not at all: beside a conflict nothing counts as accepted.
    const told = isStored ? outcomes : outcomes.map((outcome) => (outcome === 'new' ? null : outcome));
    const lines = told.flatMap((outcome, index) => (outcome === null ? [] : [index + 1]));
    tally.add(
      told.filter((outcome) => outcome !== null),
      lines,
    );
  }
  sendCounts(call, tally);
}

function sendCounts(call: GuardedCall, counts: Pick<Tally, 'accepted' | 'duplicates' | 'rejected'>): void {
  sendJson(call.reply, {
    accepted: counts.accepted,
    duplicates: counts.duplicates,
    rejected: wireRejected(counts.rejected),
  });
}

const defaultPageSize = 50;

const Page = Type.Object({
  entries: Type.Array(EntrySchema),
  info: Type.Object({
    count: Type.Integer(),
    more_records: Type.Boolean(),
    next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass it as `cursor` to read on.' }),
  }),
});

export const readEntries: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/entries',
  operationId: 'readEntries',
  tag: 'Entries',
  summary: 'Read entries, newest first',
  description: 'Only those that the caller may see. By cursor: a page stays the same however much arrives meanwhile.',
  parameters: [
    { name: 'cursor', in: 'query', description: 'From the page before.', schema: Type.String() },
    { name: 'per_page', in: 'query', description: '50 unless given.', schema: Type.Integer({ minimum: 1 }) },
    { name: 'from', in: 'query', description: 'The earliest audited time, included.', schema: Type.String() },
    { name: 'to', in: 'query', description: 'The latest audited time, included.', schema: Type.String() },
    { name: 'action', in: 'query', description: 'Only these actions; may be repeated.', schema: Type.String() },
    { name: 'module', in: 'query', description: 'Only these modules; may be repeated.', schema: Type.String() },
    { name: 'done_by', in: 'query', description: 'Only these user ids; may be repeated.', schema: Id },
  ],
  answers: { 200: { description: 'A page of entries.', content: { 'application/json': Page } } },
  errors: ['INVALID_DATA', 'NO_PERMISSION'],
  scopes: ['Annals.entries.READ', 'Annals.entries.ALL'],
  needsAuditLog: true,
  async handle(call) {
    const { parts, query } = call;
    const organisation = organisationOf(call);
    const time = (name: 'from' | 'to', otherwise: number): number => {
      const text = query.get(name);
      if (text === null) return otherwise;
      return parseTime(text, organisation.zone, name === 'from' ? 'start' : 'end') ?? badParameter(name, 'a time');
    };
    const size = pageSize(query.get('per_page'), parts.config.limits.entriesPerPage);
    const filter: LedgerQuery = {
      org: organisation.zgid,
      from: time('from', Number.MIN_SAFE_INTEGER),
      to: time('to', Number.MAX_SAFE_INTEGER),
      actions: listed(query, 'action')?.map((action) => action.toLowerCase()) ?? null,
      modules: listed(query, 'module'),
      doneBy: listed(query, 'done_by', /^[0-9]{1,18}$|^[0-9]{19}$/),
      words: null,
      record: null,
      visibleTo: await parts.directory.visibleTo(call.viewer),
      asOf: Number.MAX_SAFE_INTEGER,
    };
    const { shown, hasMore } = await gather(call, filter, size);
    const last = shown.at(-1);
    sendJson(call.reply, {
      entries: shown.map((row) => entryOf(decodeLine(row.line))),
      info: {
        count: shown.length,
        more_records: hasMore,
        next_cursor: hasMore && last !== undefined ? writeCursor(last) : null,
      },
    });
  },
};

/** Lines may be long: a page ends early rather than grow over this. */
const pageUnits = 2 * 2 ** 20;
const rowsAtATime = 50;

async function gather(
  call: GuardedCall,
  filter: LedgerQuery,
  size: number,
): Promise<{ shown: StoredRow[]; hasMore: boolean }> {
  const shown: StoredRow[] = [];
  let before = readCursor(call.query.get('cursor'));
  for (let units = 0; units < pageUnits; ) {
    const asked = Math.min(rowsAtATime, size + 1 - shown.length);
    const rows = await call.parts.ledger.page(filter, before, asked);
    for (const row of rows) {
      if (shown.length === size || (units >= pageUnits && shown.length > 0)) return { shown, hasMore: true };
      shown.push(row);
      units += row.line.length;
    }
    before = rows.at(-1) ?? null;
    if (rows.length < asked || before === null) return { shown, hasMore: false };
  }
  return { shown, hasMore: true };
}

const maxListed = 100;

function listed(query: URLSearchParams, name: string, shape = /^[^\0]{1,1024}$/): string[] | null {
  const values = query.getAll(name);
  if (values.length === 0) return null;
  if (values.length > maxListed) badParameter(name, `at most ${maxListed} values`);
  if (!values.every((value) => shape.test(value))) badParameter(name, 'a value of its kind');
  return values;
}

function pageSize(text: string | null, max: number): number {
  if (text === null) return Math.min(defaultPageSize, max);
  const size = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= max ? size : badParameter('per_page', `a whole number from 1 to ${max}`);
}

function badParameter(name: string, expected: string): never {
  throw new Failure('INVALID_DATA', `The parameter ${name} must be ${expected}`, {
    details: { api_name: name, expected_data_type: expected },
  });
}

function writeCursor(row: StoredRow): string {
  return Buffer.from(`${row.time}.${row.id}`).toString('base64url');
}

function readCursor(text: string | null): RowKey | null {
  if (text === null) return null;
  const found = /^(\d{1,12})\.(\d{1,19})$/.exec(
    text.length > 60 ? '' : Buffer.from(text, 'base64url').toString('latin1'),
  );
  const [, time, id] = found ?? [];
  if (time === undefined || id === undefined || BigInt(id) > entryLimits.maxId) {
    return badParameter('cursor', 'a cursor of an earlier page');
  }
  return { time: Number(time), id: BigInt(id) };
}
