/** Entries in. */
import Type from 'typebox';
import { parseEntry } from '../audit/entry.ts';
import { EntrySchema } from '../audit/entry-schema.ts';
import { Failure } from '../audit/failure.ts';
import { Tally, wireRejected } from '../intake/tally.ts';
import { labelOf, readJson } from './body.ts';
import { BodyFeed } from './body-feed.ts';
import { organisationOf } from './organisation.ts';
import { sendJson } from './reply.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';

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
