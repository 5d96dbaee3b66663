/** Entries back out: page by page, and one of them. */
import Type from 'typebox';
import { EntrySchema } from '../audit/entry-schema.ts';
import { entryLimits } from '../audit/limits.ts';
import { decodeLine, entryOf } from '../audit/line.ts';
import type { Ledger, LedgerQuery, RowKey, StoredRow } from '../ledger/ledger.ts';
import { failures } from './errors.ts';
import { filterParameters } from './log-filter.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { Time } from './schemas.ts';
import { badParameter, everything, viewOf, viewScopes, wholeParameter, withClient } from './view-query.ts';

const path = '/api/v1/entries';
const tag = 'Entries';
const defaultPageSize = 50;
/** How long a page is searched for, milliseconds: what rare words leave unsearched is for the next page. */
const searchMs = 150;

const Page = Type.Object({
  entries: Type.Array(EntrySchema),
  info: Type.Object({
    count: Type.Integer(),
    more_records: Type.Boolean({ description: 'True also where a search has not come to its end: there may be more.' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass it as `cursor` to read on.' }),
    searched_to: Type.Union([Time, Type.Null()], {
      description:
        'A search that takes long stops after a while, with what it has found, be it nothing. It has come as far back as ' +
        'this; `next_cursor` goes on from there. Null: the page is full, or there are no more.',
    }),
  }),
});

export const readEntries: GuardedRoute = {
  method: 'GET',
  path,
  operationId: 'readEntries',
  tag,
  summary: 'Read entries, newest first',
  description: 'Only those that the caller may see. By cursor: a page stays the same however much arrives meanwhile.',
  parameters: [
    { name: 'cursor', in: 'query', description: 'From the page before.', schema: Type.String() },
    { name: 'per_page', in: 'query', description: '50 unless given.', schema: Type.Integer({ minimum: 1 }) },
    ...filterParameters,
  ],
  answers: { 200: { description: 'A page of entries.', content: { 'application/json': Page } } },
  errors: ['INVALID_DATA', 'NO_PERMISSION'],
  scopes: viewScopes,
  needsAuditLog: true,
  async handle(call) {
    const { parts, query } = call;
    const max = parts.config.limits.entriesPerPage;
    const size = wholeParameter(query, 'per_page', { otherwise: Math.min(defaultPageSize, max), max });
    const before = readCursor(query.get('cursor'));
    const view = await viewOf(call);
    const { shown, next, searchedTo } = await withClient(call, (signal) =>
      gather(parts.ledger, view, { before, size, signal }),
    );
    sendJson(call.reply, {
      entries: shown.map((row) => entryOf(decodeLine(row.line))),
      info: {
        count: shown.length,
        more_records: next !== null,
        next_cursor: next && writeCursor(next),
        searched_to: searchedTo && organisationOf(call).zone.format(searchedTo.time),
      },
    });
  },
};

/** Lines may be long: a page ends early rather than grow over this. */
const pageUnits = 2 * 2 ** 20;
const rowsAtATime = 50;

interface Gathered {
  readonly shown: readonly StoredRow[];
  /** What the next page comes before; null: this is the last. */
  readonly next: RowKey | null;
  readonly searchedTo: RowKey | null;
}

async function gather(
  ledger: Pick<Ledger, 'search'>,
  view: LedgerQuery,
  { before, size, signal }: { before: RowKey | null; size: number; signal: AbortSignal },
): Promise<Gathered> {
  const shown: StoredRow[] = [];
  const ends = performance.now() + searchMs;
  const full = (): Gathered => ({ shown, next: shown.at(-1) ?? null, searchedTo: null });
  for (let units = 0, from = before; ; ) {
    const asked = Math.min(rowsAtATime, size + 1 - shown.length);
    const budgetMs = Math.max(0, ends - performance.now());
    const { rows, searchedTo } = await ledger.search(view, { before: from, size: asked, budgetMs, signal });
    for (const row of rows) {
      if (shown.length === size || (units >= pageUnits && shown.length > 0)) return full();
      shown.push(row);
      units += row.line.length;
    }
    if (searchedTo !== null) return { shown, next: searchedTo, searchedTo };
    from = rows.at(-1) ?? null;
    if (rows.length < asked || from === null) return { shown, next: null, searchedTo: null };
    if (units >= pageUnits) return full();
  }
}

const OneEntry = Type.Object({
  entry: EntrySchema,
  arrival: Type.Integer({ description: "Its place in the order in which the organisation's entries arrived, from 1." }),
  received_at: Time,
  client: Type.String({ description: 'What sent it.' }),
});

export const readEntry: GuardedRoute = {
  method: 'GET',
  path: `${path}/{key}`,
  operationId: 'readEntry',
  tag,
  summary: 'Look at one entry',
  parameters: [
    {
      name: 'key',
      in: 'path',
      required: true,
      description: "Its audited time in epoch seconds, a hyphen, and its id: '1782864000-554023000001234567'.",
      schema: Type.String({ pattern: '^[0-9]{1,12}-[0-9]{1,19}$' }),
    },
  ],
  answers: { 200: { description: 'The entry.', content: { 'application/json': OneEntry } } },
  errors: ['NO_PERMISSION', 'INVALID_URL_PATTERN'],
  scopes: viewScopes,
  needsAuditLog: true,
  async handle(call) {
    const key = keyOf(/^([0-9]{1,12})-([0-9]{1,19})$/.exec(call.params.key ?? ''));
    const row = key && (await entryAt(call, key));
    if (row === null) throw failures.notFound();
    sendJson(call.reply, {
      entry: entryOf(decodeLine(row.line)),
      arrival: row.arrival,
      received_at: receivedAt(call, row),
      client: row.client,
    });
  },
};

function receivedAt(call: GuardedCall, row: StoredRow): string {
  return organisationOf(call).zone.format(Math.floor(row.arrivedAt / 1000));
}

/** Null also when the caller may not see it. */
async function entryAt(call: GuardedCall, { time, id }: RowKey): Promise<StoredRow | null> {
  const view = { ...(await everything(call)), from: time, to: time };
  const [row] = await call.parts.ledger.page(view, { time, id: id + 1n }, 1);
  return row?.id === id ? row : null;
}

function writeCursor({ time, id }: RowKey): string {
  return Buffer.from(`${time}.${id}`).toString('base64url');
}

function readCursor(text: string | null): RowKey | null {
  if (text === null) return null;
  const shape = /^(\d{1,12})\.(\d{1,19})$/;
  const found = keyOf(shape.exec(text.length > 60 ? '' : Buffer.from(text, 'base64url').toString('latin1')));
  return found ?? badParameter('cursor', 'a cursor of an earlier page');
}

function keyOf(found: RegExpExecArray | null): RowKey | null {
  const [, time, id] = found ?? [];
  if (time === undefined || id === undefined || BigInt(id) > entryLimits.maxId) return null;
  return { time: Number(time), id: BigInt(id) };
}
