/** What several sections stand on, made when the first of them asks for it: so that any section can be measured alone. */
import { existsSync } from 'node:fs';
import { init, Server } from './annals.ts';
import { firstFreshRun, firstSecond, lastSecond, type Portion, writeGzip, writeNdjson } from './entries.ts';
import { saveFiles } from './exports.ts';
import { type Finished, runJob } from './jobs.ts';
import { rowsFile, writeRows } from './peers/rows.ts';
import { openWays, type Way } from './peers/ways.ts';
import type { Plan } from './plan.ts';
import { untilSealed } from './sealed.ts';
import type { Selection } from './selection.ts';
import type { Stage } from './stage.ts';
import { streamNdjson } from './stream.ts';

export const logFolder = 'log';
/** A few less than a CSV may hold, for how many lie in a stretch of time is not known to the last one. */
export const csvEntries = 99_990;
const streamFile = 'entries.ndjson';

export class Ground implements AsyncDisposable {
  readonly stage: Stage;
  readonly plan: Plan;
  #server: Server | null = null;
  #hasMore = false;
  #ways: Promise<Way[]> | null = null;
  #saved: Promise<readonly string[]> | null = null;
  #nextRun = firstFreshRun;
  #jobs: Promise<{ readonly zip: Finished; readonly csv: Finished }> | null = null;

  constructor(stage: Stage, plan: Plan) {
    this.stage = stage;
    this.plan = plan;
  }

  get totalEntries(): number {
    return this.plan.entries + this.plan.moreEntries;
  }

  get everything(): Selection {
    return { from: firstSecond, to: lastSecond };
  }

  /** The first entries, give or take one or two. */
  stretchOf(entries: number): Selection {
    const seconds = Math.floor(((lastSecond + 1 - firstSecond) * entries) / this.totalEntries);
    return { from: firstSecond, to: firstSecond + seconds - 1 };
  }

  /** The entries of one stream, as NDJSON. */
  async stream(): Promise<string> {
    const path = this.stage.path(streamFile);
    if (!existsSync(path)) await writeNdjson(path, this.#first);
    return path;
  }

  async packedStream(): Promise<string> {
    const path = this.stage.path(`${streamFile}.gz`);
    if (!existsSync(path)) await writeGzip(await this.stream(), path);
    return path;
  }

  /** With all entries in its log. */
  async server(): Promise<Server> {
    if (this.#server !== null) return this.#server;
    const { stage, plan } = this;
    const isFilled = existsSync(stage.path(logFolder));
    if (!isFilled) await init(stage, logFolder);
    const server = await Server.start(stage, logFolder);
    this.#server = server;
    if (!isFilled) await streamNdjson(server, await this.stream(), plan.entries);
    if (plan.moreEntries > 0 && !this.#hasMore) {
      this.#hasMore = true;
      const more = stage.path('more.ndjson');
      await writeNdjson(more, this.#more);
      await streamNdjson(server, more, plan.moreEntries);
    }
    return server;
  }

  /** The same, when the log has settled and what could be sealed is. */
  async sealedServer(): Promise<Server> {
    const server = await this.server();
    await untilSealed(this.stage, logFolder);
    return server;
  }

  get ledgerFile(): string {
    return this.stage.path(`${logFolder}/ledger.sqlite`);
  }

  /** Every other way to the same rows. */
  ways(): Promise<Way[]> {
    this.#ways ??= this.#openWays();
    return this.#ways;
  }

  /** A job of everything, with a ZIP, and one of as many entries as a CSV holds. */
  jobs(): Promise<{ readonly zip: Finished; readonly csv: Finished }> {
    this.#jobs ??= this.#runJobs();
    return this.#jobs;
  }

  /** The files of those jobs in the stage's folder, under their own names: to be served by others, and to be imported. */
  saved(): Promise<readonly string[]> {
    this.#saved ??= this.#saveJobs();
    return this.#saved;
  }

  /** Entries newer than all that any stream has had so far, as NDJSON; good for one use. */
  async freshStream(entries: number): Promise<string> {
    const path = this.stage.path('fresh.ndjson');
    await writeNdjson(path, { entries, run: this.#nextRun++, isFresh: true });
    return path;
  }

  /** The next who asks for the server gets a fresh one, on the same log. */
  async stopServer(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
  }

  get #first(): Portion {
    return { entries: this.plan.entries, run: 0, hasRarities: true };
  }

  get #more(): Portion {
    return { entries: this.plan.moreEntries, run: 1 };
  }

  async #openWays(): Promise<Way[]> {
    const { stage, plan } = this;
    const path = stage.path(rowsFile);
    await writeRows(path, plan.moreEntries > 0 ? [this.#first, this.#more] : [this.#first]);
    const ways = await openWays(stage);
    await stage.remove(rowsFile);
    return ways;
  }

  async #saveJobs(): Promise<readonly string[]> {
    const { zip, csv } = await this.jobs();
    return await saveFiles(this.stage, await this.server(), [zip, csv]);
  }

  async #runJobs(): Promise<{ readonly zip: Finished; readonly csv: Finished }> {
    const server = await this.sealedServer();
    const zip = await runJob(server, this.everything);
    if (zip.entries !== this.totalEntries) {
      throw new Error(`the log holds ${this.totalEntries} entries, the export ${zip.entries}`);
    }
    return { zip, csv: await runJob(server, this.stretchOf(csvEntries)) };
  }
}
