/**
 * What becomes of it all when the log grows: portions of a million, each later than the one before, all within 170 days, so
 * that one export can reach over the whole log.
 */
import { rm } from 'node:fs/promises';
import { init, Server } from './annals.ts';
import type { Chart } from './charts.ts';
import { firstSecond, lastSecond, type Portion, rareModule, writeNdjson } from './entries.ts';
import { leastOfAFile, saveFiles, writeAgain } from './exports.ts';
import { type Figure, largest, quantile, type Section, type Verdict } from './figures.ts';
import type { Ground } from './ground.ts';
import { type Finished, runJob } from './jobs.ts';
import { untilSealed } from './sealed.ts';
import type { Selection } from './selection.ts';
import { streamNdjson } from './stream.ts';

/** A month of a million entries that lie over 170 days. */
const monthShare = 30 / 170;
const folder = 'growth';

interface Point {
  readonly portions: number;
  readonly rate: number;
  readonly exports: Readonly<Record<'whole' | 'floor' | 'month' | 'rare', readonly number[]>> | null;
  readonly peakMb: number | null;
}

export async function measureGrowth(ground: Ground): Promise<Section> {
  await ground.stopServer();
  const { stage, plan } = ground;
  const { portions, entriesOfPortion: entries } = plan.growth;
  await init(stage, folder);
  await using server = await Server.start(stage, folder);
  const points: Point[] = [];
  for (let index = 0; index < portions; index += 1) {
    const portion: Portion = { entries, run: 100 + index, part: { index, of: portions }, hasRarities: index === 0 };
    await writeNdjson(stage.path('portion.ndjson'), portion);
    server.resetPeak();
    const rate = entries / (await streamNdjson(server, stage.path('portion.ndjson'), entries));
    await untilSealed(stage, folder);
    const isMeasured = plan.growth.exportsAt.includes(index + 1);
    const exports = isMeasured ? await exportsOf(ground, server, index + 1) : null;
    points.push({ portions: index + 1, rate, exports, peakMb: server.peakMb() });
    process.stderr.write(`       ${((index + 1) * entries).toLocaleString('en')} entries\n`);
  }
  await stage.remove('portion.ndjson');
  await server[Symbol.asyncDispose]();
  await stage.remove(folder);
  return sectionOf(points, entries);
}

async function exportsOf(ground: Ground, server: Server, portions: number): Promise<Point['exports']> {
  const { growth, exportRuns } = ground.plan;
  const portionSeconds = (lastSecond + 1 - firstSecond) / growth.portions;
  const whole = { from: firstSecond, to: firstSecond + Math.floor(portionSeconds * portions) - 1 };
  const month = { from: firstSecond, to: firstSecond + Math.floor(portionSeconds * monthShare) - 1 };
  // The first is not counted: after a pause it fills the caches.
  const last = await runJob(server, whole);
  const floor: number[] = [];
  const wholes: number[] = [];
  for (let count = 0; count < exportRuns; count += 1) {
    wholes.push((await runJob(server, whole)).seconds);
    floor.push(await writeAllAgain(ground, server, last));
  }
  const run = async (selection: Selection): Promise<number[]> => {
    await runJob(server, selection);
    const seconds: number[] = [];
    for (let count = 0; count < exportRuns; count += 1) seconds.push((await runJob(server, selection)).seconds);
    return seconds;
  };
  return { whole: wholes, floor, month: await run(month), rare: await run({ ...whole, module: rareModule }) };
}

/** Each of the job's files on its own, and the sum of their times. */
async function writeAllAgain({ stage }: Ground, server: Server, job: Finished): Promise<number> {
  let seconds = 0;
  for (const file of job.files) {
    const [path] = await saveFiles(stage, server, [{ ...job, files: [file] }], 'growth-');
    if (path === undefined) throw new Error(`${file} was not saved`);
    seconds += await writeAgain(stage, path);
    await rm(path);
  }
  return seconds;
}

function sectionOf(points: readonly Point[], entries: number): Section {
  const at = (portions: number): string => `${(portions * entries).toLocaleString('en')} entries`;
  const figures: Figure[] = points.flatMap(({ portions, rate, exports, peakMb }) => [
    { what: `Entries in, up to ${at(portions)}`, unit: 'entries/s', values: [rate], peakMb: largest([peakMb]) },
    ...(exports === null
      ? []
      : ([
          {
            what: `Everything of ${at(portions)}`,
            unit: 's',
            values: exports.whole,
            references: [{ what: leastOfAFile, group: 'floor', values: exports.floor }],
          },
          { what: `The first month, of ${at(portions)}`, unit: 's', values: exports.month },
          { what: `A rare module, of ${at(portions)}`, unit: 's', values: exports.rare },
        ] as const)),
  ]);
  return {
    title: 'Growth of the log',
    figures,
    notes: [],
    verdicts: verdictsOf(points, at),
    charts: chartsOf(points, entries),
  };
}

function verdictsOf(points: readonly Point[], at: (portions: number) => string): Verdict[] {
  const measured = points.flatMap(({ portions, exports }) => (exports === null ? [] : [{ portions, exports }]));
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const against = `the same of ${at(first.portions)}`;
  const grown = (target: string, key: 'month' | 'rare', wanted: number): Verdict => {
    const reached = quantile(last.exports[key], 0.5) / quantile(first.exports[key], 0.5);
    return { target: `${target} of ${at(last.portions)}`, against, wanted, isAtLeast: false, unit: 'x', reached };
  };
  const perEntry =
    quantile(last.exports.whole, 0.5) / quantile(first.exports.whole, 0.5) / (last.portions / first.portions);
  const lastRate = quantile(
    points.slice(-2).map(({ rate }) => rate),
    0.5,
  );
  const firstRate = quantile(
    points.slice(0, 2).map(({ rate }) => rate),
    0.5,
  );
  return [
    grown('4. A month', 'month', 1.2),
    grown('3. A rare module', 'rare', 1.2),
    {
      target: `4. Time for each entry, everything of ${at(last.portions)}`,
      against,
      wanted: 1.2,
      isAtLeast: false,
      unit: 'x',
      reached: perEntry,
    },
    {
      target: `4. Rate of entries in, up to ${at(last.portions)}`,
      against: 'that of the first portions',
      wanted: 0.8,
      isAtLeast: true,
      unit: 'x',
      reached: lastRate / firstRate,
    },
  ];
}

function chartsOf(points: readonly Point[], entries: number): Chart[] {
  const millions = (portions: number): number => (portions * entries) / 1e6;
  const x = 'million entries in the log';
  const exported = (key: 'whole' | 'floor' | 'month' | 'rare'): [number, number][] =>
    points.flatMap(({ portions, exports }) =>
      exports === null ? [] : [[millions(portions), quantile(exports[key], 0.5)] as [number, number]],
    );
  const rates = points.map(({ portions, rate }) => [millions(portions), rate] as const);
  return [
    {
      kind: 'lines',
      name: 'growth-exports',
      title: 'Exports of a log that grows',
      x,
      y: 'seconds, from create to finished',
      lines: [
        { label: 'everything', points: exported('whole') },
        { label: 'write, hash and sync the same bytes', points: exported('floor') },
        { label: 'the first month', points: exported('month') },
        { label: 'a rare module', points: exported('rare') },
      ],
    },
    {
      kind: 'lines',
      name: 'growth-ingest',
      title: 'Entries in, durable, into a log that grows',
      x,
      y: 'entries/s, each point the last portion',
      lines: [{ label: 'NDJSON over HTTP', points: rates }],
    },
  ];
}
