/** What a process uses, as Linux tells it. Elsewhere the answers are null, and the table says so. */
import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory (resident, all threads together) that the process has held since it began or `resetPeak`, in MB. */
export function peakMb(pid: number): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : (Number(kilobytes) * 1024) / 1e6;
}

/** From here on the peak is that of what comes. What is held already counts, for the system would miss it elsewhere. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not Linux, or not allowed: then the peak stays that of the whole life, which is no less.
  }
}

/** The process and all that it started, and those in turn. */
export function processTree(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ').filter(Boolean) ?? [];
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

/**
 * The most memory that a process and all that it starts hold at a time, together with the given servers, looked at every
 * 20 ms: what each has for itself, and of what they may share (files and shared memory that are mapped) the most that one has.
 */
export class MemoryWatch implements Disposable {
  readonly #pid: number | undefined;
  readonly #servers: readonly number[];
  readonly #timer: NodeJS.Timeout;
  #peakMb: number | null = null;

  constructor(pid: number | undefined, servers: readonly number[] = []) {
    this.#pid = pid;
    this.#servers = servers;
    this.#timer = setInterval(() => this.#look(), 20);
  }

  /** Null where the system does not tell, or when it all ended before the first look. */
  get peakMb(): number | null {
    return this.#peakMb;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#pid === undefined) return;
    const now = memoryMb([this.#pid, ...this.#servers].flatMap(processTree));
    if (now !== null) this.#peakMb = Math.max(this.#peakMb ?? 0, now);
  }
}

function memoryMb(pids: readonly number[]): number | null {
  const all = pids.flatMap((pid) => {
    const status = read(`/proc/${pid}/status`);
    if (status === null) return [];
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    return [{ own: kilobytes('RssAnon'), files: kilobytes('RssFile'), shared: kilobytes('RssShmem') }];
  });
  const total = sum(all.map(({ own }) => own)) + mostOf(all, 'files') + mostOf(all, 'shared');
  return total === 0 ? null : (total * 1024) / 1e6;
}

function mostOf<Key extends string>(all: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return all.reduce((most, one) => Math.max(most, one[key]), 0);
}

/** Seconds of processor that all its threads have used so far. */
export function processorSeconds(pid: number): number | null {
  return ticks(pid, 11, 13);
}

/** The same with the processes that it has started and that have ended. */
function secondsWithEnded(pid: number): number {
  return ticks(pid, 11, 15) ?? 0;
}

/** What this process, and those that it started (`running` are those that have not ended), have used so far. */
export function ownSeconds(running: readonly number[]): number {
  return [process.pid, ...running].reduce((total, pid) => total + secondsWithEnded(pid), 0);
}

/** What all programs together have used since the machine was started. */
export function machineSeconds(): number | null {
  const fields = /^cpu +(.*)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  if (fields === undefined) return null;
  // user, nice, system, idle, iowait, irq, softirq, steal: all but the two that are no work
  return sum(fields.filter((_, index) => index < 8 && index !== 3 && index !== 4)) / ticksPerSecond;
}

/** `/proc/PID/stat` from one field to before another, counted behind the name: utime, stime, cutime, cstime are 11 to 14. */
function ticks(pid: number, from: number, to: number): number | null {
  // The name, in parentheses, may hold blanks.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ').slice(from, to);
  return fields === undefined ? null : sum(fields.map(Number)) / ticksPerSecond;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** USER_HZ: 100 in every Linux that Node runs on. */
const ticksPerSecond = 100;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not Linux, or the process has ended
  }
}
