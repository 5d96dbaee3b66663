/** Entries over time. */
import Type from 'typebox';
import type { LedgerQuery, TimeSpan } from '../ledger/ledger.ts';
import { filterParameters } from './log-filter.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';
import { nullable, Time } from './schemas.ts';
import { viewOf, viewScopes, wholeParameter, withClient } from './view-query.ts';

const mostBuckets = 400;
const defaultBuckets = 120;
/** For how long entries are counted, milliseconds; the rest is estimated. */
const countMs = 100;

const HistogramBody = Type.Object({
  from: nullable(Time),
  to: nullable(Time),
  bucket_seconds: Type.Integer({ description: 'How long each part is. The first begins at `from`.' }),
  total: Type.Integer(),
  is_estimate: Type.Boolean({
    description: 'True: to count all would have taken too long; some of it is estimated by the rest.',
  }),
  buckets: Type.Array(
    Type.Object({
      start: Time,
      actions: Type.Record(Type.String(), Type.Integer(), { description: 'How many entries by action.' }),
    }),
    { description: 'In order; those without entries are left out.' },
  ),
});

export const readHistogram: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/entries/histogram',
  operationId: 'readHistogram',
  tag: 'Entries',
  summary: 'Count entries over time, by action',
  description:
    'In equal parts of the range from `from` to `to`; where an end is not given, it is the first or the last entry that the ' +
    'caller may see. Without any entry both may be null.',
  parameters: [
    {
      name: 'buckets',
      in: 'query',
      description: `How many parts at most; ${defaultBuckets} unless given.`,
      schema: Type.Integer({ minimum: 1, maximum: mostBuckets }),
    },
    ...filterParameters,
  ],
  answers: { 200: { description: 'The counts.', content: { 'application/json': HistogramBody } } },
  errors: ['INVALID_DATA', 'NO_PERMISSION'],
  scopes: viewScopes,
  needsAuditLog: true,
  async handle(call) {
    const buckets = wholeParameter(call.query, 'buckets', { otherwise: defaultBuckets, max: mostBuckets });
    const { ledger } = call.parts;
    const view = await viewOf(call);
    const { zone } = organisationOf(call);
    const range = await rangeOf(call, view);
    if (range === null) {
      return sendJson(call.reply, {
        ...{ from: null, to: null, bucket_seconds: 1, total: 0 },
        ...{ is_estimate: false, buckets: [] },
      });
    }
    const found = await withClient(call, (signal) =>
      ledger.histogram({ ...view, ...range }, { buckets, budgetMs: countMs, signal }),
    );
    sendJson(call.reply, {
      from: zone.format(range.from),
      to: zone.format(range.to),
      bucket_seconds: found.bucketSeconds,
      total: found.total,
      is_estimate: found.isEstimate,
      buckets: found.buckets.map(({ start, actions }) => ({
        start: zone.format(start),
        actions: Object.fromEntries(actions),
      })),
    });
  },
};

/** Null: an end is not given, and there is no entry to take it from. */
async function rangeOf({ parts, query }: GuardedCall, view: LedgerQuery): Promise<TimeSpan | null> {
  const [hasFrom, hasTo] = [query.has('from'), query.has('to')];
  if (hasFrom && hasTo) return { from: view.from, to: view.to };
  const span = await parts.ledger.span({ ...view, from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER });
  if (span === null) return null;
  const from = hasFrom ? view.from : hasTo ? Math.min(span.from, view.to) : span.from;
  return { from, to: hasTo ? view.to : Math.max(span.to, from) };
}
