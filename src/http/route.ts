/** What a route is: data that the server registers, and that the OpenAPI document is made of. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import type { Session } from '../access/access.ts';
import type { LogInThrottle } from '../access/throttle.ts';
import type { FailureCode } from '../audit/failure.ts';
import type { Parts } from '../parts.ts';
import type { Admission } from './admission.ts';
import type { Caller, Callers } from './callers.ts';
import type { ExportEvents } from './export-events.ts';
import type { FileSender } from './file-sender.ts';
import type { Links } from './links.ts';

export interface RouteParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: TSchema;
  readonly required?: boolean;
}

export interface RouteBody {
  readonly description: string;
  readonly required: boolean;
  /** By media type. */
  readonly content: Readonly<Record<string, TSchema>>;
}

export interface RouteAnswer {
  readonly description: string;
  readonly content?: Readonly<Record<string, TSchema>>;
}

export const routeMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export interface RouteDescription {
  readonly method: (typeof routeMethods)[number];
  /** As OpenAPI writes it: `/crm/{version}/org`. `{version}` is checked by the server before anything else. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly RouteParameter[];
  readonly body?: RouteBody;
  /** By status; errors are listed by code in `errors`. */
  readonly answers: Readonly<Record<string, RouteAnswer>>;
  /** What can go wrong beside what every route shares. */
  readonly errors: readonly FailureCode[];
}

export interface OpenRoute extends RouteDescription {
  readonly scopes: null;
  readonly handle: (call: Call) => Promise<void>;
}

export interface GuardedRoute extends RouteDescription {
  /** Any one of these scopes will do. A session has all that its user may have. */
  readonly scopes: readonly string[];
  /** True: the caller's profile must be allowed to use the audit log. */
  readonly needsAuditLog: boolean;
  /** True: the caller must be an administrator, whatever the token's scopes. */
  readonly needsAdministrator?: boolean;
  /** True: a browser that nobody is logged in with is led to the log-in, and then back. */
  readonly opensInBrowser?: boolean;
  readonly handle: (call: GuardedCall) => Promise<void>;
}

/** For somebody who is logged in, and for no token. */
export interface SessionRoute extends RouteDescription {
  readonly scopes: 'session';
  /** True: also while the user has a one-time password. */
  readonly allowsOneTimePassword: boolean;
  readonly handle: (call: SessionCall) => Promise<void>;
}

export type Route = OpenRoute | GuardedRoute | SessionRoute;

/** One request on its way through a route. */
export interface Call {
  readonly parts: Parts;
  readonly links: Links;
  readonly admission: Admission;
  readonly files: FileSender;
  readonly callers: Callers;
  readonly logIns: LogInThrottle;
  readonly exportEvents: ExportEvents;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export interface GuardedCall extends Call, Caller {}

export interface SessionCall extends GuardedCall {
  readonly session: Session;
}
