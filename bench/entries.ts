/** The generated entries, as files that every way in is given alike. */
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { EntryInput } from '../src/audit/entry.ts';
import { generatedEntries } from '../src/intake/generate.ts';
import { modules, people } from '../src/intake/samples.ts';

const secondsPerDay = 86_400;
const daysBefore = 170;
const spanSeconds = daysBefore * secondsPerDay;
/** The start of yesterday: what comes in later, while things are measured, is newer and yet not of the future. */
const until = (Math.floor(Date.now() / 1000 / secondsPerDay) - 1) * secondsPerDay;
/** Epoch seconds, both included. */
export const firstSecond = until - spanSeconds;
export const lastSecond = until - 1;

/** One of a hundred people, so 1 % of the entries; a third are of this module, a fifth of this action. */
export const onePerson = String(people[0]?.id);
export const oneModule = String(modules[0]?.apiName);
export const oneAction = 'deleted';
export const firstFreshRun = 300;
const freshRuns = 100;
/** A hundred entries of the log are of it. */
export const rareModule = 'Rarities';
export const rareEntries = 100;

/** Which entries: their number, and which of the generator's runs, for no two runs share an id. */
export interface Portion {
  readonly entries: number;
  readonly run: number;
  /** In which part of the 170 days they lie: the first is 0. Not given: all over them. */
  readonly part?: { readonly index: number; readonly of: number };
  /** They are newer than the log, each run newer than those before it; a run from `firstFreshRun` on. */
  readonly isFresh?: boolean;
  /** A hundred of them are of the rare module. */
  readonly hasRarities?: boolean;
}

/** Oldest first, in batches. */
export function* entriesOf(portion: Portion): Generator<EntryInput[]> {
  const { entries, run, hasRarities = false } = portion;
  const { start, seconds } = timesOf(portion);
  const rareEvery = Math.floor(entries / rareEntries);
  let place = 0;
  for (const batch of generatedEntries({ entries, seed: 'bench', until }, run)) {
    yield batch.map((entry) => {
      place += 1;
      const share = ((entry.time ?? firstSecond) - firstSecond) / spanSeconds;
      const isRare = hasRarities && place % rareEvery === 0 && place <= rareEvery * rareEntries;
      const module = isRare ? { apiName: rareModule, id: null } : entry.module;
      return { ...entry, module, time: Math.floor(start + share * seconds) };
    });
  }
}

function timesOf({ run, part = { index: 0, of: 1 }, isFresh = false }: Portion): { start: number; seconds: number } {
  if (isFresh) {
    const seconds = secondsPerDay / freshRuns;
    return { start: until + (run - firstFreshRun) * seconds, seconds };
  }
  const seconds = spanSeconds / part.of;
  return { start: firstSecond + part.index * seconds, seconds };
}

/** Writes NDJSON as `POST /api/v1/entries` takes it. */
export async function writeNdjson(path: string, portion: Portion): Promise<void> {
  await pipeline(linesOf(portion), createWriteStream(path));
}

export async function writeGzip(source: string, path: string): Promise<void> {
  await pipeline(createReadStream(source), createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(path));
}

function* linesOf(portion: Portion): Generator<string> {
  for (const batch of entriesOf(portion)) {
    yield batch.map((entry) => `${JSON.stringify({ ...wireOf(entry), ...keyOf(entry) })}\n`).join('');
  }
}

/** One entry as JSON with neither id nor time, as an application sends it when something happens. */
export function liveBodies(count: number): string[] {
  return [...entriesOf({ entries: count, run: 900 })].flat().map((entry) => JSON.stringify(wireOf(entry)));
}

function keyOf({ id, time }: EntryInput): object {
  if (id === null || time === null) throw new Error('a generated entry has an id and a time');
  return { id: String(id), audited_time: new Date(time * 1000).toISOString() };
}

function wireOf({ action, doneBy, module, record, related, accountName, source, changes }: EntryInput): object {
  return {
    action,
    done_by: { id: String(doneBy.id), name: doneBy.name },
    module: { api_name: module.apiName },
    record,
    ...(related === null ? {} : { related_record: related }),
    ...(accountName === '' ? {} : { account_name: accountName }),
    source,
    ...(changes === '' ? {} : { changes: JSON.parse(changes) }),
  };
}
