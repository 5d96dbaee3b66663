/** Every way to a file that is compared: what prints the rows, and what packs them. */
import { join } from 'node:path';
import type { Selection } from '../selection.ts';
import type { Stage } from '../stage.ts';
import { openClickhouse } from './clickhouse.ts';
import { missingProgram, type Program } from './debian.ts';
import { duckdbGzip, duckdbName, openDuckdb } from './duckdb.ts';
import { missingPackage } from './node-packages.ts';
import { missingPeer, type OpenPeer, type Peer } from './peer.ts';
import { openPostgres } from './postgres.ts';
import { queryOf } from './rows.ts';
import { openSqlite, sqliteFile } from './sqlite.ts';

/** What a file of that kind is made by, and how its lines are read again. */
const packers = {
  'zip -6': { program: 'zip', sink: '| zip -q -6 "$FILE" -', ending: '.zip', reader: 'unzip -p "$FILE"' },
  'pigz -6': { program: 'pigz', sink: '| pigz -6 >"$FILE"', ending: '.gz', reader: 'gzip -dc "$FILE"' },
  'pigz -1': { program: 'pigz', sink: '| pigz -1 >"$FILE"', ending: '.gz', reader: 'gzip -dc "$FILE"' },
  'igzip -1': { program: 'igzip', sink: '| igzip -1 >"$FILE"', ending: '.gz', reader: 'gzip -dc "$FILE"' },
  CSV: { program: null, sink: '>"$FILE"', ending: '.csv', reader: 'cat "$FILE"' },
} as const satisfies Record<string, { program: Program | null; sink: string; ending: string; reader: string }>;

type Packer = keyof typeof packers;
/** `own`: what the peer packs with by itself. */
export type Pack = Packer | 'own gzip' | 'own ZIP';

export interface Way {
  readonly name: string;
  readonly pack: Pack;
  readonly missing: string | null;
  readonly peer: Peer;
  /** A line of shell that makes the file `$FILE` of what `$SQL` asks for. */
  readonly line: string;
  readonly sql: (selection: Selection, path: string) => string;
  readonly ending: string;
  /** A command that prints the lines of `$FILE`. */
  readonly reader: string;
  /** Takes so much longer than the others that it gets fewer runs. */
  readonly isSlow: boolean;
  /** Starts Node, which takes longer than a small export does. */
  readonly runsNode: boolean;
}

/** Loads the rows (`rowsFile`) into every peer that can be had. One that fails is named as missing, with what it said. */
export async function openWays(stage: Stage): Promise<Way[]> {
  const sqlite = await opened('sqlite3', openSqlite, stage);
  const postgres = await opened('psql', openPostgres, stage);
  const clickhouse = await opened('clickhouse-client', openClickhouse, stage);
  const duckdb = await opened(duckdbName, openDuckdb, stage);
  const usual = ['zip -6', 'pigz -6', 'pigz -1', 'CSV'] as const;
  return [
    ...usual.map((packer) => piped(sqlite, packer)),
    ...usual.map((packer) => piped(postgres, packer)),
    ...[...usual, 'igzip -1' as const].map((packer) => piped(clickhouse, packer)),
    piped(duckdb, 'CSV'),
    duckdbPacked(duckdb),
    ...nodeWays(sqlite),
  ];
}

async function opened(name: string, open: OpenPeer, stage: Stage): Promise<Peer> {
  try {
    return await open(stage);
  } catch (error) {
    return missingPeer(name, `could not be used: ${String(error).split('\n')[0]}`);
  }
}

function piped(peer: Peer, packer: Packer): Way {
  const { program, sink, ending, reader } = packers[packer];
  return {
    name: packer === 'CSV' ? `${peer.name} > file` : `${peer.name} | ${packer}`,
    pack: packer,
    missing: peer.missing ?? missingProgram(program === null ? [] : [program]),
    peer,
    line: `${peer.dump} ${sink}`,
    sql: (selection) => peer.sql(queryOf(selection)),
    ending,
    reader,
    isSlow: false,
    runsNode: peer.name === duckdbName,
  };
}

function duckdbPacked(peer: Peer): Way {
  const { ending, reader } = packers['pigz -6'];
  return {
    name: `${peer.name}, its own gzip`,
    pack: 'own gzip',
    missing: peer.missing,
    peer,
    line: peer.dump,
    sql: (selection, path) => duckdbGzip(queryOf(selection), path),
    ending,
    reader,
    isSlow: false,
    runsNode: true,
  };
}

/** On the rows of the SQLite peer. */
function nodeWays(sqlite: Peer): Way[] {
  const program = `${process.execPath} ${join(import.meta.dirname, 'node-rows.mjs')}`;
  const way = (how: string, packer: Packer, pack: Pack): Way => ({
    name: `Node: better-sqlite3, csv-stringify${how === 'csv' ? '' : `, ${how}`}`,
    pack,
    missing: sqlite.missing ?? missingPackage(how === 'csv' ? 'csv-stringify' : how),
    peer: sqlite,
    line: `${program} ${how} ${sqliteFile} "$SQL" "$FILE"`,
    sql: (selection) => queryOf(selection),
    ending: packers[packer].ending,
    reader: packers[packer].reader,
    isSlow: pack !== 'CSV',
    runsNode: true,
  });
  return [way('csv', 'CSV', 'CSV'), way('archiver', 'zip -6', 'own ZIP'), way('yazl', 'zip -6', 'own ZIP')];
}
