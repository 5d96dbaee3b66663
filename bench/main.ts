/** Measures Annals on this machine, through its commands and its HTTP API. What, how, and how to read it: README.md. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Section } from './figures.ts';
import { Ground } from './ground.ts';
import { memoryVerdict } from './memory.ts';
import { type Options, optionsOf } from './options.ts';
import { installPrograms } from './peers/debian.ts';
import { installPackages } from './peers/node-packages.ts';
import { machineSeconds, ownSeconds } from './process-usage.ts';
import { publish, writeCharts } from './publish.ts';
import { steps } from './sections.ts';
import { Stage } from './stage.ts';
import { tableOf, verdictsOf } from './table.ts';

const outFolder = join(import.meta.dirname, 'out');
const resultsFolder = join(import.meta.dirname, 'results');
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

  add(measured: Section): void {
    const section = { ...measured, notes: [...measured.notes, ...this.#othersAtWork()] };
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

async function measure(stage: Stage, options: Options, report: Report): Promise<void> {
  await using ground = new Ground(stage, options.plan);
  for (const { name, what, measure: measureStep, isLong } of steps) {
    if (options.only === null ? options.plan.isQuick && isLong : !options.only.includes(name)) continue;
    report.begin(what);
    report.add(await measureStep(ground));
  }
}

async function main(options: Options): Promise<void> {
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
    const headline = headlineOf(machine);
    process.stdout.write(headline);
    installPrograms();
    installPackages();
    const report = new Report(stage);
    await measure(stage, options, report);
    const sections = withMemory(report.sections);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const problems = await writeCharts(
      outFolder,
      sections.flatMap(({ charts = [] }) => charts),
    );
    const results = { machine, isQuick: options.plan.isQuick, seconds, loadAtEnd: loadavg()[0], sections };
    await writeFile(join(outFolder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    const lines = [...problems, `Measured in ${seconds} s.`];
    if (options.plan.isQuick)
      lines.unshift('The targets are set for 1,000,000 entries: what is quick says little of them.');
    if (options.publishes) lines.push(`Written to ${await publish(resultsFolder, { machine, headline, sections })}.`);
    process.stdout.write(`\n${verdictsOf(sections)}${lines.join('\n')}\n`);
  } catch (error) {
    if (isInterrupted) return; // what runs has been ended, and says so
    throw error;
  } finally {
    if (!isInterrupted) await stage[Symbol.asyncDispose]();
  }
}

/** The peak of memory is a target of the whole run, so it is told when all is measured. */
function withMemory(sections: readonly Section[]): Section[] {
  const verdicts = memoryVerdict(sections);
  if (verdicts.length === 0) return [...sections];
  return [...sections, { title: 'Memory of the server, in all that was measured', figures: [], notes: [], verdicts }];
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

const names = [...new Set(steps.map(({ name }) => name))];
const options = optionsOf(process.argv.slice(2), names);
if (options !== null) await main(options);
