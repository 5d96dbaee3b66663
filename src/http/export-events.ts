/** What becomes of exports, told as it happens. */
import { setTimeout as wait } from 'node:timers/promises';
import Type from 'typebox';
import { type ChangedJob, JobWatch } from '../export/job-watch.ts';
import type { Parts } from '../parts.ts';
import { type EventStream, EventStreams, streamHeaders, streamLimits } from './event-streams.ts';
import { exportText } from './export-body.ts';
import { readScopes, seesEveryJob } from './exports.ts';
import { guardStill } from './guard.ts';
import { organisationOf } from './organisation.ts';
import type { GuardedCall, GuardedRoute } from './route.ts';

export const streamExports: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/exports/events',
  operationId: 'streamExports',
  tag: 'Console',
  summary: 'Follow exports as they go on',
  description:
    'An event `export`, whose data is an Export as JSON, whenever one of those that the caller sees has changed. What ' +
    'was before is not told: read the list once the stream is open. A comment comes at least every ' +
    `${streamLimits.heartbeatMs / 1000} seconds. The stream ends when the token or the session does, and when the server stops.`,
  answers: {
    200: {
      description: 'The events, until either side ends the stream.',
      content: { 'text/event-stream': Type.String() },
    },
  },
  errors: ['TOO_MANY_REQUESTS'],
  scopes: readScopes,
  needsAuditLog: true,
  async handle(call) {
    if (call.request.method === 'HEAD') call.reply.headers(streamHeaders).send();
    else await call.exportEvents.follow(call, streamExports);
  },
};

/** How often it is looked whether the caller may still listen, while nothing happens. */
const checkEveryMs = 1_000;

/** The streams of one server: they share the looks at the database, and the text of each change. */
export class ExportEvents {
  readonly #watch: JobWatch;
  readonly #streams: EventStreams;
  /** What is told of a change is the same for all. */
  readonly #texts = new WeakMap<ChangedJob, Promise<string | null>>();

  constructor(parts: Parts) {
    const { jobs, db, progressOf, log, config } = parts;
    this.#watch = new JobWatch({ jobs, changes: db.changes, progressOf, log });
    this.#streams = new EventStreams(config.limits);
  }

  /** Answers with a stream, and resolves when it is over. */
  async follow(call: GuardedCall, route: GuardedRoute): Promise<void> {
    /** By id: of a job that changes again before it is told, only the latest is. */
    const untold = new Map<string, ChangedJob>();
    let wake = (): void => {};
    using _listening = await this.#watch.listen(call.identity.org, (changed) => {
      for (const job of changed) untold.set(job.id, job);
      wake();
    });
    const stream = this.#streams.open(call.reply, call.identity.userId);
    stream.signal.addEventListener('abort', () => wake());
    try {
      while (!stream.signal.aborted && (await this.#tell(call, route, stream, untold))) {
        const woken = new AbortController();
        wake = () => woken.abort();
        if (untold.size > 0 || stream.signal.aborted) continue;
        await wait(checkEveryMs, undefined, { ref: false, signal: woken.signal }).catch(() => {});
      }
    } catch (error) {
      // The client comes again, and reads the list then.
      call.parts.log.warn({ requestId: call.request.id, err: error }, 'a stream of events broke off');
    } finally {
      stream.end();
    }
  }

  /** Ends all streams, so that a server that stops need not wait for them. */
  close(): void {
    this.#streams.close();
  }

  /** False: the caller may not listen any more. */
  async #tell(
    call: GuardedCall,
    route: GuardedRoute,
    stream: EventStream,
    untold: Map<string, ChangedJob>,
  ): Promise<boolean> {
    for (;;) {
      const caller = await guardStill(call, route);
      if (caller === null) return false;
      const [next] = untold.values();
      if (next === undefined) return true;
      untold.delete(next.id);
      if (!seesEveryJob(caller) && next.createdBy !== caller.viewer.user.id) continue;
      const text = await this.#textOf(call, next);
      if (text !== null) await stream.send('export', text);
    }
  }

  #textOf(call: GuardedCall, changed: ChangedJob): Promise<string | null> {
    let text = this.#texts.get(changed);
    if (text === undefined) {
      text = textNow(call, changed);
      this.#texts.set(changed, text);
    }
    return text;
  }
}

async function textNow(call: GuardedCall, { id }: ChangedJob): Promise<string | null> {
  const { org } = call.identity;
  const job = await call.parts.jobs.listed(org, id);
  if (job === null) return null;
  return exportText({ ...call, zone: organisationOf(call).zone }, job, { isOneOfMany: true });
}
