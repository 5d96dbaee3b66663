import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LogInThrottle } from '../access/throttle.ts';
import type { Admission } from './admission.ts';
import type { Callers } from './callers.ts';
import type { ExportEvents } from './export-events.ts';
import type { FileSender } from './file-sender.ts';
import type { Links } from './links.ts';
import type { Call } from './route.ts';

export type Shared = Pick<Call, 'parts' | 'admission' | 'callers' | 'logIns' | 'exportEvents' | 'files' | 'links'>;

/** A request as the routes see it. Its query is read when one asks for it: most requests have none. */
export class RequestCall implements Call {
  readonly parts: Call['parts'];
  readonly admission: Admission;
  readonly callers: Callers;
  readonly logIns: LogInThrottle;
  readonly exportEvents: ExportEvents;
  readonly files: FileSender;
  readonly links: Links;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  #query: URLSearchParams | null = null;

  constructor(shared: Shared, request: FastifyRequest, reply: FastifyReply) {
    this.parts = shared.parts;
    this.admission = shared.admission;
    this.callers = shared.callers;
    this.logIns = shared.logIns;
    this.exportEvents = shared.exportEvents;
    this.files = shared.files;
    this.links = shared.links;
    this.request = request;
    this.reply = reply;
  }

  get params(): Readonly<Record<string, string>> {
    return this.request.params as Record<string, string>; // the router gives every parameter of the path as a string
  }

  get query(): URLSearchParams {
    if (this.#query === null) {
      const url = this.request.raw.url ?? '';
      const at = url.indexOf('?');
      this.#query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    }
    return this.#query;
  }
}
