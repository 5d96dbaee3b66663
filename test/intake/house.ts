/** An organisation with a real directory and a real ledger, in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrgZone } from '../../src/audit/time.ts';
import { openDatabase } from '../../src/database/database.ts';
import { IdAllocator } from '../../src/database/ids.ts';
import { Directory } from '../../src/directory/directory.ts';
import { writeExport } from '../../src/export/run.ts';
import type { Intake } from '../../src/intake/import-file.ts';
import { Recorder } from '../../src/intake/recorder.ts';
import { RepeatIds } from '../../src/intake/repeats.ts';
import type { LedgerQuery } from '../../src/ledger/ledger.ts';
import { SqliteLedger } from '../../src/ledger/sqlite/ledger.ts';

/** 2026-07-01T00:00:00Z */
export const now = 1_782_864_000;

export interface House extends AsyncDisposable {
  readonly folder: string;
  readonly zgid: string;
  readonly zone: OrgZone;
  readonly directory: Directory;
  readonly ledger: SqliteLedger;
  readonly recorder: Recorder;
  /** The CSV of everything, header included. */
  csv(): Promise<Buffer>;
  query(): LedgerQuery;
}

export async function openHouse(timeZone = 'UTC'): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-intake-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const db = stack.adopt(await openDatabase(':memory:'), (open) => open.destroy());
  const clock = () => now * 1000;
  const ids = new IdAllocator(db, clock);
  const directory = new Directory(db, ids, clock);
  const { zgid } = await directory.createOrganisation({ name: 'Test', timeZone });
  const ledger = stack.use(await SqliteLedger.open({ file: join(folder, 'ledger.sqlite'), reads: 'here' }));
  const recorder = new Recorder({ directory, ids, ledger, clock });
  const query = () => ({ org: zgid, from: 0, to: 1e12, ...everything });
  const kept = stack.move();
  return {
    folder,
    zgid,
    zone: new OrgZone(timeZone),
    directory,
    ledger,
    recorder,
    query,
    csv: () => csvOf(ledger, query(), folder),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const everything = {
  actions: null,
  modules: null,
  doneBy: null,
  words: null,
  record: null,
  visibleTo: null,
  asOf: Number.MAX_SAFE_INTEGER,
};

async function csvOf(ledger: SqliteLedger, query: LedgerQuery, spoolDir: string): Promise<Buffer> {
  const bytes: Uint8Array[] = [];
  const open = async (name: string) => ({
    write: async (chunk: Uint8Array) => void bytes.push(chunk.slice()),
    finish: async () => ({ name, bytes: 0, sha256: '' }),
  });
  const rules = { format: 'csv', name: 'x', rowsPerFile: 100_000, rowsPerPart: 10 ** 9 } as const;
  await writeExport({ ledger, query, open, modifiedAt: 0, spoolDir, rules });
  return Buffer.concat(bytes);
}

export function intakeOf(house: House, settings: Partial<Intake> = {}): Intake {
  return {
    recorder: house.recorder,
    org: house,
    client: 'test',
    ids: new RepeatIds(),
    times: { pattern: null, zone: null },
    moduleNames: new Map(),
    isLive: false,
    maxLineBytes: 200_000,
    maxRejected: 1000,
    ...settings,
  };
}

/** The lines of a CSV without its header. */
export function linesOf(csv: Buffer): string[] {
  return csv.toString().split('\r\n').slice(1, -1);
}
