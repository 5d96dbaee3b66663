import { createHash } from 'node:crypto';
import type { EntryInput } from '../audit/entry.ts';
import { Failure } from '../audit/failure.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Batch, type Progress, recordBatches } from './record-batches.ts';
import type { Recorder, RecordingOrg } from './recorder.ts';
import { companyName, modules, people, recordId, recordsPerModule, sources } from './samples.ts';
import { Tally } from './tally.ts';

export interface GenerateOptions {
  readonly entries: number;
  readonly seed: string;
  /** Epoch seconds: all entries are older than this. */
  readonly until: number;
}

export interface GenerateParts {
  readonly recorder: Pick<Recorder, 'record'>;
  readonly ledger: Pick<Ledger, 'page'>;
  readonly org: RecordingOrg;
  readonly client: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export const generateLimits = Object.freeze({ entries: 100_000_000, runs: 1000 });

const daysBefore = 170;
const spanSeconds = daysBefore * 86_400;
const batchSize = 1000;

/**
 * Adds exactly `entries` entries, spread evenly over the 170 days before `until`. The same seed and `until` give the same
 * entries in every fresh organisation. Each repetition is a run of its own, with entries of its own that are as
 * reproducible; the number of the run is found by looking for the first entry of each.
 */
export async function generate(parts: GenerateParts, options: GenerateOptions): Promise<{ readonly run: number }> {
  if (!Number.isSafeInteger(options.entries) || options.entries < 0 || options.entries > generateLimits.entries) {
    throw new Failure('INVALID_DATA', `The number of entries must be from 0 to ${generateLimits.entries}`);
  }
  if (options.until < spanSeconds)
    throw new Failure('INVALID_DATA', `There are no ${daysBefore} days before that time`);
  const run = await nextRun(parts, options);
  const tally = new Tally(0);
  const record = { client: parts.client };
  await recordBatches(tally, {
    batches: batchesOf(options, run, parts.signal),
    record: ({ items }: Batch<EntryInput>) => parts.recorder.record(parts.org, items, record),
    ...(parts.onProgress !== undefined && { onProgress: parts.onProgress }),
  });
  if (tally.accepted !== options.entries) {
    throw new Failure(
      'DUPLICATE_DATA',
      `Only ${tally.accepted} of ${options.entries} entries are new: is another run with this seed at work? Repeat the command when it has ended.`,
    );
  }
  return { run };
}

/** Entry ids: 8 digits of the seed and `until`, 3 of the run, 8 of the place in the run. Below 2^63. */
function firstIdOf(options: GenerateOptions, run: number): bigint {
  const prefix = 10_000_000n + (digest(options, 'ids').readBigUInt64BE() % 82_233_720n);
  return (prefix * 1000n + BigInt(run)) * 100_000_000n;
}

async function nextRun(parts: GenerateParts, options: GenerateOptions): Promise<number> {
  const time = options.until - spanSeconds;
  const query = { org: parts.org.zgid, from: time, to: time, asOf: Number.MAX_SAFE_INTEGER };
  const everything = { actions: null, modules: null, doneBy: null, words: null, record: null, visibleTo: null };
  for (let run = 0; run < generateLimits.runs; run += 1) {
    const id = firstIdOf(options, run);
    const [found] = await parts.ledger.page({ ...query, ...everything }, { time, id: id + 1n }, 1);
    if (found?.id !== id) return run;
  }
  throw new Failure('LIMIT_EXCEEDED', `This seed was used ${generateLimits.runs} times already; take another one`);
}

async function* batchesOf(
  options: GenerateOptions,
  run: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch<EntryInput>> {
  for (const items of generatedEntries(options, run)) {
    signal?.throwIfAborted();
    yield { items, lines: items.map(() => 0) };
  }
}

/** The entries of a run, oldest first, in batches. The first one is exactly at the start of the 170 days. */
export function* generatedEntries(options: GenerateOptions, run: number): Generator<EntryInput[]> {
  const random = randomOf(digest(options, `run ${run}`));
  const start = options.until - spanSeconds;
  const step = spanSeconds / options.entries;
  let id = firstIdOf(options, run);
  for (let begin = 0; begin < options.entries; begin += batchSize) {
    const batch: EntryInput[] = [];
    const end = Math.min(begin + batchSize, options.entries);
    for (let index = begin; index < end; index += 1) {
      const jitter = index === 0 ? 0 : random();
      batch.push(entryOf(random, id++, start + Math.floor((index + jitter) * step)));
    }
    yield batch;
  }
}

function entryOf(random: () => number, id: bigint, time: number): EntryInput {
  const below = (limit: number): number => Math.floor(random() * limit);
  const moduleIndex = random() < 1 / 3 ? 0 : 1 + below(modules.length - 1);
  const module = itemOf(modules, moduleIndex);
  const person = itemOf(people, below(people.length));
  const record = below(recordsPerModule);
  const dice = random();
  const action = dice < 0.2 ? 'deleted' : dice < 0.5 ? 'added' : 'updated';
  const company = module.hasAccount ? companyName(record) : '';
  return {
    id,
    time,
    action,
    doneBy: { id: person.id, name: person.name },
    module: { apiName: module.apiName, id: null },
    record: { id: recordId(moduleIndex, record), name: module.recordName(record) },
    related: company !== '' && random() < 0.5 ? { module: 'Accounts', name: company } : null,
    accountName: company,
    source: itemOf(sources, below(sources.length)),
    changes: action === 'updated' ? changeOf(module.fields, below) : '',
  };
}

function changeOf(fields: readonly (readonly [string, readonly string[]])[], below: (limit: number) => number): string {
  const [field, values] = itemOf(fields, below(fields.length));
  const before = below(values.length);
  const after = (before + 1 + below(values.length - 1)) % values.length;
  return JSON.stringify([{ field, old: itemOf(values, before), new: itemOf(values, after) }]);
}

function itemOf<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`there is no item ${index} of ${items.length}`);
  return item;
}

function digest(options: GenerateOptions, purpose: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([options.seed, options.until, purpose]))
    .digest();
}

/** The generator known as sfc32: small, fast, and the same on every machine, which Math.random is not. */
function randomOf(seed: Buffer): () => number {
  let a = seed.readInt32BE(0);
  let b = seed.readInt32BE(4);
  let c = seed.readInt32BE(8);
  let counter = seed.readInt32BE(12);
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
