/** Measures Annals on this machine, through its commands and its HTTP API. What, how, and how to read it: README.md. */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { Server } from './annals.ts';
import { startBareServer } from './bare.ts';
import { writeGzip, writeNdjson } from './entries.ts';
import { measureDownloads, measureExports, saveFiles } from './exports.ts';
import type { Section } from './figures.ts';
import { measureImport } from './imports.ts';
import { measureSingles, measureStreams, streamNdjson } from './ingest.ts';
import { loads, measureLatency, streamsNeeded } from './latency.ts';
import { makePlainTable } from './plain-sqlite.ts';
import { type Plan, planOf } from './plan.ts';
import { machineSeconds, ownSeconds } from './process-usage.ts';
import { measureRealEntries } from './real-entries.ts';
import { Stage } from './stage.ts';
import { tableOf, verdictOf } from './table.ts';

const outFolder = join(import.meta.dirname, 'out');
const startedAt = performance.now();

/** Prints each section when it is measured, and keeps it. */
class Report {
  readonly sections: Section[] = [];
  readonly #stage: Stage;
  #clock = performance.now();
  #machine = machineSeconds();
  #own = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** What follows is a section: what the machine did until now is none of its business. */
  begin(what: string): void {
    process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
    this.#clock = performance.now();
    this.#machine = machineSeconds();
    this.#own = ownSeconds(this.#stage.pids);
  }

  add({ title, figures, notes }: Section): void {
    const section = { title, figures, notes: [...notes, ...this.#othersAtWork()] };
    this.sections.push(section);
    process.stdout.write(`\n${tableOf(section)}`);
  }

  #othersAtWork(): string[] {
    const machine = machineSeconds();
    if (machine === null || this.#machine === null) return [];
    const others = machine - this.#machine - (ownSeconds(this.#stage.pids) - this.#own);
    const available = ((performance.now() - this.#clock) / 1000) * cpus().length;
    const part = Math.max(0, Math.round((100 * others) / available));
    return [`Other programs, and the system for itself, took ${part} % of the processors meanwhile.`];
  }
}

async function measure(stage: Stage, plan: Plan, report: Report): Promise<void> {
  const add = (title: string, figures: Section['figures']): void => report.add({ title, figures, notes: [] });

  report.begin('writing the entries that will be sent');
  const files = await prepare(stage, plan);
  report.begin('entries in: NDJSON streams');
  add('Entries in, over HTTP: a stream', await measureStreams(stage, plan, files.stream));

  await using server = await Server.start(stage, 'log');
  if (plan.moreEntries > 0) await streamNdjson(server, stage.path(files.more), plan.moreEntries);
  report.begin('exports');
  const exported = await measureExports(stage, plan, server);
  add('Exports over HTTP, from create to finished', exported.figures);
  await saveFiles(stage, server, [exported.zip, exported.csv]);
  report.begin('downloads');
  add('Downloads', await measureDownloads(stage, plan, server, exported));
  const { url: bareUrl } = await startBareServer(stage);
  const busy = { server, bareUrl, job: exported.zip, streams: [...files.busy] };
  for (const load of loads) {
    report.begin(`the status call beside ${load.what}`);
    report.add(await measureLatency(stage, plan, busy, load));
  }
  report.begin('entries in: single requests');
  add('Entries in, over HTTP: one by one', await measureSingles(stage, plan, server));
  await server[Symbol.asyncDispose]();

  report.begin('entries in: imports');
  const imports = [
    { what: 'NDJSON.gz', path: `${files.stream}.gz`, entries: plan.entries, kind: 'ndjson.gz' },
    { what: 'Own CSV', path: 'AuditLog.csv', entries: exported.csv.entries, kind: 'csv' },
    { what: 'Own ZIP', path: 'AuditLog.zip', entries: exported.zip.entries, kind: 'zip' },
  ] as const;
  const imported = [];
  for (const one of imports) imported.push(await measureImport(stage, { ...one, runs: plan.intakeRuns }));
  add('annals import, the whole command', imported);

  report.begin('real entries');
  report.add(await measureRealEntries(stage, plan));
}

interface Files {
  readonly stream: string;
  readonly more: string;
  readonly busy: readonly string[];
}

async function prepare(stage: Stage, plan: Plan): Promise<Files> {
  const stream = { entries: plan.entries, run: 0 };
  const more = { entries: plan.moreEntries, run: 1 };
  await writeNdjson(stage.path('entries.ndjson'), stream);
  await writeGzip(stage.path('entries.ndjson'), stage.path('entries.ndjson.gz'));
  if (more.entries > 0) await writeNdjson(stage.path('more.ndjson'), more);
  makePlainTable(stage, more.entries > 0 ? [stream, more] : [stream]);
  const busy: string[] = [];
  for (let run = 0; run < streamsNeeded(plan); run += 1) {
    const name = `busy-${run}.ndjson`;
    await writeNdjson(stage.path(name), { entries: plan.busyEntries, run: run + 2 });
    busy.push(name);
  }
  return { stream: 'entries.ndjson', more: 'more.ndjson', busy };
}

async function main(plan: Plan): Promise<void> {
  const stage = await Stage.open();
  let isInterrupted = false;
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const, ['SIGHUP', 129] as const]) {
    process.once(signal, () => {
      isInterrupted = true;
      void stage[Symbol.asyncDispose]().finally(() => process.exit(code));
    });
  }
  try {
    const machine = machineNow();
    process.stdout.write(headlineOf(machine));
    const report = new Report(stage);
    await measure(stage, plan, report);
    const { sections } = report;
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    await mkdir(outFolder, { recursive: true });
    const results = { machine, isQuick: plan.isQuick, seconds, loadAtEnd: loadavg()[0], sections };
    await writeFile(join(outFolder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    process.stdout.write(`\n${verdictOf(sections)}Measured in ${seconds} s.\n`);
  } catch (error) {
    if (isInterrupted) return; // what runs has been ended, and says so
    throw error;
  } finally {
    if (!isInterrupted) await stage[Symbol.asyncDispose]();
  }
}

function machineNow() {
  const all = cpus();
  return {
    at: new Date().toISOString(),
    command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
    commit: commit(),
    node: process.version,
    processors: all.length,
    processor: all[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAtStart: loadavg()[0] ?? 0,
  };
}

function headlineOf(machine: ReturnType<typeof machineNow>): string {
  const { processors, processor, memoryGiB, node, loadAtStart, command, commit: at } = machine;
  const parts = [`${processors} x ${processor}`, `${memoryGiB} GiB`, `Node ${node}`, `load ${loadAtStart.toFixed(1)}`];
  return `${command}, commit ${at ?? 'unknown'}\n${parts.join(', ')} at the start\n`;
}

/** Null when this is no checkout, or git is missing. */
function commit(): string | null {
  const asked = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : null;
}

const plan = planOf(process.argv.slice(2));
if (plan !== null) await main(plan);
