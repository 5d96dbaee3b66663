/** The exports that are measured, and what they have to reach. */

import { barsOf, groupsOf } from './charts.ts';
import { oneAction, oneModule, onePerson, rareModule } from './entries.ts';
import { type ExportCase, type Exported, measureExport } from './exports.ts';
import { bestOf, type Figure, ratioOf, type Section, timesAsGood, type Verdict } from './figures.ts';
import { csvEntries, type Ground } from './ground.ts';
import type { Pack, Way } from './peers/ways.ts';

const likeSize = ['zip -6', 'pigz -6'];

export async function measureWhole(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const server = await ground.sealedServer();
  const ways = await ground.ways();
  const csv = ways.filter(({ pack }) => pack === 'CSV');
  const everything = await measureExport(stage, plan, server, {
    what: 'Everything',
    selection: ground.everything,
    ways: { zip: ways, csv },
    hasFloor: true,
  });
  const stretch = await measureExport(stage, plan, server, {
    what: 'A stretch of time',
    selection: ground.stretchOf(csvEntries),
    ways: { zip: [], csv },
  });
  return {
    title: 'Exports over HTTP, from create to finished',
    figures: [everything.figure, stretch.figure],
    notes: [],
    verdicts: [
      timesAsGood('1. ZIP of everything, like size', everything.figure, { wanted: 20, groups: likeSize }),
      floorVerdict(everything.figure),
      csvVerdict(stretch.figure, csv),
    ],
    charts: [barsOf('zip', everything.figure), barsOf('csv', stretch.figure)],
  };
}

/** At most four times what writing, hashing and syncing costs. */
function floorVerdict(figure: Figure): Verdict {
  const floor = bestOf(figure, ['floor']);
  const ratio = floor === null ? null : ratioOf(figure, floor);
  const against = floor?.what ?? '';
  const target = '1. ZIP of everything, times the least it can cost';
  return { target, against, wanted: 4, isAtLeast: false, unit: 'x', reached: ratio === null ? null : 1 / ratio };
}

function csvVerdict(figure: Figure, ways: readonly Way[]): Verdict {
  const name = ways.find(({ peer }) => peer.name === 'clickhouse-client')?.name;
  const references = (figure.references ?? []).filter(({ what }) => what === name);
  return timesAsGood('2. CSV of 100,000', { ...figure, references }, { wanted: 1, groups: null });
}

interface FilterCase {
  readonly export: ExportCase;
  /** How many times as fast as the best of a group, by the container that Annals answers with. */
  readonly zip: readonly { readonly wanted: number; readonly groups: readonly Pack[] }[];
  readonly csv: number | null;
}

export async function measureFilters(ground: Ground): Promise<Section> {
  const { stage, plan } = ground;
  const server = await ground.sealedServer();
  const cases = filterCases(ground, await ground.ways());
  const figures: Figure[] = [];
  const verdicts: Verdict[] = [];
  for (const one of cases) {
    const exported = await measureExport(stage, plan, server, one.export);
    figures.push(exported.figure);
    verdicts.push(...verdictsOf(one, exported));
  }
  const title = 'Filtered exports, beside the fastest of each kind';
  const charts = [groupsOf({ name: 'filters', title, figures, of: ['zip -6', 'pigz -6', 'pigz -1', 'CSV'] })];
  const notes = [
    'Ways that start Node first (its own rows, DuckDB) are compared above only: the start alone takes longer.',
  ];
  return { title: 'Filtered exports over HTTP, from create to finished', figures, notes, verdicts, charts };
}

function filterCases(ground: Ground, all: readonly Way[]): FilterCase[] {
  const { everything } = ground;
  const piped = all.filter(({ runsNode }) => !runsNode);
  const ways = {
    zip: piped.filter(({ pack }) => pack === 'zip -6' || pack === 'pigz -6' || pack === 'pigz -1'),
    csv: piped.filter(({ pack }) => pack === 'CSV'),
  };
  const share = [
    { wanted: 2, groups: ['zip -6'] },
    { wanted: 1.2, groups: ['pigz -1'] },
  ] as const;
  const one = (what: string, selection: ExportCase['selection']): ExportCase => ({ what, selection, ways });
  const picked = (what: string, selection: ExportCase['selection'], part: number): ExportCase => ({
    ...one(what, selection),
    pickFloor: { ledger: ground.ledgerFile, share: part },
  });
  return [
    {
      export: picked('One module (a third)', { ...everything, module: oneModule }, 1 / 3),
      zip: share,
      csv: null,
    },
    {
      export: picked('One action (a fifth)', { ...everything, action: oneAction }, 1 / 5),
      zip: share,
      csv: null,
    },
    { export: one('One user (1 %)', { ...everything, user: onePerson }), zip: [], csv: 2 },
    {
      export: one('One user and one module', { ...everything, user: onePerson, module: oneModule }),
      zip: [],
      csv: 2,
    },
    {
      export: one('30 days of 170', ground.stretchOf(Math.round((ground.totalEntries * 30) / 170))),
      zip: [{ wanted: 15, groups: ['zip -6', 'pigz -6'] }],
      csv: null,
    },
    { export: one('A rare module', { ...everything, module: rareModule }), zip: [], csv: null },
  ];
}

function verdictsOf(one: FilterCase, { figure, container }: Exported): Verdict[] {
  const { what } = one.export;
  if (container === 'zip') {
    return one.zip.map((of) => timesAsGood(`3. ${what}, ${of.groups.join(' or ')}`, figure, of));
  }
  return one.csv === null ? [] : [timesAsGood(`3. ${what}`, figure, { wanted: one.csv, groups: null })];
}
