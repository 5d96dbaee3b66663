/** One export, made in every way in turn. */
import { statSync } from 'node:fs';
import type { Reference } from '../figures.ts';
import { largest } from '../figures.ts';
import { type ShellRun, shell } from '../programs.ts';
import type { Selection } from '../selection.ts';
import type { Stage } from '../stage.ts';
import type { Way } from './ways.ts';

interface Runner {
  readonly way: Way;
  readonly runs: ShellRun[];
  bytes: number;
}

export interface RaceOptions {
  readonly selection: Selection;
  /** What every file must hold. */
  readonly entries: number;
  /** Of a slow way; the others run as often as they are told to. */
  readonly slowRuns: number;
  readonly warmsUp: boolean;
}

export class Race {
  readonly #stage: Stage;
  readonly #options: RaceOptions;
  readonly #runners: readonly Runner[];

  constructor(stage: Stage, ways: readonly Way[], options: RaceOptions) {
    this.#stage = stage;
    this.#options = options;
    this.#runners = ways.map((way) => ({ way, runs: [], bytes: 0 }));
  }

  /**
   * Every way once. Before its first time each is made once without counting, to fill the caches, as Annals has it too;
   * the first file is read back, to see whether it holds every entry.
   */
  async run(): Promise<void> {
    const { slowRuns, warmsUp } = this.#options;
    for (const runner of this.#runners) {
      const { way, runs } = runner;
      if (way.missing !== null || (way.isSlow && runs.length >= slowRuns)) continue;
      const isFirst = runs.length === 0;
      if (isFirst && warmsUp && !way.isSlow) await this.#make(way);
      runs.push(await this.#make(way));
      runner.bytes = statSync(this.#path(way)).size;
      if (isFirst) await this.#check(way);
    }
  }

  references(): Reference[] {
    return this.#runners.map(({ way, runs, bytes }) => ({
      what: way.name,
      group: way.pack,
      values: runs.map(({ seconds }) => seconds),
      ...(runs.length === 0 ? {} : { peakMb: largest(runs.map(({ peakMb }) => peakMb)), sizeMb: bytes / 1e6 }),
      ...missingOf(way, runs.length),
    }));
  }

  async #make(way: Way): Promise<ShellRun> {
    const path = this.#path(way);
    await this.#stage.remove(`race${way.ending}`);
    const env = { FILE: path, SQL: way.sql(this.#options.selection, path) };
    const { server } = way.peer;
    server?.resume();
    try {
      return await shell(this.#stage, way.line, { env, servers: server?.pids ?? [] });
    } finally {
      server?.pause();
    }
  }

  /** Not every way writes a header. */
  async #check(way: Way): Promise<void> {
    const { entries } = this.#options;
    const line = `lines=$(${way.reader} | wc -l); [ $lines -eq ${entries} ] || [ $lines -eq ${entries + 1} ] || { echo "$lines lines instead of ${entries}" >&2; false; }`;
    await shell(this.#stage, line, { env: { FILE: this.#path(way) } });
  }

  #path(way: Way): string {
    return this.#stage.path(`race${way.ending}`);
  }
}

function missingOf(way: Way, runs: number): { missing?: string } {
  if (way.missing !== null) return { missing: way.missing };
  return runs === 0 ? { missing: 'left out, for it takes too long' } : {};
}
