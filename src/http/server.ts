/** The HTTP server: its limits, what happens before a route is reached, and how every kind of refusal is answered. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  STATUS_CODES,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import Fastify, {
  type ConnectionError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { LogInThrottle } from '../access/throttle.ts';
import { Failure } from '../audit/failure.ts';
import type { Config } from '../config.ts';
import type { Parts } from '../parts.ts';
import { Admission } from './admission.ts';
import { drain, setLabelAside } from './body.ts';
import { RequestCall } from './call.ts';
import { Callers } from './callers.ts';
import { endUnused, watchUse } from './connections.ts';
import { ConsoleFiles } from './console.ts';
import { answerOf, failures } from './errors.ts';
import { ExportEvents } from './export-events.ts';
import { FileSender } from './file-sender.ts';
import { guard, guardSession } from './guard.ts';
import type { Links } from './links.ts';
import type { Call, Route } from './route.ts';
import { routes } from './routes.ts';

/** `links` is asked at each request: with port 0 the address is known only once the server listens. */
export function buildServer(parts: Parts, links: () => Links, table: readonly Route[] = routes): FastifyInstance {
  const { config, log } = parts;
  const shared = {
    parts,
    admission: new Admission(config.limits),
    callers: new Callers(parts),
    logIns: new LogInThrottle(parts.clock),
    exportEvents: new ExportEvents(parts),
    files: new FileSender(),
  };
  const matchers = table.map((route) => ({ route, pattern: patternOf(route.path) }));
  const server = Fastify(serverOptions(config, (target) => refusalOf(target, matchers)));

  // Every route reads its own body: after the token, the scope and the permission have been looked at.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  server.addHook('onRequest', (request, _reply, done) => {
    setLabelAside(request.raw);
    done(headProblem(request.raw, config.limits) ?? undefined);
  });
  server.addHook('preClose', async () => {
    shared.exportEvents.close();
    endUnused(server.server);
  });
  server.addHook('onResponse', (request, reply, done) => {
    log.info(
      {
        requestId: request.id,
        method: request.method,
        path: loggedPath(request.raw.url ?? ''),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        remote: request.ip,
      },
      'request',
    );
    done();
  });
  for (const { route } of matchers) {
    server.route({
      method: route.method === 'GET' ? ['GET', 'HEAD'] : [route.method],
      url: routerPath(route.path),
      handler: (request, reply) => run(route, new RequestCall({ ...shared, links: links() }, request, reply)),
    });
  }
  const pages = new ConsoleFiles();
  server.setNotFoundHandler(async (request, reply) => {
    if (await pages.answer(request, reply)) return reply;
    const { failure, allow } = refusalOf(request.raw.url ?? '', matchers);
    if (allow !== null) reply.header('allow', allow);
    throw failure;
  });
  server.setErrorHandler((error, request, reply) => refuse(parts, error, request, reply));
  return server;
}

function serverOptions(config: Config, refusal: (target: string) => Refusal): FastifyServerOptions {
  return {
    logger: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // While the server stops, requests that came in on an open connection are still answered, and the connection ends.
    return503OnClosing: false,
    // Longer than any path may be: the limit on the whole of it answers first.
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: config.limits.urlBytes + config.limits.headerBytes },
    serverFactory: (handler) => nodeServer(config, handler, refusal),
    rewriteUrl: (request) => originForm(request.url ?? '/'),
    frameworkErrors: (error, _request, reply) => {
      send(reply, answerOf(error.code === 'FST_ERR_BAD_URL' ? failures.notFound() : error));
    },
    clientErrorHandler: (error, socket) => refuseRaw(error, socket, config, refusal),
  };
}

function nodeServer(config: Config, handler: RequestListener, refusal: (target: string) => Refusal): HttpServer {
  const limits = config.limits;
  const options = {
    // Node counts the request line among the headers.
    maxHeaderSize: limits.headerBytes + limits.urlBytes,
    headersTimeout: limits.bodyIdleMs,
    // Bodies have their own clocks (http/body.ts): a stream of entries may last for hours.
    requestTimeout: 0,
    connectionsCheckingInterval: 1000,
    // Checked by us, for Node's own refusal is no JSON.
    requireHostHeader: false,
    keepAliveTimeout: 72_000,
  };
  const server =
    config.tls === null
      ? createServer(options, handler)
      : createSecureServer(
          { ...options, cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile) },
          handler,
        );
  server.timeout = limits.connectionIdleMs;
  watchUse(server, config.tls !== null);
  // An expectation that we do not know is no reason to refuse: the request is answered as if it had none.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (request, socket) => endRaw(socket, refusal(request.url ?? '')));
  return server;
}

async function run(route: Route, call: Call): Promise<FastifyReply> {
  checkVersion(call.params.version);
  if (route.scopes === null) await route.handle(call);
  else if (route.scopes === 'session') await route.handle(await guardSession(call, route));
  else {
    const guarded = await guard(call, route);
    if (guarded === null) leadToLogIn(call, route);
    else await route.handle(guarded);
  }
  return call.reply;
}

/** The way back is made of the route, not of what was sent: `//host` in front of a path would lead elsewhere. */
function leadToLogIn({ params, reply, links }: Call, route: Route): void {
  const path = route.path.replace(/\{(\w+)\}/g, (_whole, name) => encodeURIComponent(params[name] ?? ''));
  const target = `${links.origin}/login?next=${encodeURIComponent(path)}`;
  reply.code(302).headers({ location: target, 'cache-control': 'no-store' }).send();
}

function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== 'v7' && version !== 'v8') throw failures.version();
}

function refuse(parts: Parts, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = answerOf(error);
  // A client that hung up in the middle of its body is no fault of ours, and nobody is there to be told.
  const isGone = request.raw.destroyed && !request.raw.complete;
  const level = answer.status >= 500 && !isGone ? 'error' : 'debug';
  parts.log[level]({ requestId: request.id, err: error }, answer.status === 500 ? 'request failed' : 'request refused');
  if (reply.raw.headersSent) {
    // The answer has begun: only cutting the connection tells the client that it is not whole.
    reply.raw.destroy();
    return;
  }
  if (answer.status === 408) reply.header('connection', 'close');
  else if (!request.raw.complete) drain(request.raw);
  send(reply, answer);
}

function send(reply: FastifyReply, answer: ReturnType<typeof answerOf>): void {
  reply.removeHeader('content-length');
  reply.code(answer.status).headers(answer.headers).send(answer.body);
}

/** Refusals of the HTTP parser, before there is a request. */
function refuseRaw(error: ConnectionError, socket: Duplex, config: Config, refusal: (target: string) => Refusal): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const packet: unknown = error.rawPacket; // a Buffer, whatever the declaration says
  const start = Buffer.isBuffer(packet) ? packet.toString('latin1', 0, config.limits.urlBytes + 16) : '\n';
  const target = /^[!#$%&'*+.^_`|~A-Za-z0-9-]+ (\S+)/.exec(start)?.[1];
  if (error.code === 'HPE_INVALID_METHOD' && target !== undefined) endRaw(socket, refusal(target));
  else endRaw(socket, { failure: rawFailure(error, start, config), allow: null });
}

/** Writes the answer to the bare socket. */
function endRaw(socket: Duplex, { failure, allow }: Refusal): void {
  const { status, headers, body } = answerOf(failure);
  const all = {
    ...headers,
    ...(allow !== null && { allow }),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
}

function rawFailure(error: ConnectionError, start: string, config: Config): Failure {
  const limits = config.limits;
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW': {
      if (!start.includes('\n')) return uriTooLong(limits.urlBytes);
      return headersTooLarge(limits.headerBytes);
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Failure('REQUEST_TIMEOUT', `The headers took over ${limits.bodyIdleMs / 1000} s`, {
        details: { limit: `${limits.bodyIdleMs / 1000} s` },
      });
    default:
      return notHttp();
  }
}

interface Refusal {
  readonly failure: Failure;
  /** The methods that the path has; null: it has none. */
  readonly allow: string | null;
}

/** Why no route takes a request with this target, in the order of the contract: path, version, method. */
function refusalOf(target: string, matchers: readonly Matcher[]): Refusal {
  const path = decodedPath(target);
  const here = matchers.filter(({ pattern }) => pattern.test(path));
  const first = here[0];
  if (first === undefined) return { failure: failures.notFound(), allow: null };
  const version = first.pattern.exec(path)?.groups?.version;
  const allow = [...new Set(here.flatMap(({ route }) => methodsOf(route)))].join(', ');
  const isKnown = version === undefined || version === 'v7' || version === 'v8';
  return { failure: isKnown ? failures.method() : failures.version(), allow };
}

interface Matcher {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** What the limits say against the head of a request; null: nothing. */
function headProblem(request: IncomingMessage, limits: Config['limits']): Failure | null {
  const { url = '' } = request;
  if (request.httpVersion === '1.1' && request.headers.host === undefined) return notHttp();
  // A UTF-16 unit makes 3 bytes at most, so most need no counting.
  if (url.length * 3 > limits.urlBytes && Buffer.byteLength(url) > limits.urlBytes) return uriTooLong(limits.urlBytes);
  return headerBytes(request.rawHeaders) > limits.headerBytes ? headersTooLarge(limits.headerBytes) : null;
}

function notHttp(): Failure {
  return new Failure('INVALID_DATA', 'The request is not valid HTTP/1.1');
}

function uriTooLong(maxBytes: number): Failure {
  return new Failure('URI_TOO_LONG', `The request URL exceeds the limit of ${maxBytes} bytes`, {
    details: { limit: String(maxBytes) },
  });
}

function headersTooLarge(maxBytes: number): Failure {
  return new Failure('HEADERS_TOO_LARGE', `The headers exceed the limit of ${maxBytes} bytes`, {
    details: { limit: String(maxBytes) },
  });
}

/** As they stood in the request: names, values, and the four characters around them. */
function headerBytes(rawHeaders: readonly string[]): number {
  let sum = 0;
  for (const part of rawHeaders) sum += part.length + 2;
  return sum;
}

function methodsOf(route: Route): string[] {
  return route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
}

/** `GET http://host/path` is allowed by HTTP; only the path decides. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/';
}

function pathOf(url: string): string {
  const whole = originForm(url);
  const end = whole.search(/[?#]/);
  return end === -1 ? whole : whole.slice(0, end);
}

/** Without what stands behind the path, and without what looks like a token, wherever a client has put it. */
function loggedPath(url: string): string {
  const path = pathOf(url);
  return !path.includes('1000.') ? path : path.replace(/\b1000\.[A-Za-z0-9._-]+/g, '[token]');
}

function decodedPath(url: string): string {
  const path = pathOf(url).replace(/\/{2,}/g, '/');
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a broken escape is part of no route's path
  }
}

function routerPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function patternOf(path: string): RegExp {
  const source = path
    .split(/(\{\w+\})/)
    .map((part) => (part === '{version}' ? '(?<version>[^/]+)' : part.startsWith('{') ? '[^/]+' : RegExp.escape(part)))
    .join('');
  return new RegExp(`^${source}$`);
}
